import type { Api } from 'grammy';
import type { Logger } from '../lib/logger.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { Text } from '../telegram/text.ts';

export type TellPerson = (
  person: { telegramUserId: number | null; hasStartedBot: boolean },
  text: Text,
) => Promise<void>;

/**
 * Says something to one person in private, if they have started the bot (it may not write first). Never throws for
 * Telegram's sake: what does not arrive is in the log, and nothing depends on it.
 */
export function createTellPerson({ api, logger }: { api: Pick<Api, 'sendMessage'>; logger: Logger }): TellPerson {
  return async ({ telegramUserId, hasStartedBot }, text) => {
    if (telegramUserId === null || !hasStartedBot) return;
    try {
      await api.sendMessage(telegramUserId, text.text, { entities: text.entities });
    } catch (error) {
      if (!classifyTelegramError(error)) throw error;
      logger.warn({ err: error, telegramUserId }, 'a person could not be told something');
    }
  };
}
