import type { Api } from 'grammy';
import type { Place } from '../interactions/figures-messages.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';

/** A chat action is shown for five seconds at most. */
const ACTION_EVERY_MS = 4_500;
/** Beyond this a sign alone makes people ask again. */
const SLOW_AFTER_MS = 6_000;

/**
 * Does something that a chat waits for: Telegram shows that the bot is at it, and what takes long is announced by a line that goes
 * when it is done. Throws what `work` throws; signs that Telegram does not take are no failure.
 */
export async function withProgress<T>(
  api: Pick<Api, 'sendChatAction' | 'sendMessage' | 'deleteMessage'>,
  { chatId, topicId }: Place,
  work: () => Promise<T>,
  { slowAfterMs = SLOW_AFTER_MS }: { slowAfterMs?: number } = {},
): Promise<T> {
  const topic = topicId === undefined ? {} : { message_thread_id: topicId };
  const showAction = () => unlessRefused(() => api.sendChatAction(chatId, 'upload_photo', topic));
  const signs: Promise<unknown>[] = [showAction()];
  let line: Promise<{ message_id: number } | undefined> = Promise.resolve(undefined);
  const beat = setInterval(() => signs.push(showAction()), ACTION_EVERY_MS);
  const slow = setTimeout(() => {
    const words = '⏳ Still reading the figures. The report comes by itself.';
    line = unlessRefused(() => api.sendMessage(chatId, words, topic));
  }, slowAfterMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    clearTimeout(slow);
    await Promise.all(signs);
    const said = await line;
    if (said) await unlessRefused(() => api.deleteMessage(chatId, said.message_id));
  }
}

async function unlessRefused<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!classifyTelegramError(error)) throw error;
    return undefined;
  }
}
