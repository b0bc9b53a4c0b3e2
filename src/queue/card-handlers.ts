import { Composer } from 'grammy';
import type { Background } from '../lib/background.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { BotContext } from '../telegram/bot-context.ts';
import { parseCallbackData } from '../telegram/callback-data.ts';
import { cardDetailsMessage } from './card-details-messages.ts';
import type { CardDetailsRepository } from './card-details-repository.ts';
import type { CardRenderer } from './card-renderer.ts';
import { createCardTaps } from './card-taps.ts';
import type { DecisionService } from './decision-service.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** Taps on cards: who may, one transaction, then answer and card. */
export function cardHandlers(dependencies: {
  decisions: DecisionService;
  cardDetails: CardDetailsRepository;
  chats: Pick<ChatRepository, 'byId'>;
  renderer: Pick<CardRenderer, 'render'>;
  background: Background;
}): Composer<BotContext> {
  const { decisions, cardDetails } = dependencies;
  const taps = createCardTaps(dependencies);
  const handlers = new Composer<BotContext>();

  handlers.on('callback_query:data', async (ctx, next) => {
    const data = parseCallbackData(ctx.callbackQuery.data);
    if (data?.kind !== 'card') return next();
    const allowed = await taps.allowed(ctx, data.queueItemId);
    if (allowed) taps.finish(ctx, allowed, await decisions.tap(data.action, allowed.tap, allowed));
  });

  handlers.callbackQuery(new RegExp(`^queue:claim:(${UUID})$`), async (ctx) => {
    const allowed = await taps.allowed(ctx, ctx.match[1] ?? '');
    if (allowed) taps.finish(ctx, allowed, await decisions.tap('claim', allowed.tap, allowed));
  });

  handlers.callbackQuery(new RegExp(`^queue:details:(${UUID})$`), async (ctx) => {
    const allowed = await taps.allowed(ctx, ctx.match[1] ?? '');
    if (!allowed) return;
    const { tap, chat } = allowed;
    const details = await cardDetails.find(tap.queueItemId, chat.id, tap.now);
    if (!details) return taps.finish(ctx, allowed, { kind: 'not_valid' });
    taps.answer(ctx, { text: cardDetailsMessage(details, chat.timeZone, tap.now), show_alert: true });
  });

  return handlers;
}
