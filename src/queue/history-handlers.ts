import { Composer } from 'grammy';
import { type BotContext, note, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { requireMember } from '../telegram/require-level.ts';
import { commandArguments, isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import { DEFAULT_ENTRIES, historyMessage, parseHistoryArguments } from './history-messages.ts';
import type { HistoryRepository } from './history-repository.ts';

/** `/history`: how the last cards of the chat ended. */
export function historyHandlers(dependencies: {
  history: HistoryRepository;
  chooseTeam: ChooseTeam;
}): Composer<BotContext> {
  const { history, chooseTeam } = dependencies;
  const handlers = new Composer<BotContext>();
  const button = { feature: 'queue', action: 'history' };

  async function show(ctx: BotContext, team: TeamChat, count: number): Promise<void> {
    const entries = await history.last(team.id, count, ctx.receivedAt);
    note(ctx, { items_shown: entries.length });
    const text = historyMessage(entries, team, ctx.receivedAt);
    await ctx.reply(text.text, { entities: text.entities, link_preview_options: { is_disabled: true } });
  }

  handlers.filter(isCommand('history'), requireMember, async (ctx) => {
    const count = parseHistoryArguments(commandArguments(ctx));
    if (typeof count === 'string') {
      setOutcome(ctx, 'failed');
      await ctx.reply(count);
      return;
    }
    const team = await chooseTeam(ctx, button);
    if (team) await show(ctx, team, count);
  });

  // The answer to "which chat?" in private.
  handlers.callbackQuery(/^queue:history:-?\d+$/, requireMember, async (ctx) => {
    const team = await chooseTeam(ctx, button);
    await ctx.answerTap({ text: team ? '' : 'That is not one of your chats.', show_alert: !team });
    if (team) await show(ctx, team, DEFAULT_ENTRIES);
  });

  return handlers;
}
