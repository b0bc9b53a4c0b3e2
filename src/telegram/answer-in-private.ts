import { type BotContext, personOf, setOutcome } from './bot-context.ts';
import { classifyTelegramError } from './telegram-errors.ts';
import type { Text } from './text.ts';

/** Sends what concerns one person into their private chat, with one line in the group that says so. */
export async function answerInPrivate(ctx: BotContext, text: Text): Promise<void> {
  try {
    await ctx.api.sendMessage(personOf(ctx).telegramUserId, text.text, { entities: text.entities });
  } catch (error) {
    if (classifyTelegramError(error)?.kind !== 'unreachable') throw error;
    setOutcome(ctx, 'failed');
    await ctx.reply('I may not write to you yet. Open a private chat with me, send /start there, and ask again.');
    return;
  }
  await ctx.reply('I have sent you the answer in private.');
}
