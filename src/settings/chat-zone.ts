import type { BotContext } from '../telegram/bot-context.ts';
import type { ChatRepository } from './chat-repository.ts';

/** The zone for times in an answer: in a group its own, in private that of the oldest team chat, without any the default. */
export async function chatZone(
  ctx: BotContext,
  { chats, defaultTimeZone }: { chats: Pick<ChatRepository, 'active'>; defaultTimeZone: string },
): Promise<string> {
  return ctx.team?.timeZone ?? (await chats.active())[0]?.timeZone ?? defaultTimeZone;
}
