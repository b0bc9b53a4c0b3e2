import type { MediaItem } from '../media/media-repository.ts';
import { dayAndTime, nearTime } from '../telegram/local-time.ts';
import { bold, clip, fmt, lines, type Text } from '../telegram/text.ts';

const MAX_NAME = 80;

/** "Added": what, when it comes, in whose zone. */
export function takenInMessage(facts: {
  fileName: string;
  slot: Date;
  chat: { title: string; timeZone: string };
  isCompared: boolean;
  now: Date;
}): Text {
  const when = nearTime(facts.slot, facts.chat.timeZone, facts.now);
  return lines(
    fmt`✅ Added ${bold(clip(facts.fileName, MAX_NAME))}`,
    fmt`${clip(facts.chat.title || 'The team', 60)} gets it ${bold(when)} (${facts.chat.timeZone}).`,
    facts.isCompared ? undefined : 'It is too large to be compared with the library by content (over 20 MB).',
  );
}

/** "Already here": which item it is, and what became of it. */
export function duplicateMessage(facts: {
  of: Pick<MediaItem, 'fileName' | 'lastPostedAt' | 'timesPosted'>;
  planned: Date | undefined;
  locked: Date | 'for ever' | undefined;
  timeZone: string;
  now: Date;
}): Text {
  const { of, planned, locked, timeZone, now } = facts;
  const when = (at: Date) => dayAndTime(at, timeZone, now);
  const situation = planned
    ? `It is planned for ${nearTime(planned, timeZone, now)}.`
    : locked === 'for ever'
      ? 'It was rejected for ever.'
      : locked
        ? `It rests until ${when(locked)}.`
        : 'It is in the library already.';
  const posted = of.lastPostedAt
    ? `Posted ${of.timesPosted === 1 ? 'once' : `${of.timesPosted} times`}, last on ${when(of.lastPostedAt)}.`
    : undefined;
  return lines(fmt`♻️ I have this one already: ${bold(clip(of.fileName, MAX_NAME))}`, situation, posted);
}

/** After the last try. */
export function uploadFailedMessage(fileName: string): Text {
  return fmt`⚠️ I could not fetch ${bold(clip(fileName, MAX_NAME))} from Telegram. Please send it again.`;
}
