import { botIsMember } from '../world/visibility.ts';
import { type ChatRecord, type StoredMessage, unixTime, type World } from '../world/world.ts';
import { badRequest, forbidden } from './bot-api-error.ts';
import { integer, text } from './parameters.ts';
import type { Payload } from './request-payload.ts';

/** What the bot wants in a chat: to see that it exists, to change what is there, or to write something new. */
export type Purpose = 'look' | 'see members' | 'change' | 'write';

/**
 * The chat that a request names. Throws what the Bot API answers when it does not exist (400), was upgraded (400 with
 * `migrate_to_chat_id`), or when the bot may not be there: never started, blocked, kicked, not a member (403).
 */
export function targetChat(world: World, payload: Payload, purpose: Purpose, name = 'chat_id'): ChatRecord {
  const word = text(payload, name).trim();
  if (word === '') throw badRequest(`${name} is empty`);
  const id = Number(word);
  const record = Number.isSafeInteger(id) ? world.chats.get(id) : undefined;
  if (record === undefined) throw badRequest('chat not found');
  if (record.chat.type === 'private') assertPrivateAccess(record, purpose);
  else assertGroupAccess(world, record, purpose);
  return record;
}

function assertPrivateAccess(record: ChatRecord, purpose: Purpose): void {
  if (purpose === 'look') return;
  if (purpose === 'see members' && !record.started) throw badRequest('chat not found');
  if (!record.started) throw forbidden("bot can't initiate conversation with a user");
  if (record.blocked && purpose === 'write') throw forbidden('bot was blocked by the user');
}

function assertGroupAccess(world: World, record: ChatRecord, purpose: Purpose): void {
  if (record.migratedTo !== undefined && purpose !== 'look') {
    throw badRequest('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: record.migratedTo });
  }
  if (botIsMember(world, record) || (record.migratedTo !== undefined && purpose === 'look')) return;
  const status = record.members.get(world.bot.id)?.status;
  if (status === 'kicked') throw forbidden(`bot was kicked from the ${record.chat.type} chat`);
  throw forbidden(`bot is not a member of the ${record.chat.type} chat`);
}

/** The message that a request names by `message_id`. `missing` is what the method says when it is not there. */
export function targetMessage(record: ChatRecord, payload: Payload, missing: string): StoredMessage {
  const messageId = integer(payload, 'message_id', 'message identifier is not specified');
  const stored = record.messages.get(messageId);
  if (stored === undefined) throw badRequest(missing);
  return stored;
}

/** Deleting is allowed for 48 hours, other people's messages only in private or to an administrator. */
export function assertDeletable(world: World, record: ChatRecord, stored: StoredMessage): void {
  const { message } = stored;
  const isAdministrator = record.members.get(world.bot.id)?.status === 'administrator';
  if (unixTime(world) - message.date > 48 * 3600 && !(isAdministrator && record.chat.type === 'supergroup')) {
    throw badRequest("message can't be deleted for everyone");
  }
  const own = message.from.id === world.bot.id;
  if (!own && record.chat.type !== 'private' && !isAdministrator) throw badRequest("message can't be deleted");
}
