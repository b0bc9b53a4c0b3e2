import type { InlineKeyboard } from 'grammy';
import { type BotContext, type Person, personOf, type TeamChat } from '../telegram/bot-context.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { Text } from '../telegram/text.ts';
import type { Chat, ChatRepository } from './chat-repository.ts';
import type { Page } from './setting-kinds.ts';
import { pageKeyboard } from './settings-keyboard.ts';
import { pageText } from './settings-messages.ts';
import type { SettingsRepository } from './settings-repository.ts';
import type { CategoryMix } from './settings-service.ts';

const HISTORY_LENGTH = 10;

export type View = { text: Text; keyboard: InlineKeyboard };
export type SettingsMenu = ReturnType<typeof createSettingsMenu>;

/** The menu of a chat's settings: its pages as they are now, and the message that shows them. */
export function createSettingsMenu(dependencies: {
  chats: Pick<ChatRepository, 'byId'>;
  settings: Pick<SettingsRepository, 'history'>;
  mix: Pick<CategoryMix, 'present'>;
  users: { names: (ids: readonly string[]) => Promise<Map<string, string>> };
  memberships: { teamsOf: (person: Person, now: Date) => Promise<TeamChat[]> };
}) {
  const { chats, settings, mix, users, memberships } = dependencies;

  async function historyOf(chat: Chat) {
    const rows = await settings.history(chat, HISTORY_LENGTH);
    const names = await users.names(rows.flatMap(({ actorId }) => (actorId === null ? [] : [actorId])));
    return rows.map((row) => ({
      ...row,
      by: (row.actorId === null ? 'the operator' : names.get(row.actorId)) ?? 'somebody',
    }));
  }

  return {
    /** A page as it is now; `notice` stands on top. */
    async page(chat: Chat, page: Page, now: Date, notice?: Text): Promise<View> {
      const shares = await mix.present(chat.id);
      const history = page === 'history' ? await historyOf(chat) : [];
      return {
        text: pageText({ chat, page, now, mix: shares, history, notice }),
        keyboard: pageKeyboard(chat, page, shares),
      };
    },

    /**
     * The chat that a button or an answer is about, when the sender may change it from here: in a group only that group,
     * in private the person's team chats. Undefined otherwise.
     */
    async chatFor(ctx: BotContext, chatId: number): Promise<Chat | undefined> {
      const chat = await chats.byId(chatId);
      if (!chat?.isActive || ctx.access.level !== 'admin') return undefined;
      const theirs = ctx.team ? [ctx.team] : await memberships.teamsOf(personOf(ctx), ctx.receivedAt);
      return theirs.some(({ id }) => id === chat.id) ? chat : undefined;
    },

    /** Puts a view into the message with the menu; sends it anew when that message is gone. Showing it twice is harmless. */
    async show(ctx: BotContext, place: { chatId: number; messageId: number }, view: View): Promise<void> {
      const options = { entities: view.text.entities, reply_markup: view.keyboard };
      try {
        await ctx.api.editMessageText(place.chatId, place.messageId, view.text.text, options);
      } catch (error) {
        const failure = classifyTelegramError(error)?.kind;
        if (failure === 'unchanged') return;
        if (failure !== 'gone') throw error;
        await ctx.api.sendMessage(place.chatId, view.text.text, options);
      }
    },
  };
}
