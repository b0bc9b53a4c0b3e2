import { Composer } from 'grammy';
import type { InlineKeyboardMarkup } from 'grammy/types';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, note, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { editInPlace } from '../telegram/edit-in-place.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { lines, type Text } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import { NOTHING_PLANNED, parseResetQuestion, resetMessage, resetQuestion } from './reset-messages.ts';
import type { ResetRepository } from './reset-repository.ts';

/** `/reset`: takes everything planned out of the queue, after a question. For admins. */
export function resetHandlers(dependencies: {
  resets: ResetRepository;
  chats: Pick<ChatRepository, 'byId'>;
  chooseTeam: ChooseTeam;
}): Composer<BotContext> {
  const { resets, chats, chooseTeam } = dependencies;
  const handlers = new Composer<BotContext>();

  type Answer = { text: Text; keyboard?: InlineKeyboardMarkup };

  async function ask(ctx: BotContext, team: TeamChat): Promise<Answer> {
    const pending = await resets.pending(team.id);
    note(ctx, { pending });
    if (pending > 0) return resetQuestion(team, pending, ctx.receivedAt);
    setOutcome(ctx, 'noop');
    return { text: lines(NOTHING_PLANNED) };
  }

  async function confirm(ctx: BotContext, team: TeamChat, data: string): Promise<Answer> {
    const now = ctx.receivedAt;
    const { expected, isOpen } = parseResetQuestion(data, now);
    const result = isOpen ? await resets.reset(team.id, { by: personOf(ctx).id, now, expected }) : undefined;
    if (result?.kind === 'reset') {
      note(ctx, { cleared: result.pending });
      return { text: resetMessage(result.pending, (await chats.byId(team.id))?.isPaused ?? false) };
    }
    // The plan is another one by now: what was confirmed was not this.
    setOutcome(ctx, 'noop');
    return ask(ctx, team);
  }

  handlers.filter(isCommand('reset'), requireAdmin, async (ctx) => {
    const team = await chooseTeam(ctx, { feature: 'reset', action: 'chat' });
    if (!team) return;
    const { text, keyboard } = await ask(ctx, team);
    await ctx.reply(text.text, { entities: text.entities, ...(keyboard ? { reply_markup: keyboard } : {}) });
  });

  handlers.callbackQuery(/^reset:(chat|cancel|confirm):-?\d+(\.\d+\.\d+)?$/, requireAdmin, async (ctx) => {
    const action = ctx.match[1];
    const team = await chooseTeam(ctx, { feature: 'reset', action: 'chat' });
    if (!team) return ctx.answerTap({ text: 'That is not one of your chats.', show_alert: true });
    await ctx.answerTap({ text: '', show_alert: false });
    if (action === 'cancel') return editInPlace(ctx, { text: lines('↩️ Nothing was changed.') });
    await editInPlace(
      ctx,
      action === 'confirm' ? await confirm(ctx, team, ctx.callbackQuery.data) : await ask(ctx, team),
    );
  });

  return handlers;
}
