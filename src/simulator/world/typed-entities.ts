import type { MessageEntity } from 'grammy/types';

type TypedKind = 'bot_command' | 'mention' | 'url' | 'email' | 'hashtag';

/** What Telegram finds in a text by itself. Order decides when two would overlap. */
const PATTERNS: readonly { type: TypedKind; pattern: RegExp }[] = [
  { type: 'url', pattern: /\bhttps?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]]/giu },
  { type: 'email', pattern: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu },
  { type: 'bot_command', pattern: /(?<![\w/@.])\/[a-z0-9_]{1,64}(?:@[a-z0-9_]{3,32})?(?![\w/])/giu },
  { type: 'mention', pattern: /(?<![\w/@.])@[a-z0-9_]{3,32}(?!\w)/giu },
  { type: 'hashtag', pattern: /(?<![\w#/])#(?=[\p{L}\p{N}_]*\p{L})[\p{L}\p{N}_]+/gu },
];
/** Inside these nothing is looked for; bold and the like may surround a mention. */
const OPAQUE = new Set<string>(['pre', 'code', 'text_link', 'text_mention', 'custom_emoji', 'date_time']);

/**
 * The entities of a text: the given ones and those that Telegram recognises itself (commands, mentions, addresses),
 * in Telegram's order.
 */
export function withTypedEntities(text: string, given: readonly MessageEntity[] = []): MessageEntity[] {
  const entities = [...given];
  const overlaps = (offset: number, length: number) =>
    entities.some(
      (other) =>
        (OPAQUE.has(other.type) || PATTERNS.some(({ type }) => type === other.type)) &&
        offset < other.offset + other.length &&
        other.offset < offset + length,
    );
  for (const { type, pattern } of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const length = match[0].length;
      if (!overlaps(match.index, length)) entities.push({ type, offset: match.index, length });
    }
  }
  return entities.sort((a, b) => a.offset - b.offset || b.length - a.length);
}
