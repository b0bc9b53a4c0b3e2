import { Composer } from 'grammy';
import type { InlineKeyboardMarkup } from 'grammy/types';
import { type BotContext, note, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { editInPlace } from '../telegram/edit-in-place.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import type { Text } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import { pauseMessage, resumedMessage, resumeQuestion } from './pause-messages.ts';
import { OVERDUE_CHOICES, type OverdueChoice } from './pause-repository.ts';
import type { PauseService } from './pause-service.ts';

/** `/pause` and `/resume`, and the buttons that say what happens to overdue posts. For admins. */
export function pauseHandlers(dependencies: { pauses: PauseService; chooseTeam: ChooseTeam }): Composer<BotContext> {
  const { pauses, chooseTeam } = dependencies;
  const handlers = new Composer<BotContext>();

  type Answer = { text: Text; keyboard?: InlineKeyboardMarkup };

  async function pause(ctx: BotContext, team: TeamChat): Promise<Answer> {
    const now = ctx.receivedAt;
    const result = await pauses.pause(team.id, { by: personOf(ctx).id, now });
    if (result.kind === 'already_paused') setOutcome(ctx, 'noop');
    else note(ctx, { pending: result.overdue + result.later });
    return { text: pauseMessage(result, team, now) };
  }

  async function resume(ctx: BotContext, team: TeamChat, overdue?: OverdueChoice): Promise<Answer> {
    const now = ctx.receivedAt;
    const result = await pauses.resume(team.id, { by: personOf(ctx).id, now, ...(overdue ? { overdue } : {}) });
    if (result.kind === 'overdue') {
      note(ctx, { overdue: result.overdue, asked: true });
      const { text, keyboard } = resumeQuestion(team.id, result);
      return { text, keyboard };
    }
    if (result.kind === 'not_paused') setOutcome(ctx, 'noop');
    else note(ctx, { overdue: result.overdue });
    return { text: resumedMessage(result, team, now) };
  }

  for (const [name, act] of [
    ['pause', pause],
    ['resume', resume],
  ] as const) {
    handlers.filter(isCommand(name), requireAdmin, async (ctx) => {
      const team = await chooseTeam(ctx, { feature: name, action: 'chat' });
      if (!team) return;
      const { text, keyboard } = await act(ctx, team);
      await ctx.reply(text.text, { entities: text.entities, ...(keyboard ? { reply_markup: keyboard } : {}) });
    });
  }

  // `pause:chat:<chat>`, `resume:chat:<chat>`: which chat; `resume:<choice>:<chat>`: what about the overdue ones.
  handlers.callbackQuery(/^(pause|resume):([a-z]+):-?\d+$/, requireAdmin, async (ctx, next) => {
    const [, feature = '', action = ''] = ctx.match;
    const choice = OVERDUE_CHOICES.find((known) => known === action);
    if (action !== 'chat' && (feature === 'pause' || !choice)) return next();
    const team = await chooseTeam(ctx, { feature, action });
    if (!team) return ctx.answerTap({ text: 'That is not one of your chats.', show_alert: true });
    await ctx.answerTap({ text: '', show_alert: false });
    await editInPlace(ctx, feature === 'pause' ? await pause(ctx, team) : await resume(ctx, team, choice));
  });

  return handlers;
}
