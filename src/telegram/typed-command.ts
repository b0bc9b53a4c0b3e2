import type { Message } from 'grammy/types';

/** A command as a person typed it. */
export type TypedCommand = { name: string; args: string };

/**
 * The command at the start of a message, when it is meant for this bot: `/queue` or `/queue@our_bot`.
 * Undefined for other bots' commands, and for text without one.
 */
export function typedCommand(message: Message, botUsername: string): TypedCommand | undefined {
  const text = message.text;
  const entity = message.entities?.find(({ type, offset }) => type === 'bot_command' && offset === 0);
  if (text === undefined || !entity) return undefined;
  const [name = '', addressee] = text.slice(1, entity.length).split('@', 2);
  if (addressee !== undefined && addressee.toLowerCase() !== botUsername.toLowerCase()) return undefined;
  return { name: name.toLowerCase(), args: text.slice(entity.length).trim() };
}

/** Whether the message names the bot in its text or caption. */
export function mentionsBot(message: Message, botUsername: string): boolean {
  const text = message.text ?? message.caption ?? '';
  const entities = message.entities ?? message.caption_entities ?? [];
  const name = `@${botUsername}`.toLowerCase();
  return entities.some(
    ({ type, offset, length }) => type === 'mention' && text.slice(offset, offset + length).toLowerCase() === name,
  );
}
