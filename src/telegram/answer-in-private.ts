import type { InlineKeyboard } from 'grammy';
import { type BotContext, personOf, setOutcome } from './bot-context.ts';
import { classifyTelegramError } from './telegram-errors.ts';
import type { Text } from './text.ts';

/** Sends what concerns one person into their private chat; asked in a group, with one line there that says so. */
export async function answerInPrivate(ctx: BotContext, text: Text, keyboard?: InlineKeyboard): Promise<void> {
  const more = { entities: text.entities, ...(keyboard ? { reply_markup: keyboard } : {}) };
  if (ctx.chat?.type === 'private') {
    await ctx.reply(text.text, more);
    return;
  }
  await sendInPrivate(ctx, (chatId) => ctx.api.sendMessage(chatId, text.text, more));
}

/**
 * Sends something into the private chat of the person who asked in a group, with one line there that says so. Returns false
 * when the bot may not write to them: the group was told what to do instead, and the interaction counts as failed.
 */
export async function sendInPrivate(ctx: BotContext, send: (chatId: number) => Promise<unknown>): Promise<boolean> {
  try {
    await send(personOf(ctx).telegramUserId);
  } catch (error) {
    if (classifyTelegramError(error)?.kind !== 'unreachable') throw error;
    setOutcome(ctx, 'failed');
    await ctx.reply('I may not write to you yet. Open a private chat with me, send /start there, and ask again.');
    return false;
  }
  await ctx.reply('I have sent you the answer in private.');
  return true;
}
