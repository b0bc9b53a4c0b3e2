import { FormattedString } from '@grammyjs/parse-mode';
import type { MessageEntity } from 'grammy/types';

/** Text with entities: the only way in which this bot formats anything, so any name arrives byte-identical. */
export type Text = FormattedString;
export { FormattedString, fmt } from '@grammyjs/parse-mode';

/** The Bot API's limits, in UTF-16 units after entity parsing. */
export const MAX_TEXT = 4096;
export const MAX_CAPTION = 1024;
export const MAX_TOAST = 200;

const ELLIPSIS = '…';
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The first `limit` UTF-16 units of `text`, ending in "…" when something was cut. Never splits a character as a person
 * sees it (surrogate pairs, joined emoji, combining marks). Lone surrogates become U+FFFD: Telegram refuses them.
 */
export function clip(text: string, limit: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= limit) return whole;
  let end = 0;
  for (const { index, segment } of characters.segment(whole.slice(0, limit + 64))) {
    if (index + segment.length > limit - ELLIPSIS.length) break;
    end = index + segment.length;
  }
  return whole.slice(0, end) + ELLIPSIS;
}

/** As `clip`, for text with entities: entities that reach beyond the cut end there. */
export function clipText(text: Text, limit: number): Text {
  const whole = text.rawText.toWellFormed();
  const clipped = clip(whole, limit);
  if (clipped === whole) return new FormattedString(whole, text.rawEntities);
  const kept = clipped.length - ELLIPSIS.length;
  const entities = text.rawEntities
    .filter((entity) => entity.offset < kept)
    .map((entity) => ({ ...entity, length: Math.min(entity.length, kept - entity.offset) }));
  return new FormattedString(clipped, entities);
}

/** Lines one under the other. */
export function lines(...items: (Text | string | undefined)[]): Text {
  return FormattedString.join(
    items.filter((item) => item !== undefined),
    '\n',
  );
}

/** `text` with bold, code and a link, without the template syntax. */
export const bold = (text: string): Text => FormattedString.bold(text);
export const code = (text: string): Text => FormattedString.code(text);
export const link = (text: string, url: string): Text => FormattedString.link(text, url);

/** A caption and its entities as Telegram sent them. */
export function textOf(text: string, entities: readonly MessageEntity[] = []): Text {
  return new FormattedString(text, [...entities]);
}
