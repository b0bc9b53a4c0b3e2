import type { MessageEntity } from 'grammy/types';
import { knownUser, type World } from '../world/world.ts';
import { badRequest } from './bot-api-error.ts';
import { optionalInteger, optionalList, text, wellFormed } from './parameters.ts';
import { isRecord, type Payload } from './request-payload.ts';

export const TEXT_LIMIT = 4096;
export const CAPTION_LIMIT = 1024;

const PLAIN_TYPES = [
  ...(['mention', 'hashtag', 'cashtag', 'bot_command', 'url', 'email', 'phone_number', 'bold', 'italic'] as const),
  ...(['underline', 'strikethrough', 'spoiler', 'blockquote', 'expandable_blockquote', 'code'] as const),
] satisfies MessageEntity.CommonMessageEntity['type'][];

export type FormattedText = { text: string; entities: MessageEntity[] };

/**
 * A text parameter with its entities, checked and trimmed as Telegram does. Throws 400 for entities outside the text or
 * inside a surrogate pair, unknown types, and for any parse_mode: this project formats by entities only.
 */
export function formattedText(world: World, payload: Payload, textName: string, entitiesName: string): FormattedText {
  if (text(payload, 'parse_mode') !== '')
    throw badRequest('unsupported parse_mode (the simulator takes entities only)');
  const raw = text(payload, textName);
  const entities = (optionalList(payload, entitiesName) ?? []).map((entity) => parseEntity(world, raw, entity));
  return trimmed(raw, entities);
}

function parseEntity(world: World, whole: string, value: unknown): MessageEntity {
  if (!isRecord(value)) throw badRequest("can't parse MessageEntity: expected an Object");
  const offset = optionalInteger(value, 'offset') ?? 0;
  const length = optionalInteger(value, 'length') ?? 0;
  if (offset < 0) throw badRequest(`receive an entity with incorrect offset ${offset}`);
  if (length < 0) throw badRequest(`receive an entity with incorrect length ${length}`);
  if (offset > whole.length) throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`);
  if (offset + length > whole.length) {
    const where = `at UTF-16 offset ${offset + length}`;
    throw badRequest(`entity beginning at UTF-16 offset ${offset} ends after the end of the text ${where}`);
  }
  if (splitsPair(whole, offset)) throw badRequest('entity begins in a middle of a UTF-16 symbol');
  if (splitsPair(whole, offset + length)) throw badRequest('entity ends in a middle of a UTF-16 symbol');
  return typedEntity(world, value, { offset, length });
}

function typedEntity(
  world: World,
  value: Record<string, unknown>,
  place: { offset: number; length: number },
): MessageEntity {
  const plain = PLAIN_TYPES.find((candidate) => candidate === value.type);
  if (plain !== undefined) return { type: plain, ...place };
  switch (value.type) {
    case 'pre': {
      const language = text(value, 'language');
      return { type: 'pre', ...place, ...(language === '' ? {} : { language }) };
    }
    case 'text_link': {
      if (value.url === undefined) throw badRequest('can\'t parse MessageEntity: Can\'t find field "url"');
      return { type: 'text_link', ...place, url: linkUrl(text(value, 'url')) };
    }
    case 'text_mention': {
      if (!isRecord(value.user)) throw badRequest('can\'t parse MessageEntity: Can\'t find field "user"');
      const user = knownUser(world, optionalInteger(value.user, 'id') ?? 0);
      if (user === undefined) throw badRequest('user not found');
      return { type: 'text_mention', ...place, user };
    }
    case 'custom_emoji':
      return { type: 'custom_emoji', ...place, custom_emoji_id: text(value, 'custom_emoji_id') };
    default:
      throw badRequest("can't parse MessageEntity: Unsupported type specified");
  }
}

function linkUrl(url: string): string {
  if (url === '') throw badRequest("entity URL '' is invalid: URL host is empty");
  const parsed = URL.parse(url.includes('://') ? url : `http://${url}`);
  const plausible = parsed !== null && (parsed.hostname.includes('.') || parsed.protocol === 'tg:');
  if (!plausible) throw badRequest(`entity URL '${url}' is invalid: Wrong HTTP URL`);
  return wellFormed(url);
}

function splitsPair(whole: string, index: number): boolean {
  const before = whole.charCodeAt(index - 1);
  const after = whole.charCodeAt(index);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

/** Removes white space on either side and moves the entities along. */
function trimmed(raw: string, entities: MessageEntity[]): FormattedText {
  const content = raw.trim();
  const removed = raw.length - raw.trimStart().length;
  const moved = entities.flatMap((entity) => {
    const offset = Math.max(0, entity.offset - removed);
    const end = Math.min(content.length, entity.offset + entity.length - removed);
    return end > offset ? [{ ...entity, offset, length: end - offset }] : [];
  });
  return { text: content, entities: moved };
}
