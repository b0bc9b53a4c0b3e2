import { Composer, InlineKeyboard } from 'grammy';
import { isLockTimeout } from '../db/database-errors.ts';
import type { Background } from '../lib/background.ts';
import { type BotContext, note, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { lines, type Text } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import { approveAllQuestion, approvedAllMessage, undoneAllMessage } from './approve-all-messages.ts';
import type { ApproveAll, ApproveAllRepository } from './approve-all-repository.ts';
import type { CardRenderer } from './card-renderer.ts';
import { UNDO_SECONDS } from './decision-statements.ts';

/** A button's chat and instant: `<chat>.<milliseconds>`. */
const AT = '(-?\\d+)\\.(\\d{1,15})';

/**
 * `/approveall`: every delivered card posted at once, after a question, with a minute to take all of it back. It passes no
 * rule by: where a post needs more people it is one vote for each. One interaction for all of them (`approve:confirm`), so
 * a person's `posted` taps stay what they were; the decisions carry `approve_all` as their source.
 */
export function approveAllHandlers(dependencies: {
  approveAll: ApproveAllRepository;
  chooseTeam: ChooseTeam;
  renderer: Pick<CardRenderer, 'render'>;
  background: Background;
}): Composer<BotContext> {
  const { approveAll, chooseTeam, renderer, background } = dependencies;
  const handlers = new Composer<BotContext>();

  function bringUpToDate(cards: readonly string[]): void {
    background.run('cards', async () => {
      for (const id of cards) await renderer.render(id);
    });
  }

  /** Puts the outcome in the place of the question. A question that was deleted meanwhile undoes nothing of it. */
  function show(ctx: BotContext, text: Text, keyboard = new InlineKeyboard()): void {
    background.run('answer in the place of a question', () =>
      ctx.editMessageText(text.text, { entities: text.entities, reply_markup: keyboard }),
    );
  }

  /** The sender and their tap, for a button that names one of their chats; undefined when it was refused. */
  async function pressed(ctx: BotContext): Promise<ApproveAll | undefined> {
    const team = await chooseTeam(ctx, { feature: 'approve', action: 'ask' });
    if (team && ctx.interaction) {
      return { chatId: team.id, userId: personOf(ctx).id, now: ctx.receivedAt, interaction: ctx.interaction };
    }
    await ctx.answerTap({ text: 'That is not one of your chats.', show_alert: true });
    return undefined;
  }

  /** Somebody else holds one of the cards: nothing has happened. */
  async function orBusy<Result>(ctx: BotContext, work: Promise<Result>): Promise<Result | 'busy'> {
    try {
      return await work;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      setOutcome(ctx, 'noop');
      await ctx.answerTap({ text: 'Busy just now: please tap again.', show_alert: false });
      return 'busy';
    }
  }

  async function ask(ctx: BotContext, team: TeamChat): Promise<void> {
    const summary = await approveAll.summary(team.id, ctx.receivedAt);
    note(ctx, { cards: summary.categories.reduce((sum, { count }) => sum + count, 0) });
    const { text, keyboard } = approveAllQuestion(summary, team.id, ctx.receivedAt);
    await ctx.reply(text.text, { entities: text.entities, reply_markup: keyboard });
  }

  handlers.filter(isCommand('approveall'), requireAdmin, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'approve', action: 'ask' });
    if (team) await ask(ctx, team);
  });

  handlers.callbackQuery(/^approve:ask:-?\d+$/, requireAdmin, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'approve', action: 'ask' });
    await ctx.answerTap({ text: team ? '' : 'That is not one of your chats.', show_alert: !team });
    if (team) await ask(ctx, team);
  });

  handlers.callbackQuery(new RegExp(`^approve:confirm:${AT}$`), requireAdmin, async (ctx) => {
    const who = await pressed(ctx);
    if (!who) return;
    const result = await orBusy(ctx, approveAll.approve(who, new Date(Number(ctx.match[2]))));
    if (result === 'busy') return;
    who.interaction.isRecorded = true;
    if (!result) return ctx.answerTap({ text: 'Done already.', show_alert: false });
    await ctx.answerTap({ text: 'Done.', show_alert: false });
    bringUpToDate([...result.posted, ...result.voted]);
    const { text, keyboard } = approvedAllMessage(result, personOf(ctx).name, who.chatId, who.now);
    show(ctx, text, keyboard);
  });

  handlers.callbackQuery(/^approve:cancel:-?\d+$/, requireAdmin, async (ctx) => {
    await ctx.answerTap({ text: 'Nothing was changed.', show_alert: false });
    show(ctx, lines('Nothing was changed: the cards wait as before.'));
  });

  handlers.callbackQuery(new RegExp(`^approve:undo:${AT}$`), requireAdmin, async (ctx) => {
    const approvedAt = new Date(Number(ctx.match[2]));
    if (ctx.receivedAt.getTime() - approvedAt.getTime() >= UNDO_SECONDS * 1000) {
      setOutcome(ctx, 'noop');
      const text = 'Undo works for one minute after the decision. That minute is over.';
      return ctx.answerTap({ text, show_alert: true });
    }
    const who = await pressed(ctx);
    if (!who) return;
    const undone = await orBusy(ctx, approveAll.undo(who, approvedAt));
    if (undone === 'busy') return;
    who.interaction.isRecorded = true;
    if (!undone || undone.length === 0) return ctx.answerTap({ text: 'Taken back already.', show_alert: false });
    await ctx.answerTap({ text: 'Taken back.', show_alert: false });
    bringUpToDate(undone);
    show(ctx, undoneAllMessage(undone.length, personOf(ctx).name));
  });

  return handlers;
}
