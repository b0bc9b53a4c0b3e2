import { Composer } from 'grammy';
import { isLockTimeout } from '../db/database-errors.ts';
import type { Background } from '../lib/background.ts';
import { type BotContext, personOf, setOutcome } from '../telegram/bot-context.ts';
import { parseCallbackData } from '../telegram/callback-data.ts';
import { upvoteAnswer } from './upvote-messages.ts';
import type { UpvoteRepository } from './upvote-repository.ts';

/**
 * 👍 under a card: whoever belongs to the chat may like its media, guests where the chat is open to them. One upvote per
 * person and medium; tapping again takes it back. The tap is answered and the card redrawn behind the next update.
 */
export function upvoteHandlers(dependencies: {
  upvotes: UpvoteRepository;
  chats: { byId: (id: number) => Promise<{ id: number; isOpenToGuests: boolean } | undefined> };
  renderer: { render: (queueItemId: string) => Promise<void> };
  background: Background;
}): Composer<BotContext> {
  const { upvotes, chats, renderer, background } = dependencies;
  const handlers = new Composer<BotContext>();

  function answer(ctx: BotContext, text: string, isAlert = false): void {
    background.run('answer to an upvote', () => ctx.answerTap({ text, show_alert: isAlert }));
  }

  function refuse(ctx: BotContext, sentence: string): void {
    setOutcome(ctx, 'denied');
    answer(ctx, sentence, true);
  }

  handlers.on('callback_query:data', async (ctx, next) => {
    const data = parseCallbackData(ctx.callbackQuery.data);
    if (data?.kind !== 'upvote' || !ctx.interaction) return next();
    const { queueItemId } = data;
    const chat = ctx.team && (await chats.byId(ctx.team.id));
    if (!chat) return refuse(ctx, 'This card belongs to another chat. 👍 works there.');
    if (ctx.access.level === 'viewer' && !chat.isOpenToGuests) {
      return refuse(ctx, 'Guests cannot use this button here: an admin has to open the chat to them first.');
    }
    const { interaction, receivedAt: now } = ctx;
    const tap = { queueItemId, chatId: chat.id, userId: personOf(ctx).id, now, interaction };
    const upvoted = await upvotes.turnOver(tap).catch((error: unknown) => {
      if (isLockTimeout(error)) return 'busy' as const;
      throw error;
    });
    if (upvoted === 'busy') {
      setOutcome(ctx, 'noop');
      return answer(ctx, 'Busy just now: please tap again.');
    }
    if (!upvoted) return refuse(ctx, 'This button is not valid any more. Send /next for a fresh card.');
    interaction.isRecorded = true;
    answer(ctx, upvoteAnswer(upvoted));
    background.run('card', () => renderer.render(queueItemId));
  });

  return handlers;
}
