import { createHash } from 'node:crypto';
import type { CallbackQuery, InlineKeyboardButton, MaybeInaccessibleMessage, Update, User } from 'grammy/types';
import type { TapAnswer } from './callback-queries.ts';
import { botIsMember } from './visibility.ts';
import type { ChatMessage, ChatRecord, World } from './world.ts';

/** Sends a callback query to the bot and waits for its answer. */
export function sendTap(
  world: World,
  from: User,
  record: ChatRecord,
  message: MaybeInaccessibleMessage,
  data: string,
): Promise<TapAnswer | 'expired'> {
  const { id, answer } = world.queries.begin();
  const query: CallbackQuery = { id, from, message, chat_instance: chatInstance(record), data };
  if (record.chat.type === 'private' || botIsMember(world, record)) world.updates.add({ callback_query: query });
  return answer;
}

/** The same number for every tap in a chat. */
function chatInstance(record: ChatRecord): string {
  return String(createHash('sha256').update(String(record.chat.id)).digest().readBigInt64BE(0));
}

/** What the bot is shown of the message: its current content, or that it cannot be accessed any more. */
export function tappedMessage(
  record: ChatRecord,
  options: { messageId?: number; inaccessible?: boolean },
): MaybeInaccessibleMessage {
  const messageId = options.messageId ?? record.lastBotMessageId;
  if (messageId === undefined) throw new Error(`Chat ${record.chat.id} has no message of the bot to tap on`);
  const current = record.messages.get(messageId)?.message;
  if (current !== undefined && options.inaccessible !== true) return current;
  return { chat: record.chat, message_id: messageId, date: 0 };
}

/**
 * The callback data of the button that a person means: exact label, else a label with these words, else exact data.
 * Throws, naming the buttons there are, when there is no such button or it does something else than call back.
 */
export function buttonData(message: ChatMessage, labelOrData: string): string {
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  const words = labelOrData.toLowerCase();
  const button =
    buttons.find((candidate) => candidate.text === labelOrData) ??
    buttons.find((candidate) => candidate.text.toLowerCase().includes(words)) ??
    buttons.find((candidate) => dataOf(candidate) === labelOrData);
  if (button === undefined) {
    const shown = buttons.map((candidate) => `"${candidate.text}"`).join(', ') || 'no buttons';
    throw new Error(`Message ${message.message_id} has no button "${labelOrData}"; it shows ${shown}`);
  }
  const data = dataOf(button);
  if (data === undefined) throw new Error(`The button "${button.text}" sends nothing to the bot`);
  return data;
}

function dataOf(button: InlineKeyboardButton): string | undefined {
  return 'callback_data' in button ? button.callback_data : undefined;
}

/** The same update once more; with a new query id, as when a client sends a tap a second time. */
export function redeliver(
  world: World,
  update: Update,
  options: { newUpdateId?: boolean; newQueryId?: boolean },
): Update {
  const query = update.callback_query;
  const copy =
    query !== undefined && options.newQueryId === true
      ? { ...update, callback_query: { ...query, id: world.queries.begin().id } }
      : update;
  return world.updates.redeliver(copy, options.newUpdateId ?? options.newQueryId ?? false);
}
