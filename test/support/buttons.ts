import type { Message } from 'grammy/types';

/** The labels of a message's buttons, row by row. */
export function buttonsOf(message: Message): string[][] {
  return message.reply_markup?.inline_keyboard.map((row) => row.map(({ text }) => text)) ?? [];
}

/** The callback data behind a button. Throws when the message has none with these words. */
export function dataOf(message: Message, words: string): string {
  const button = message.reply_markup?.inline_keyboard.flat().find(({ text }) => text.includes(words));
  if (!button || !('callback_data' in button)) throw new Error(`there is no button ${words}`);
  return button.callback_data;
}
