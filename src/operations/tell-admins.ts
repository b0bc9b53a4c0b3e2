import type { Api } from 'grammy';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { UserRepository } from '../users/user-repository.ts';

export type TellAdmins = (sentence: string) => Promise<void>;

/**
 * Says something to whoever looks after the bot: ADMIN_CHAT_ID when it is set, else the admins who have started the bot
 * in private, else the first team chat (DESIGN, section 6). Never throws for Telegram's sake; what reached nobody is in the log.
 */
export function createTellAdmins(dependencies: {
  api: Pick<Api, 'sendMessage'>;
  users: Pick<UserRepository, 'admins'>;
  chats: Pick<ChatRepository, 'active'>;
  adminChatId: number | undefined;
  logger: Logger;
}): TellAdmins {
  const { api, users, chats, adminChatId, logger } = dependencies;

  async function targets(): Promise<number[]> {
    if (adminChatId !== undefined) return [adminChatId];
    const admins = await users.admins();
    const reachable = admins.flatMap((admin) =>
      admin.hasStartedBot && admin.telegramUserId ? [admin.telegramUserId] : [],
    );
    return reachable.length > 0 ? reachable : (await chats.active()).slice(0, 1).map(({ id }) => id);
  }

  return async (sentence) => {
    logger.warn({ notice: sentence }, 'notice to the admins');
    for (const target of await targets()) {
      try {
        await api.sendMessage(target, sentence);
      } catch (error) {
        if (!classifyTelegramError(error)) throw error;
        logger.warn({ err: error, target }, 'a notice did not reach its target');
      }
    }
  };
}
