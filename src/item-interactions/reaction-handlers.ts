import { Composer } from 'grammy';
import { type BotContext, personOf } from '../telegram/bot-context.ts';
import type { ReactionRepository } from './reaction-repository.ts';
import { reactionWord } from './reaction-words.ts';

/**
 * Message reactions under cards, where the bot hears of them (as administrator of the group). They are kept without a
 * word, also those of an emoji that we do not know. Who may tap 👍 is heard here too, and nobody else.
 */
export function reactionHandlers(dependencies: {
  reactions: ReactionRepository;
  chats: { byId: (id: number) => Promise<{ id: number; isOpenToGuests: boolean } | undefined> };
}): Composer<BotContext> {
  const { reactions, chats } = dependencies;
  const handlers = new Composer<BotContext>();

  handlers.on('message_reaction', async (ctx) => {
    const chat = ctx.team && (await chats.byId(ctx.team.id));
    if (!chat || (ctx.access.level === 'viewer' && !chat.isOpenToGuests)) return;
    const { message_id: messageId, date, new_reaction: standing } = ctx.messageReaction;
    await reactions.replace({
      chatId: chat.id,
      messageId,
      userId: personOf(ctx).id,
      reactions: standing.map(reactionWord),
      at: new Date(date * 1000),
    });
  });

  return handlers;
}
