import type { InlineKeyboardMarkup } from 'grammy/types';
import type { BotContext } from './bot-context.ts';
import { classifyTelegramError } from './telegram-errors.ts';
import type { Text } from './text.ts';

/**
 * Puts an answer in the place of the message whose button was pressed; without a keyboard its buttons go. Pressed twice at
 * once the answer is there already, and a message that is gone wants none: both are no error. Throws what else grammY throws.
 */
export async function editInPlace(
  ctx: BotContext,
  { text, keyboard }: { text: Text; keyboard?: InlineKeyboardMarkup },
): Promise<void> {
  try {
    await ctx.editMessageText(text.text, {
      entities: text.entities,
      reply_markup: keyboard ?? { inline_keyboard: [] },
    });
  } catch (error) {
    const kind = classifyTelegramError(error)?.kind;
    if (kind !== 'unchanged' && kind !== 'gone') throw error;
  }
}
