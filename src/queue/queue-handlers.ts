import { Composer } from 'grammy';
import { type BotContext, note, type TeamChat } from '../telegram/bot-context.ts';
import { requireMember } from '../telegram/require-level.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import { MAX_WAITING, PAGE_SIZE, queueMessage } from './queue-messages.ts';
import type { QueueRepository } from './queue-repository.ts';

/** `/queue`: what comes when, in the chat's zone, and what still waits for a decision, in pages. */
export function queueHandlers(dependencies: {
  queue: Pick<QueueRepository, 'upcoming' | 'waiting' | 'summary'>;
  chooseTeam: ChooseTeam;
}): Composer<BotContext> {
  const { queue, chooseTeam } = dependencies;
  const handlers = new Composer<BotContext>();

  async function pageOf(ctx: BotContext, team: TeamChat, wanted: number) {
    const summary = await queue.summary(team.id);
    // The plan may have become shorter since the button was sent.
    const page = Math.max(0, Math.min(wanted, Math.ceil(summary.pending / PAGE_SIZE) - 1));
    const upcoming = await queue.upcoming(team.id, { limit: PAGE_SIZE, offset: page * PAGE_SIZE });
    const waiting = await queue.waiting(team.id, MAX_WAITING, ctx.receivedAt);
    note(ctx, { items_shown: upcoming.length, total_queue: summary.pending });
    return queueMessage({ team, summary, upcoming, waiting, page, now: ctx.receivedAt });
  }

  handlers.filter(isCommand('queue'), requireMember, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'queue', action: 'show' });
    if (!team) return;
    const { text, keyboard } = await pageOf(ctx, team, 0);
    await ctx.reply(text.text, { entities: text.entities, reply_markup: keyboard });
  });

  // `queue:show:<chat>` chooses the chat, `queue:page:<chat>.<page>` turns the page: both show it in the same message.
  handlers.callbackQuery(/^queue:(show|page):-?\d+(\.\d{1,4})?$/, requireMember, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'queue', action: 'show' });
    if (!team) return ctx.answerTap({ text: 'That is not one of your chats.', show_alert: true });
    const { text, keyboard } = await pageOf(ctx, team, Number(ctx.callbackQuery.data.split('.')[1] ?? 0));
    try {
      await ctx.editMessageText(text.text, { entities: text.entities, reply_markup: keyboard });
    } catch (error) {
      // Tapped twice: the page is there already.
      if (classifyTelegramError(error)?.kind !== 'unchanged') throw error;
    }
    await ctx.answerTap({ text: '', show_alert: false });
  });

  return handlers;
}
