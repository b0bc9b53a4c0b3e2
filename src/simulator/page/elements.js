/** Making elements without a library. */

/** `element('button', { class: 'x', onclick }, 'Label', child)`; properties that are functions become listeners. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (key === 'style') setStyle(made, value);
    else if (typeof value === 'function') made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

/** Styles from `{ name: value }`. The page's policy allows no style attributes, but what a script sets. */
export function setStyle(target, styles) {
  for (const [name, value] of Object.entries(styles)) target.style.setProperty(name, value);
}

/** A line icon from its path. */
export function icon(path) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

export const byId = (id) => document.getElementById(id);

/** One of seven colours, always the same for the same id. */
export const hueOf = (id) => ({ '--hue': String([211, 152, 28, 275, 338, 190, 95][Math.abs(id) % 7]) });

export const initials = (name) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase();

let toastTimer;
/** A short sentence that goes away by itself. */
export function toast(words) {
  const place = byId('toast');
  place.textContent = words;
  place.classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.classList.remove('shown'), 3500);
}

/** A sentence that has to be confirmed. */
export function alertDialog(words) {
  byId('alert-text').textContent = words;
  byId('alert').showModal();
}
