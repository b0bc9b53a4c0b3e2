import { html } from '../html.js';
import { Entity } from './entity.js';

/** Text with Telegram's entities as elements; entities inside an entity become its children. */
export function FormattedText({ text, entities = [], pane }) {
  const ordered = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return html`${stretch(text, { start: 0, end: text.length }, ordered, pane)}`;
}

const BLOCKS = new Set(['pre', 'blockquote', 'expandable_blockquote']);

function stretch(text, { start, end }, entities, pane) {
  const parts = [];
  let at = start;
  for (let index = 0; index < entities.length; ) {
    const entity = entities[index];
    const stop = Math.min(end, entity.offset + entity.length);
    const inner = [];
    for (index += 1; index < entities.length && entities[index].offset < stop; index += 1) inner.push(entities[index]);
    if (entity.offset > at) parts.push(text.slice(at, entity.offset));
    const words = text.slice(entity.offset, stop);
    const range = { start: entity.offset, end: stop };
    parts.push(
      html`<${Entity} entity=${entity} words=${words} pane=${pane}>${stretch(text, range, inner, pane)}</${Entity}>`,
    );
    // A block ends its line by itself; the line break after it would be an empty line.
    at = BLOCKS.has(entity.type) && text[stop] === '\n' && stop < end ? stop + 1 : stop;
  }
  if (at < end) parts.push(text.slice(at, end));
  return parts;
}
