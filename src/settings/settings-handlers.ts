import { Composer, InlineKeyboard } from 'grammy';
import { type BotContext, note, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { clip, fmt, MAX_TOAST, type Text } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import { changeMessage } from './change-messages.ts';
import type { Chat, ChatRepository } from './chat-repository.ts';
import { PAGES, type Page, type Patch } from './setting-kinds.ts';
import { MIX_KEY, pageOf, settingOf } from './setting-list.ts';
import { reasonMark } from './settings-keyboard.ts';
import type { SettingsMenu, View } from './settings-menu.ts';
import type { ChangeResult } from './settings-repository.ts';
import type { SettingsService } from './settings-service.ts';
import { findTimeZone } from './time-zones.ts';

const BUTTON = /^settings:[a-z]+:-?\d+(\.|$)/;

/** Pauses and resumes posting (queue/pause-switch). */
type PauseSwitch = Record<
  'pause' | 'resume',
  (
    chat: Chat,
    act: { by: string; now: Date },
  ) => Promise<{ kind: 'done' | 'noop'; notice: Text } | { kind: 'question'; question: View }>
>;

type Press = { action: string; more: string; chat: Chat };

/**
 * `/settings` and the buttons of its menu. Every press asks anew who the sender is and whether the menu's chat is theirs,
 * and shows the page as it is now, so an old menu cannot mislead for longer than one press.
 */
export function settingsHandlers(dependencies: {
  settingsMenu: SettingsMenu;
  settings: Pick<SettingsService, 'change' | 'changeMix'>;
  chats: Pick<ChatRepository, 'byId'>;
  chooseTeam: (ctx: BotContext, button: { feature: string; action: string }) => Promise<TeamChat | undefined>;
  /** Asks for a typed value (settings-conversation). */
  askForValue: (ctx: BotContext, chat: Chat, key: string) => Promise<void>;
  pauseSwitch: PauseSwitch;
}): Composer<BotContext> {
  const { settingsMenu: menu, settings, chats, chooseTeam, askForValue, pauseSwitch } = dependencies;
  const handlers = new Composer<BotContext>();

  handlers.filter(isCommand('settings'), requireAdmin, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'settings', action: 'show' });
    const chat = team && (await chats.byId(team.id));
    if (!chat) return;
    const { text, keyboard } = await menu.page(chat, 'main', ctx.receivedAt);
    await ctx.reply(text.text, { entities: text.entities, reply_markup: keyboard });
  });

  async function showView(ctx: BotContext, view: View): Promise<void> {
    const message = ctx.callbackQuery?.message;
    if (message) await menu.show(ctx, { chatId: message.chat.id, messageId: message.message_id }, view);
  }

  async function showPage(ctx: BotContext, chat: Chat, page: Page, notice?: Text): Promise<void> {
    await showView(ctx, await menu.page(chat, page, ctx.receivedAt, notice));
  }

  /** The new state in the message, what happened as a toast and on top of the page. */
  async function showResult(ctx: BotContext, key: string, page: Page, result: ChangeResult): Promise<void> {
    if (result.kind === 'unchanged') setOutcome(ctx, 'noop');
    // What a transaction has written is not written again.
    else if (ctx.interaction) ctx.interaction.isRecorded = true;
    const text = changeMessage(key, result, ctx.receivedAt);
    const [firstLine = ''] = text.text.split('\n');
    await ctx.answerTap({ text: clip(firstLine, MAX_TOAST), show_alert: false });
    await showPage(ctx, result.chat, page, text);
  }

  async function changeByTap(ctx: BotContext, chat: Chat, key: string, decide: (chat: Chat) => Patch) {
    note(ctx, { setting: key, about_chat_id: chat.id });
    const change = { chatId: chat.id, by: personOf(ctx).id, now: ctx.receivedAt, interaction: ctx.interaction };
    const result = await settings.change(key, change, decide);
    await showResult(ctx, key, pageOf(key), result);
  }

  async function switchPosting(ctx: BotContext, chat: Chat, to: 'pause' | 'resume'): Promise<void> {
    note(ctx, { about_chat_id: chat.id });
    const result = await pauseSwitch[to](chat, { by: personOf(ctx).id, now: ctx.receivedAt });
    await ctx.answerTap({ text: '', show_alert: false });
    if (result.kind === 'question') {
      const { text, keyboard } = result.question;
      await ctx.reply(text.text, { entities: text.entities, reply_markup: keyboard });
      return;
    }
    if (result.kind === 'noop') setOutcome(ctx, 'noop');
    await showPage(ctx, (await chats.byId(chat.id)) ?? chat, 'main', result.notice);
  }

  const presses: Readonly<Record<string, (ctx: BotContext, press: Press) => Promise<void>>> = {
    async show(ctx, { chat }) {
      await ctx.answerTap({ text: '', show_alert: false });
      await showPage(ctx, chat, 'main');
    },

    async page(ctx, { chat, more }) {
      await ctx.answerTap({ text: '', show_alert: false });
      await showPage(ctx, chat, PAGES.find((page) => page === more) ?? 'main');
    },

    pause: (ctx, { chat }) => switchPosting(ctx, chat, 'pause'),
    resume: (ctx, { chat }) => switchPosting(ctx, chat, 'resume'),

    async set(ctx, { chat, more }) {
      const [key = '', value = ''] = more.split('.', 2);
      const setting = settingOf(key);
      if (setting?.kind !== 'toggle' || !setting.values.includes(value)) return notValid(ctx);
      await changeByTap(ctx, chat, key, () => setting.patch(value));
    },

    async drop(ctx, { chat, more }) {
      await changeByTap(ctx, chat, 'reject_reasons', ({ rejectReasons }) => ({
        rejectReasons: rejectReasons.filter((reason) => reasonMark(reason) !== more),
      }));
    },

    async zone(ctx, { chat, more }) {
      const timeZone = findTimeZone(more);
      if (!timeZone) return notValid(ctx);
      await changeByTap(ctx, chat, 'time_zone', () => ({ timeZone }));
    },

    async even(ctx, { chat }) {
      note(ctx, { setting: MIX_KEY, about_chat_id: chat.id });
      const change = { chatId: chat.id, by: personOf(ctx).id, now: ctx.receivedAt, interaction: ctx.interaction };
      await showResult(ctx, MIX_KEY, 'mix', await settings.changeMix({ ...change, shares: [] }));
    },

    async edit(ctx, { chat, more }) {
      if (more !== MIX_KEY && settingOf(more)?.kind !== 'typed') return notValid(ctx);
      note(ctx, { setting: more, about_chat_id: chat.id });
      await ctx.answerTap({ text: '', show_alert: false });
      await askForValue(ctx, chat, more);
    },

    // The question itself has ended on its way here (open-questions): what is left is the menu.
    async cancel(ctx, { chat, more }) {
      if (more !== String(ctx.from?.id)) {
        setOutcome(ctx, 'noop');
        const text = 'Somebody else was asked. /settings opens a menu of your own.';
        return ctx.answerTap({ text, show_alert: true });
      }
      await ctx.answerTap({ text: 'Nothing was changed.', show_alert: false });
      await showPage(ctx, chat, 'main');
    },

    async close(ctx) {
      await ctx.answerTap({ text: '', show_alert: false });
      await showView(ctx, { text: fmt`⚙️ Settings closed.`, keyboard: new InlineKeyboard() });
    },
  };

  handlers.callbackQuery(BUTTON, requireAdmin, async (ctx) => {
    const [, action = '', rest = ''] = ctx.callbackQuery.data.split(':');
    const press = Object.hasOwn(presses, action) ? presses[action] : undefined;
    if (!press) return notValid(ctx);
    const dot = rest.indexOf('.');
    const chat = await menu.chatFor(ctx, Number(dot < 0 ? rest : rest.slice(0, dot)));
    if (!chat) {
      setOutcome(ctx, 'denied');
      return ctx.answerTap({ text: 'That is not one of your chats.', show_alert: true });
    }
    await press(ctx, { action, chat, more: dot < 0 ? '' : rest.slice(dot + 1) });
  });

  return handlers;
}

async function notValid(ctx: BotContext): Promise<void> {
  setOutcome(ctx, 'noop');
  await ctx.answerTap({ text: 'This button is not valid any more. Send /settings for a new menu.', show_alert: true });
}
