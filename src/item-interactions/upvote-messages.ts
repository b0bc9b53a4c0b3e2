import type { Upvoted } from './upvote-repository.ts';

/** What whoever tapped 👍 is told: a toast. */
export function upvoteAnswer({ isUpvoted, others }: Upvoted): string {
  if (!isUpvoted) return others === 0 ? 'Your 👍 is taken back.' : `Your 👍 is taken back. ${likedByOthers(others)}`;
  if (others === 0) return '👍 You like this one, the first of all.';
  return `👍 You and ${others} ${others === 1 ? 'other' : 'others'} like this one.`;
}

function likedByOthers(others: number): string {
  return others === 1 ? '1 other likes it.' : `${others} others like it.`;
}
