import type { World } from './world/world.ts';

const DEFAULT_BOT_ID = 7000000001;

/** Looks like a token, so that whoever checks tokens is content; opens nothing anywhere. */
export const DEFAULT_TOKEN = `${DEFAULT_BOT_ID}:AAStorylineSimulatorLocalBotToken00`;

/** The bot that a token belongs to: Telegram's tokens begin with the bot's id. */
export function botAccount(token: string, username = 'storyline_bot'): World['bot'] {
  const id = Number.parseInt(token, 10);
  return { id: Number.isSafeInteger(id) ? id : DEFAULT_BOT_ID, is_bot: true, first_name: 'Storyline', username };
}
