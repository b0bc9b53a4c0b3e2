import type { MessageEntity } from 'grammy/types';
import type { ChatMessage, ChatRecord, World } from './world.ts';

const SERVICE_FIELDS = [
  'new_chat_members',
  'left_chat_member',
  'migrate_to_chat_id',
  'migrate_from_chat_id',
  'new_chat_title',
  'group_chat_created',
] as const satisfies readonly (keyof ChatMessage)[];

/** Whether the bot is in this group at the moment. */
export function botIsMember(world: World, record: ChatRecord): boolean {
  const status = record.members.get(world.bot.id)?.status;
  return status !== undefined && status !== 'left' && status !== 'kicked';
}

/**
 * Whether the bot is told about a person's message. In a group with privacy mode (Telegram's default): commands for it
 * or for nobody, replies to it, mentions of it and service messages; everything for an administrator.
 */
export function botSees(world: World, record: ChatRecord, message: ChatMessage): boolean {
  if (record.chat.type === 'private') return !record.blocked;
  if (!botIsMember(world, record)) return false;
  if (!world.privacyMode || record.members.get(world.bot.id)?.status === 'administrator') return true;
  if (SERVICE_FIELDS.some((field) => message[field] !== undefined)) return true;
  if (message.reply_to_message?.from?.id === world.bot.id) return true;
  const text = message.text ?? message.caption ?? '';
  const entities = message.entities ?? message.caption_entities ?? [];
  return entities.some((entity) => concernsBot(world, text, entity));
}

function concernsBot(world: World, text: string, entity: MessageEntity): boolean {
  const words = text.slice(entity.offset, entity.offset + entity.length).toLowerCase();
  const name = `@${world.bot.username.toLowerCase()}`;
  if (entity.type === 'mention') return words === name;
  if (entity.type === 'text_mention') return entity.user.id === world.bot.id;
  if (entity.type === 'bot_command') return entity.offset === 0 && (words.endsWith(name) || !words.includes('@'));
  return false;
}

/** Tells the bot about a new message if it may see it. */
export function deliver(world: World, record: ChatRecord, message: ChatMessage): void {
  if (botSees(world, record, message)) world.updates.add({ message });
}
