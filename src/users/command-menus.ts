import type { Api } from 'grammy';
import type { BotCommandScope } from 'grammy/types';
import type { Logger } from '../lib/logger.ts';
import { commandsFor } from '../telegram/bot-commands.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';

export type CommandMenus = ReturnType<typeof createCommandMenus>;

/**
 * The command menus that Telegram shows, per scope: everybody's in private, the team's in its groups, and each person's
 * own in their private chat. A menu is no authorization, so a menu that cannot be set is logged and nothing more.
 */
export function createCommandMenus({ api, logger }: { api: Pick<Api, 'setMyCommands'>; logger: Logger }) {
  async function set(scope: BotCommandScope, level: 'admin' | 'member' | 'guest'): Promise<void> {
    const commands = commandsFor(level).map(({ command, summary }) => ({ command, description: summary }));
    try {
      await api.setMyCommands(commands, { scope });
    } catch (error) {
      if (!classifyTelegramError(error)) throw error;
      logger.warn({ err: error, scope }, 'a command menu could not be set');
    }
  }

  return {
    /** At start: the menus of everybody, of the team chats, and of the admins in them. */
    async showAll(chatIds: readonly number[], adminIds: readonly number[]): Promise<void> {
      await set({ type: 'default' }, 'guest');
      for (const chatId of chatIds) {
        await set({ type: 'chat', chat_id: chatId }, 'member');
        for (const userId of adminIds) await set({ type: 'chat_member', chat_id: chatId, user_id: userId }, 'admin');
      }
    },

    /** In a person's private chat, after /start there. */
    showTo(telegramUserId: number, level: 'admin' | 'member' | 'guest'): Promise<void> {
      return set({ type: 'chat', chat_id: telegramUserId }, level);
    },
  };
}
