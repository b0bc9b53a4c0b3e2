import { element } from './elements.js';

/** Text with Telegram's entities as elements. `onCommand` is called when a command in the text is chosen. */
export function formattedText(text, entities = [], onCommand = () => {}) {
  const whole = document.createDocumentFragment();
  const ordered = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(whole, text, { start: 0, end: text.length }, ordered, onCommand);
  return whole;
}

/** Fills `parent` with a stretch of text; entities inside an entity become its children. */
function fill(parent, text, { start, end }, entities, onCommand) {
  let at = start;
  for (let index = 0; index < entities.length; ) {
    const entity = entities[index];
    const stop = Math.min(end, entity.offset + entity.length);
    const inner = [];
    for (index += 1; index < entities.length && entities[index].offset < stop; index += 1) inner.push(entities[index]);
    if (entity.offset > at) parent.append(text.slice(at, entity.offset));
    const child = elementFor(entity, text.slice(entity.offset, stop), onCommand);
    fill(child, text, { start: entity.offset, end: stop }, inner, onCommand);
    parent.append(child);
    at = stop;
  }
  if (at < end) parent.append(text.slice(at, end));
}

const TAGS = {
  bold: 'strong',
  italic: 'em',
  underline: 'u',
  strikethrough: 's',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
  expandable_blockquote: 'blockquote',
};

function elementFor(entity, words, onCommand) {
  const tag = TAGS[entity.type];
  if (tag !== undefined) return element(tag);
  switch (entity.type) {
    case 'text_link':
      return outsideLink(entity.url);
    case 'url':
      return outsideLink(words);
    case 'email':
      return element('a', { href: `mailto:${words}` });
    case 'bot_command':
      return element('button', { type: 'button', class: 'in-text', onclick: () => onCommand(words) });
    case 'mention':
    case 'text_mention':
    case 'hashtag':
    case 'cashtag':
      return element('span', { class: 'mention' });
    case 'spoiler':
      return element('span', { class: 'spoiler', tabindex: '0', title: 'Spoiler' });
    default:
      return element('span');
  }
}

function outsideLink(address) {
  const href = /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`;
  const safe = /^(https?|tg|mailto):/i.test(href) ? href : undefined;
  return element('a', { href: safe, target: '_blank', rel: 'noreferrer noopener' });
}
