import type { InlineKeyboard } from 'grammy';
import type { BotContext } from '../telegram/bot-context.ts';
import { parseCallbackData } from '../telegram/callback-data.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { Text } from '../telegram/text.ts';

/**
 * For `handlers.filter(isPrivateButton('members'), ...)`: a tap on a button of this feature in the person's own chat with
 * the bot. Whoever forwarded the message into a group finds the button invalid there.
 */
export function isPrivateButton(feature: string): (ctx: BotContext) => boolean {
  return (ctx) => {
    const data = ctx.chat?.type === 'private' ? parseCallbackData(ctx.callbackQuery?.data) : undefined;
    return data?.kind === 'feature' && data.feature === feature;
  };
}

/** Puts a view in the place of the tapped message; where that is gone, as a new message. */
export async function showInstead(ctx: BotContext, view: { text: Text; keyboard?: InlineKeyboard }): Promise<void> {
  const more = { entities: view.text.entities, ...(view.keyboard ? { reply_markup: view.keyboard } : {}) };
  try {
    await ctx.editMessageText(view.text.text, more);
  } catch (error) {
    const failure = classifyTelegramError(error)?.kind;
    // Tapped twice: it is there already.
    if (failure === 'unchanged') return;
    if (failure !== 'gone') throw error;
    await ctx.reply(view.text.text, more);
  }
}
