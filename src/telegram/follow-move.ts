import { classifyTelegramError } from './telegram-errors.ts';

/**
 * Calls Telegram about a chat. When that has become a supergroup, and the news of it still waits behind the present update,
 * Telegram refuses the old id and names the new one: then once more there. Throws what the (second) call throws.
 */
export async function followMove<T>(chatId: number, call: (chatId: number) => Promise<T>): Promise<T> {
  try {
    return await call(chatId);
  } catch (error) {
    const failure = classifyTelegramError(error);
    if (failure?.kind !== 'moved') throw error;
    return call(failure.chatId);
  }
}
