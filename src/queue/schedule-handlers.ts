import { Composer } from 'grammy';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, note, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { commandArguments, isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import type { PlanRepository } from './plan-repository.ts';
import { MOST_PLAN_DAYS, parseDays, scheduleMessage } from './schedule-messages.ts';

/** `/schedule [days]`: plans so many days ahead, and goes on after what is planned already. */
export function scheduleHandlers(dependencies: {
  plan: Pick<PlanRepository, 'extend'>;
  chats: Pick<ChatRepository, 'byId'>;
  chooseTeam: ChooseTeam;
}): Composer<BotContext> {
  const { plan, chats, chooseTeam } = dependencies;
  const handlers = new Composer<BotContext>();

  async function extend(ctx: BotContext, team: TeamChat, typedDays: number | undefined) {
    const chat = await chats.byId(team.id);
    if (!chat) throw new Error(`team chat ${team.id} does not exist`);
    const days = typedDays ?? chat.planDays;
    const extension = await plan.extend(chat.id, days, ctx.receivedAt);
    note(ctx, { days, scheduled: extension.planned, empty: extension.empty });
    if (extension.planned === 0) setOutcome(ctx, 'noop');
    return scheduleMessage(extension, chat, ctx.receivedAt);
  }

  handlers.filter(isCommand('schedule'), requireAdmin, async (ctx) => {
    const typed = commandArguments(ctx);
    const days = parseDays(typed);
    if (typed !== '' && days === undefined) {
      setOutcome(ctx, 'noop');
      await ctx.reply(
        `Days must be a whole number from 1 to ${MOST_PLAN_DAYS}, for example /schedule 7. Nothing was planned.`,
      );
      return;
    }
    const team = await chooseTeam(ctx, {
      feature: 'schedule',
      action: 'plan',
      ...(days ? { more: String(days) } : {}),
    });
    if (!team) return;
    const text = await extend(ctx, team, days);
    await ctx.reply(text.text, { entities: text.entities });
  });

  // The answer to "which chat": `schedule:plan:<chat>` or `schedule:plan:<chat>.<days>`.
  handlers.callbackQuery(/^schedule:plan:-?\d+(\.\d+)?$/, requireAdmin, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'schedule', action: 'plan' });
    if (!team) return ctx.answerTap({ text: 'That is not one of your chats.', show_alert: true });
    await ctx.answerTap({ text: '', show_alert: false });
    const text = await extend(ctx, team, parseDays(ctx.callbackQuery.data.split('.')[1] ?? ''));
    await ctx.reply(text.text, { entities: text.entities });
  });

  return handlers;
}
