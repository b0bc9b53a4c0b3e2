import type { Message, User } from 'grammy/types';
import { type ChatMessage, type ChatRecord, type StoredMessage, unixTime, type World } from './world.ts';

/** What a message says, without where and when. */
export type MessageContent = Omit<ChatMessage, 'message_id' | 'date' | 'chat' | 'from'>;

/** Puts a message into a chat; the bot hears of it only through `deliver`. */
export function post(world: World, record: ChatRecord, from: User, content: MessageContent): ChatMessage {
  const message: ChatMessage = {
    message_id: nextMessageId(world, record),
    from,
    chat: record.chat,
    date: unixTime(world),
    ...content,
  };
  record.messages.set(message.message_id, { message, versions: [], reactions: new Map() });
  if (from.id === world.bot.id) record.lastBotMessageId = message.message_id;
  world.changes.emit({ kind: 'message', chatId: record.chat.id, messageId: message.message_id });
  return message;
}

/** Supergroups count for themselves; private chats and basic groups share one count, as a Telegram account does. */
function nextMessageId(world: World, record: ChatRecord): number {
  if (record.chat.type === 'supergroup') return ++record.lastMessageId;
  return ++world.counters.message;
}

/** Replaces the current content of a message by `next` and keeps the old one in `versions`. */
export function replaceMessage(world: World, stored: StoredMessage, next: ChatMessage): ChatMessage {
  if (world.keepHistory) stored.versions.push(stored.message);
  stored.message = next;
  world.changes.emit({ kind: 'message', chatId: next.chat.id, messageId: next.message_id });
  return next;
}

/** Deletes a message if it is still there. */
export function removeMessage(world: World, record: ChatRecord, messageId: number): boolean {
  const existed = record.messages.delete(messageId);
  if (existed) world.changes.emit({ kind: 'deleted', chatId: record.chat.id, messageId });
  return existed;
}

type OriginalMessage = NonNullable<Message['reply_to_message']>;

/** The field by which a message answers another one of the same chat; nothing when that one is gone. */
export function replyTo(record: ChatRecord, messageId: number | undefined): { reply_to_message?: OriginalMessage } {
  const stored = messageId === undefined ? undefined : record.messages.get(messageId);
  if (stored === undefined) return {};
  const { reply_to_message: _nested, ...original } = stored.message;
  return isOriginal(original) ? { reply_to_message: original } : {};
}

/** grammY's type asks for a `reply_to_message` that is undefined; a message without the field is one. */
function isOriginal(message: object): message is OriginalMessage {
  return !('reply_to_message' in message);
}
