import { Composer } from 'grammy';
import type { Background } from '../lib/background.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, type Outcome, personOf, setOutcome } from '../telegram/bot-context.ts';
import { parseCallbackData } from '../telegram/callback-data.ts';
import { tapAnswer } from './card-messages.ts';
import type { CardRenderer } from './card-renderer.ts';
import type { DecisionService, TapResult } from './decision-service.ts';

/** How a tap that changed nothing is recorded. */
const OUTCOMES: Readonly<Record<TapResult['kind'], Outcome>> = {
  changed: 'done',
  already_decided: 'noop',
  already_asked: 'noop',
  not_asked: 'noop',
  too_late_to_undo: 'noop',
  not_yours_to_undo: 'denied',
  not_valid: 'denied',
  busy: 'noop',
};

/**
 * Taps on cards: who may, one transaction, then answer and card. Neither the answer nor the card holds up the next
 * update, and neither can undo what is committed.
 */
export function cardHandlers(dependencies: {
  decisions: DecisionService;
  chats: Pick<ChatRepository, 'byId'>;
  renderer: Pick<CardRenderer, 'render'>;
  background: Background;
}): Composer<BotContext> {
  const { decisions, chats, renderer, background } = dependencies;
  const handlers = new Composer<BotContext>();

  handlers.on('callback_query:data', async (ctx, next) => {
    const data = parseCallbackData(ctx.callbackQuery.data);
    if (data?.kind !== 'card' || !ctx.interaction) return next();
    const answer = (text: { text: string; show_alert: boolean }) =>
      background.run('answer to a tap', () => ctx.answerTap(text));

    const chat = ctx.team && (await chats.byId(ctx.team.id));
    if (!chat) {
      setOutcome(ctx, 'denied');
      return answer({ text: 'This card belongs to another chat. It can only be decided there.', show_alert: true });
    }
    if (ctx.access.level !== 'admin' && ctx.access.level !== 'member') {
      setOutcome(ctx, 'denied');
      return answer({ text: 'You are not allowed to decide here. Ask an admin of the team.', show_alert: true });
    }

    const person = personOf(ctx);
    const tap = {
      queueItemId: data.queueItemId,
      chatId: chat.id,
      userId: person.id,
      now: ctx.receivedAt,
      interaction: ctx.interaction,
    };
    const result = await decisions.tap(data.action, tap, { isAdmin: ctx.access.level === 'admin' });
    setOutcome(ctx, OUTCOMES[result.kind]);
    if (result.kind === 'changed' && result.isReplay) ctx.interaction.isRecorded = true;
    answer(tapAnswer(result, { ...chat, now: ctx.receivedAt }));
    if (result.kind === 'changed') background.run('card', () => renderer.render(data.queueItemId));
  });

  return handlers;
}
