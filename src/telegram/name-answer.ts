import type { Message } from 'grammy/types';
import type { BotContext } from './bot-context.ts';

/** Names a message itself, whatever update brings it (`user_interactions.delivery_key`). */
export function messageKey(
  message: Pick<Message, 'message_id'> & { chat: Pick<Message['chat'], 'id'> },
  botId: number,
): string {
  return `${botId}:msg:${message.chat.id}:${message.message_id}`;
}

/**
 * Says that this message answers a question of the bot, so that it is recorded under this name (type `message`). Words
 * in a group are no interaction until they turn out to be an answer; words in private are one already.
 */
export function nameAnswer(ctx: BotContext, name: string): void {
  if (ctx.interaction) {
    ctx.interaction.name = name;
    return;
  }
  if (!ctx.person || !ctx.message) return;
  ctx.interaction = {
    type: 'message',
    name,
    userId: ctx.person.id,
    chatId: ctx.message.chat.id,
    messageId: ctx.message.message_id,
    deliveryKey: messageKey(ctx.message, ctx.me.id),
    createdAt: ctx.receivedAt,
    elapsedMs: ctx.elapsedMs,
    context: {},
    outcome: 'done',
    isRecorded: false,
  };
}
