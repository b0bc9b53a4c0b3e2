import type { Message } from 'grammy/types';
import type { BotContext } from './bot-context.ts';

/** A command as a person typed it. */
export type TypedCommand = { name: string; args: string /** It names this bot. */; isAddressed: boolean };

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
  return { name: name.toLowerCase(), args: text.slice(entity.length).trim(), isAddressed: addressee !== undefined };
}

/**
 * For `handlers.filter(isCommand('queue'), ...)`: the message is this command. Unlike grammY's `command` it takes `/Queue`
 * too, which is what phones make of it.
 */
export function isCommand(name: string): (ctx: BotContext) => boolean {
  return (ctx) => ctx.message !== undefined && typedCommand(ctx.message, ctx.me.username)?.name === name;
}

/** What was typed behind the command of this update; empty without one. */
export function commandArguments(ctx: BotContext): string {
  return (ctx.message && typedCommand(ctx.message, ctx.me.username)?.args) ?? '';
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
