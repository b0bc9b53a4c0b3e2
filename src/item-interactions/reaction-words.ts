import type { ReactionType } from 'grammy/types';

/** Telegram's reaction in one word: the emoji itself, `custom_emoji:<id>`, or the kind alone (`paid`, and whatever comes after us). */
export function reactionWord(reaction: ReactionType): string {
  switch (reaction.type) {
    case 'emoji':
      return reaction.emoji;
    case 'custom_emoji':
      return `custom_emoji:${reaction.custom_emoji_id}`;
    default:
      return reaction.type;
  }
}
