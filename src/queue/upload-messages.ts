import type { MediaKind } from '../db/schema/index.ts';
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
  of: KnownItem;
  planned: Date | undefined;
  locked: Date | 'for ever' | undefined;
  timeZone: string;
  now: Date;
}): Text {
  const { of, timeZone, now } = facts;
  const posted = of.lastPostedAt
    ? `Posted ${of.timesPosted === 1 ? 'once' : `${of.timesPosted} times`}, last on ${dayAndTime(of.lastPostedAt, timeZone, now)}.`
    : undefined;
  return lines(fmt`♻️ I have this one already: ${bold(clip(of.fileName, MAX_NAME))}`, situation(facts), posted);
}

type KnownItem = Pick<MediaItem, 'fileName' | 'lastPostedAt' | 'timesPosted'>;

function situation(facts: {
  planned: Date | undefined;
  locked: Date | 'for ever' | undefined;
  timeZone: string;
  now: Date;
}): string {
  const { planned, locked, timeZone, now } = facts;
  if (planned) return `It is planned for ${nearTime(planned, timeZone, now)}.`;
  if (locked === 'for ever') return 'It was rejected for ever.';
  return locked ? `It rests until ${dayAndTime(locked, timeZone, now)}.` : 'It is in the library already.';
}

/** After the last try. */
export function uploadFailedMessage(fileName: string): Text {
  return fmt`⚠️ I could not fetch ${bold(clip(fileName, MAX_NAME))} from Telegram. Please send it again.`;
}

/** What became of one picture that was sent. */
export type TakenIn =
  | { kind: 'added'; fileName: string; mediaKind: MediaKind; slot: Date; isCompared: boolean }
  | { kind: 'duplicate'; of: KnownItem; planned: Date | undefined; locked: Date | 'for ever' | undefined }
  | { kind: 'failed'; fileName: string };

/** The one answer to what a person sent: a picture, or an album of them, each with its slot or what came in between. */
export function takenInAnswer(
  taken: readonly TakenIn[],
  facts: { chat: { title: string; timeZone: string }; now: Date },
): Text {
  const [only, second] = taken;
  if (only && !second) return singleAnswer(only, facts);
  const { chat, now } = facts;
  const { timeZone } = chat;
  const added = taken.filter((one) => one.kind === 'added');
  const known = taken.filter((one) => one.kind === 'duplicate');
  const failed = taken.filter((one) => one.kind === 'failed');
  const uncompared = added.filter(({ isCompared }) => !isCompared);
  const name = (fileName: string) => clip(fileName, MAX_LISTED_NAME);
  return lines(
    ...(added.length === 0
      ? []
      : [
          fmt`✅ Added ${bold(counted(added))}`,
          `${clip(chat.title || 'The team', 60)} gets ${added.length === 1 ? 'it' : 'them'} (${timeZone}):`,
          ...added.map((one) => fmt`• ${bold(nearTime(one.slot, timeZone, now))} ${name(one.fileName)}`),
        ]),
    ...(uncompared.length === 0
      ? []
      : [`Too large to be compared with the library by content (over 20 MB): ${uncompared.length}.`]),
    ...(known.length === 0
      ? []
      : [
          fmt`♻️ I have ${bold(String(known.length))} already:`,
          ...known.map((one) => `• ${name(one.of.fileName)}: ${lowerFirst(situation({ ...one, timeZone, now }))}`),
        ]),
    ...(failed.length === 0
      ? []
      : [
          fmt`⚠️ I could not fetch ${bold(String(failed.length))} from Telegram. Please send again:`,
          ...failed.map((one) => `• ${name(one.fileName)}`),
        ]),
  );
}

/** An answer that is given once more because nobody knows whether it arrived. */
export function answerAgain(answer: Text): Text {
  return lines('🔁 Said again: I could not be sure that the first answer arrived.', answer);
}

function singleAnswer(one: TakenIn, { chat, now }: { chat: { title: string; timeZone: string }; now: Date }): Text {
  switch (one.kind) {
    case 'added':
      return takenInMessage({ ...one, chat, now });
    case 'duplicate':
      return duplicateMessage({ ...one, timeZone: chat.timeZone, now });
    case 'failed':
      return uploadFailedMessage(one.fileName);
  }
}

/** Ten names of an album stand under one another on a phone. */
const MAX_LISTED_NAME = 60;

const WORDS: Readonly<Record<MediaKind, string>> = {
  photo: 'picture',
  video: 'video',
  animation: 'animation',
  document: 'document',
};

/** `4 pictures`, `1 video`; of several kinds `3 files`. */
function counted(added: readonly { mediaKind: MediaKind }[]): string {
  const kinds = new Set(added.map(({ mediaKind }) => WORDS[mediaKind]));
  const [word = ''] = kinds.size === 1 ? kinds : ['file'];
  return `${added.length} ${word}${added.length === 1 ? '' : 's'}`;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
