import type { ReactionType, ReactionTypeEmoji, User } from 'grammy/types';
import { type ChatRecord, type StoredMessage, unixTime, type World } from './world.ts';

/** The emoji that Telegram offers as reactions (Bot API, ReactionTypeEmoji). */
const REACTIONS = [
  ...['👍', '👎', '❤', '🔥', '🥰', '👏', '😁', '🤔', '🤯', '😱', '🤬', '😢', '🎉', '🤩', '🤮', '💩', '🙏', '👌'],
  ...['🕊', '🤡', '🥱', '🥴', '😍', '🐳', '❤‍🔥', '🌚', '🌭', '💯', '🤣', '⚡', '🍌', '🏆', '💔', '🤨', '😐', '🍓'],
  ...['🍾', '💋', '🖕', '😈', '😴', '😭', '🤓', '👻', '👨‍💻', '👀', '🎃', '🙈', '😇', '😨', '🤝', '✍', '🤗', '🫡'],
  ...[
    '🎅',
    '🎄',
    '☃',
    '💅',
    '🤪',
    '🗿',
    '🆒',
    '💘',
    '🙉',
    '🦄',
    '😘',
    '💊',
    '🙊',
    '😎',
    '👾',
    '🤷‍♂',
    '🤷',
    '🤷‍♀',
    '😡',
  ],
] as const satisfies readonly ReactionTypeEmoji['emoji'][];

/** The reaction for an emoji; `undefined` when Telegram has no such reaction. */
export function emojiReaction(emoji: string): ReactionTypeEmoji | undefined {
  const known = REACTIONS.find((candidate) => candidate === emoji);
  return known === undefined ? undefined : { type: 'emoji', emoji: known };
}

/**
 * Sets what somebody's reactions to a message are. The bot hears of other people's in private and, as an
 * administrator, in groups; never of its own.
 */
export function setReactions(
  world: World,
  record: ChatRecord,
  stored: StoredMessage,
  user: User,
  reactions: ReactionType[],
): void {
  const before = stored.reactions.get(user.id) ?? [];
  if (reactions.length === 0) stored.reactions.delete(user.id);
  else stored.reactions.set(user.id, reactions);
  const messageId = stored.message.message_id;
  world.changes.emit({ kind: 'reaction', chatId: record.chat.id, messageId });
  const botHears = record.chat.type === 'private' || record.members.get(world.bot.id)?.status === 'administrator';
  if (user.id === world.bot.id || !botHears) return;
  world.updates.add({
    message_reaction: {
      chat: record.chat,
      message_id: messageId,
      user,
      date: unixTime(world),
      old_reaction: before,
      new_reaction: reactions,
    },
  });
}
