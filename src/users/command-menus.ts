import type { Api } from 'grammy';
import type { BotCommandScope } from 'grammy/types';
import type { Logger } from '../lib/logger.ts';
import { commandsFor } from '../telegram/bot-commands.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';

export type CommandMenus = ReturnType<typeof createCommandMenus>;

type Level = 'admin' | 'member' | 'guest';

/**
 * The command menus that Telegram shows, per scope: everybody's in private, the team's in its groups, and each person's
 * own in their private chat. A menu is no authorization, so a menu that cannot be set is logged and nothing more.
 */
export function createCommandMenus({
  api,
  logger,
}: {
  api: Pick<Api, 'setMyCommands' | 'deleteMyCommands'>;
  logger: Logger;
}) {
  async function attempt(scope: BotCommandScope, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!classifyTelegramError(error)) throw error;
      logger.warn({ err: error, scope }, 'a command menu could not be set');
    }
  }

  function set(scope: BotCommandScope, level: Level): Promise<void> {
    const commands = commandsFor(level).map(({ command, summary }) => ({ command, description: summary }));
    return attempt(scope, () => api.setMyCommands(commands, { scope }));
  }

  /** The wider scope's menu shows again. */
  function reset(scope: BotCommandScope): Promise<void> {
    return attempt(scope, () => api.deleteMyCommands({ scope }));
  }

  /** In a team chat: the members' menu, and the admins' for them. */
  async function showInChat(chatId: number, adminIds: readonly number[]): Promise<void> {
    await set({ type: 'chat', chat_id: chatId }, 'member');
    for (const userId of adminIds) await set({ type: 'chat_member', chat_id: chatId, user_id: userId }, 'admin');
  }

  return {
    /** At start: the menus of everybody, of the team chats, and of the admins in them. */
    async showAll(chatIds: readonly number[], adminIds: readonly number[]): Promise<void> {
      await set({ type: 'default' }, 'guest');
      for (const chatId of chatIds) await showInChat(chatId, adminIds);
    },

    showInChat,

    /** In a person's private chat, after /start there. */
    showTo(telegramUserId: number, level: Level): Promise<void> {
      return set({ type: 'chat', chat_id: telegramUserId }, level);
    },

    /** Wherever a person looks, after their role changed: in private if they have started the bot, and in their team chats. */
    async showChange(person: {
      telegramUserId: number;
      hasStartedBot: boolean;
      chatIds: readonly number[];
      level: Level | 'none';
    }): Promise<void> {
      const { telegramUserId, level } = person;
      const own: BotCommandScope = { type: 'chat', chat_id: telegramUserId };
      if (person.hasStartedBot) await (level === 'none' ? reset(own) : set(own, level));
      for (const chatId of person.chatIds) {
        const scope: BotCommandScope = { type: 'chat_member', chat_id: chatId, user_id: telegramUserId };
        // A member's menu is that of the chat; the others need one of their own there.
        await (level === 'member' ? reset(scope) : set(scope, level === 'admin' ? 'admin' : 'guest'));
      }
    },
  };
}
