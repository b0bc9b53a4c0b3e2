import { Composer, type InlineKeyboard } from 'grammy';
import { isLockTimeout } from '../db/database-errors.ts';
import { type BotContext, note, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { requireAdmin, requireMember } from '../telegram/require-level.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { Text } from '../telegram/text.ts';
import { commandArguments, isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import { liftedMessage, liftQuestion, locksMessage, PAGE_SIZE } from './locks-messages.ts';
import type { Lifted, LocksRepository } from './locks-repository.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const LIFTED_ALREADY = 'That rejection is lifted already.';
const NOT_YOURS = 'That is not one of your chats.';

/** `/locks`: what may not be queued. `/unreject`: what is rejected for ever, and how it is freed. */
export function locksHandlers(dependencies: { locks: LocksRepository; chooseTeam: ChooseTeam }): Composer<BotContext> {
  const { locks, chooseTeam } = dependencies;
  const handlers = new Composer<BotContext>();

  async function pageOf(ctx: BotContext, team: TeamChat, wanted: number, isPermanentOnly: boolean) {
    const counts = await locks.count(ctx.receivedAt);
    const total = isPermanentOnly ? counts.permanent : counts.permanent + counts.resting;
    // There may be fewer than when the button was sent.
    const page = Math.max(0, Math.min(wanted, Math.ceil(total / PAGE_SIZE) - 1));
    const shown = await locks.page(ctx.receivedAt, { limit: PAGE_SIZE, offset: page * PAGE_SIZE, isPermanentOnly });
    note(ctx, { items_shown: shown.length, total_locked: total });
    const isAdmin = ctx.access.level === 'admin';
    const { id: chatId, timeZone } = team;
    return locksMessage({
      chatId,
      timeZone,
      locks: shown,
      counts,
      page,
      isPermanentOnly,
      isAdmin,
      now: ctx.receivedAt,
    });
  }

  async function edit(ctx: BotContext, { text, keyboard }: { text: Text; keyboard: InlineKeyboard }): Promise<void> {
    try {
      await ctx.editMessageText(text.text, { entities: text.entities, reply_markup: keyboard });
    } catch (error) {
      // Tapped twice: it is shown already.
      if (classifyTelegramError(error)?.kind !== 'unchanged') throw error;
    }
  }

  handlers.filter(isCommand('locks'), requireMember, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'locks', action: 'page' });
    if (!team) return;
    const { text, keyboard } = await pageOf(ctx, team, 0, false);
    await ctx.reply(text.text, { entities: text.entities, reply_markup: keyboard });
  });

  handlers.filter(isCommand('unreject'), requireAdmin, async (ctx) => {
    if (commandArguments(ctx) !== '') {
      setOutcome(ctx, 'failed');
      await ctx.reply('Send /unreject alone: it lists what is rejected, with a button for each.');
      return;
    }
    const team = await chooseTeam(ctx, { feature: 'locks', action: 'rejected' });
    if (!team) return;
    const { text, keyboard } = await pageOf(ctx, team, 0, true);
    await ctx.reply(text.text, { entities: text.entities, reply_markup: keyboard });
  });

  async function turn(ctx: BotContext, isPermanentOnly: boolean): Promise<void> {
    const team = await chooseTeam(ctx, { feature: 'locks', action: 'page' });
    if (!team) return ctx.answerTap({ text: NOT_YOURS, show_alert: true });
    await edit(ctx, await pageOf(ctx, team, Number(ctx.callbackQuery?.data?.split('.')[1] ?? 0), isPermanentOnly));
    await ctx.answerTap({ text: '', show_alert: false });
  }

  // `<chat>` chooses the chat, `<chat>.<page>` turns the page: both show it in the same message.
  handlers.callbackQuery(/^locks:page:-?\d+(\.\d{1,4})?$/, requireMember, (ctx) => turn(ctx, false));
  handlers.callbackQuery(/^locks:rejected:-?\d+(\.\d{1,4})?$/, requireAdmin, (ctx) => turn(ctx, true));

  handlers.callbackQuery(new RegExp(`^locks:ask:-?\\d+\\.(${UUID})$`), requireAdmin, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'locks', action: 'rejected' });
    if (!team) return ctx.answerTap({ text: NOT_YOURS, show_alert: true });
    const lock = await locks.permanent(ctx.match[1] ?? '');
    if (!lock) return lapsed(ctx);
    await edit(ctx, liftQuestion(lock, team.id, team.timeZone, ctx.receivedAt));
    await ctx.answerTap({ text: '', show_alert: false });
  });

  handlers.callbackQuery(new RegExp(`^locks:lift:-?\\d+\\.(${UUID})$`), requireAdmin, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'locks', action: 'rejected' });
    if (!team) return ctx.answerTap({ text: NOT_YOURS, show_alert: true });
    const person = personOf(ctx);
    const lifted = await lift(ctx.match[1] ?? '', person.id, ctx.receivedAt);
    if (lifted === 'busy') {
      setOutcome(ctx, 'noop');
      return ctx.answerTap({ text: 'Busy just now: please tap again.', show_alert: false });
    }
    if (!lifted) return lapsed(ctx);
    note(ctx, { media_filename: lifted.label });
    await ctx.answerTap({ text: 'Lifted.', show_alert: false });
    const facts = { lifted, by: person.name, chatId: team.id, timeZone: team.timeZone, now: ctx.receivedAt };
    await edit(ctx, liftedMessage(facts));
  });

  async function lift(id: string, userId: string, now: Date): Promise<Lifted | 'busy' | undefined> {
    try {
      return await locks.lift(id, { userId, now });
    } catch (error) {
      if (isLockTimeout(error)) return 'busy';
      throw error;
    }
  }

  function lapsed(ctx: BotContext): Promise<void> {
    setOutcome(ctx, 'noop');
    return ctx.answerTap({ text: LIFTED_ALREADY, show_alert: true });
  }

  return handlers;
}
