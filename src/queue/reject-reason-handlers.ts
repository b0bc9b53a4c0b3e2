import { Composer } from 'grammy';
import type { Background } from '../lib/background.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { followMove } from '../telegram/follow-move.ts';
import { answeredPrompt } from '../telegram/reply-prompt.ts';
import { typedCommand } from '../telegram/typed-command.ts';
import { isOpen, isRejectAsked, reasonKey } from './card-buttons.ts';
import type { CardRenderer } from './card-renderer.ts';
import type { Card, CardRepository } from './card-repository.ts';
import { type AllowedTap, createCardTaps } from './card-taps.ts';
import type { DecisionService } from './decision-service.ts';
import { MAX_REASON, reasonPrompt } from './reject-reason-messages.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/**
 * Why something is rejected: by one tap on a reason of the chat, or in words, as a reply to the bot's question. Both
 * stand for "Yes, reject" and are recorded as such (`confirm_reject`), with the reason in the context.
 */
export function rejectReasonHandlers(dependencies: {
  decisions: DecisionService;
  cards: Pick<CardRepository, 'find'>;
  chats: Pick<ChatRepository, 'byId'>;
  renderer: Pick<CardRenderer, 'render'>;
  background: Background;
}): Composer<BotContext> {
  const { decisions, cards } = dependencies;
  const taps = createCardTaps(dependencies);
  const handlers = new Composer<BotContext>();

  /** The card of this chat; undefined when it is another one's, or none. */
  async function cardOf({ tap, chat }: AllowedTap): Promise<Card | undefined> {
    const card = await cards.find(tap.queueItemId);
    return card?.chatId === chat.id ? card : undefined;
  }

  async function reject(ctx: BotContext, allowed: AllowedTap, reason: string): Promise<void> {
    note(ctx, { reason });
    const tap = { ...allowed.tap, interaction: { ...allowed.tap.interaction, name: 'confirm_reject' } };
    const result = await decisions.tap('confirm_reject', tap, { isAdmin: allowed.isAdmin, reason });
    taps.finish(ctx, { ...allowed, tap }, result);
  }

  handlers.callbackQuery(new RegExp(`^queue:reason:(${UUID})\\.([0-9a-f]{8})$`), async (ctx) => {
    if (ctx.interaction) ctx.interaction.name = 'confirm_reject';
    const allowed = await taps.allowed(ctx, ctx.match[1] ?? '');
    if (!allowed) return;
    const card = await cardOf(allowed);
    if (!card) return taps.finish(ctx, allowed, { kind: 'not_valid' });
    const reason = card.rejectReasons.find((one) => reasonKey(one) === ctx.match[2]);
    if (reason !== undefined) return reject(ctx, allowed, reason);
    const why = await decisions.explain('confirm_reject', allowed.tap, allowed);
    if (why.kind === 'already_decided' || why.kind === 'out_of_queue') return taps.finish(ctx, allowed, why);
    setOutcome(ctx, 'noop');
    taps.answer(ctx, { text: 'The reasons were changed meanwhile. Tap No, then Reject again.', show_alert: true });
  });

  handlers.callbackQuery(new RegExp(`^queue:other:(${UUID})$`), async (ctx) => {
    const allowed = await taps.allowed(ctx, ctx.match[1] ?? '');
    if (!allowed) return;
    const card = await cardOf(allowed);
    if (!card) return taps.finish(ctx, allowed, { kind: 'not_valid' });
    if (!isOpen(card) || !isRejectAsked(card, ctx.receivedAt)) {
      return taps.finish(ctx, allowed, await decisions.explain('confirm_reject', allowed.tap, allowed));
    }
    taps.answer(ctx, { text: 'Write why, as a reply to my question below.', show_alert: false });
    const prompt = reasonPrompt(card, { name: personOf(ctx).name, user: ctx.from }, ctx.me.username);
    // In the team's chat as it is now: the tapped card may stand in the group that became this supergroup.
    const options = {
      entities: prompt.entities,
      // Bots in groups read replies to themselves without any further right, and `selective` asks only this person.
      reply_markup: { force_reply: true as const, selective: true, input_field_placeholder: 'Why?' },
      ...(card.messageId === null
        ? {}
        : { reply_parameters: { message_id: card.messageId, allow_sending_without_reply: true } }),
    };
    await followMove(allowed.chat.id, (id) => ctx.api.sendMessage(id, prompt.text, options));
  });

  handlers.on('message:text', async (ctx, next) => {
    const prompt = answeredPrompt(ctx.message, ctx.me.id);
    if (prompt?.name !== 'reject_reason' || !ctx.interaction) return next();
    const command = typedCommand(ctx.message, ctx.me.username);
    if (command && command.name !== 'cancel') return next();
    const allowed = await taps.allowed(ctx, prompt.id);
    if (!allowed) return;
    if (command) {
      taps.answer(ctx, { text: 'No reason, then. The question is still on the card.', show_alert: false });
      return;
    }
    const reason = ctx.message.text.replace(/\s+/g, ' ').trim();
    if (reason.length <= MAX_REASON && reason !== '') return reject(ctx, allowed, reason);
    setOutcome(ctx, 'failed');
    const text =
      reason === ''
        ? 'That is no reason. Reply to my question again, in a few words.'
        : `That is ${reason.length} characters, and a reason has ${MAX_REASON} at most. Reply to my question again.`;
    taps.answer(ctx, { text, show_alert: true });
  });

  return handlers;
}
