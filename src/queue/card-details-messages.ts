import { dayAndTime, nearTime } from '../telegram/local-time.ts';
import { clip, MAX_TOAST } from '../telegram/text.ts';
import type { CardDetails } from './card-details-repository.ts';

const MAX_NAME = 24;

/** ℹ️ on a card: what fits into an alert of 200 units, the most useful first. */
export function cardDetailsMessage(details: CardDetails, timeZone: string, now: Date): string {
  const when = (at: Date) => dayAndTime(at, timeZone, now);
  const { category, timesPosted, lastPostedAt, duplicates, addedBy, addedAt, scheduledFor } = details;
  const posted =
    timesPosted === 0 || !lastPostedAt
      ? 'never posted'
      : `posted ${timesPosted === 1 ? 'once' : `${timesPosted} times, last`} ${when(lastPostedAt)}`;
  const lock = details.isLockedForever
    ? 'Rejected for ever'
    : details.lockedUntil
      ? `Rests until ${when(details.lockedUntil)}`
      : undefined;
  const facts = [
    `${category ? clip(category, MAX_NAME) : 'No category'}, ${posted}`,
    `Planned for ${nearTime(scheduledFor, timeZone, now)}`,
    lock,
    duplicates > 0 ? `Same content as ${duplicates} other ${duplicates === 1 ? 'file' : 'files'}` : undefined,
    `Added${addedBy ? ` by ${clip(addedBy, MAX_NAME)}` : ''}, ${when(addedAt)}`,
  ];
  return clip(facts.filter((fact) => fact !== undefined).join('\n'), MAX_TOAST);
}
