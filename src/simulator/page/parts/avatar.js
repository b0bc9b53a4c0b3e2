import { html } from '../html.js';

const HUES = ['211', '152', '28', '275', '338', '190', '95'];

/** One of seven colours, always the same for the same id. */
export const hueOf = (id) => ({ '--hue': HUES[Math.abs(id) % HUES.length] });

const initials = (name) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase();

/** A coloured disc with the initials; the name itself always stands beside it. */
export const Avatar = ({ id, name }) => html`
  <span class="avatar" style=${hueOf(id)} aria-hidden="true">${initials(name)}</span>
`;
