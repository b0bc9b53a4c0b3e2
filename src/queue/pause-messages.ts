import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import { nearTime } from '../telegram/local-time.ts';
import { bold, lines, type Text } from '../telegram/text.ts';
import { counted } from './counted.ts';
import type { Backlog, PauseResult, ResumeResult } from './pause-repository.ts';

type Zone = { timeZone: string };

/** What pausing came to: what stands still, and what still works. */
export function pauseMessage(result: PauseResult, { timeZone }: Zone, now: Date): Text {
  if (result.kind === 'already_paused') {
    return lines(`⏸️ Already paused since ${nearTime(result.since, timeZone, now)}.`, '/resume goes on.');
  }
  const pending = result.overdue + result.later;
  const cards = `the ${result.waiting === 1 ? 'timer' : 'timers'} of ${counted(result.waiting, 'waiting card')}`;
  const standing = result.waiting === 0 ? '' : ` and ${cards}`;
  const verb = pending === 1 && result.waiting === 0 ? 'stands' : 'stand';
  return lines(
    bold('⏸️ Posting is paused.'),
    `${counted(pending, 'planned post')}${standing} ${verb} still.`,
    'Buttons and /next work as ever. /resume goes on.',
  );
}

/** What resuming came to. */
export function resumedMessage(
  result: Exclude<ResumeResult, { kind: 'overdue' }>,
  { timeZone }: Zone,
  now: Date,
): Text {
  const next = result.next
    ? `Next card: ${nearTime(result.next, timeZone, now)} (${timeZone}).`
    : 'Nothing is planned.';
  if (result.kind === 'not_paused') return lines('▶️ Posting is not paused.', next);
  const posts = counted(result.overdue, 'overdue post');
  const isOne = result.overdue === 1;
  switch (result.choice) {
    case undefined:
      return lines(bold('▶️ Posting goes on.'), next);
    case 'reschedule':
      return lines(
        bold('▶️ Posting goes on.'),
        `${posts} got ${isOne ? 'a new time' : 'new times'}; the order is as it was.`,
        next,
      );
    case 'clear':
      return lines(
        bold('▶️ Posting goes on.'),
        `${posts} ${isOne ? 'is' : 'are'} out of the queue. The media stay in the library.`,
        next,
      );
    case 'send':
      return lines(
        bold('▶️ Posting goes on.'),
        `${posts} ${isOne ? 'comes' : 'come'} now${isOne ? '' : ', one a minute, the oldest first'}.`,
      );
  }
}

/** The question what happens to overdue posts; the chat stays paused until a button says it. */
export function resumeQuestion(
  chatId: number,
  { overdue, later }: Pick<Backlog, 'overdue' | 'later'>,
): { text: Text; keyboard: InlineKeyboard } {
  const isOne = overdue === 1;
  return {
    text: lines(
      bold(
        `⏸️ ${counted(overdue, 'post')} ${isOne ? 'is' : 'are'} overdue, ${later} ${later === 1 ? 'comes' : 'come'} later.`,
      ),
      `What should happen to the overdue ${isOne ? 'one' : 'ones'}?`,
      '🔄 new times from now on, in the same order',
      '🗑 out of the queue; the media stay in the library',
      '▶️ sent now, one a minute',
    ),
    keyboard: new InlineKeyboard()
      .text('🔄 Reschedule', featureData('resume', 'reschedule', chatId))
      .row()
      .text('🗑 Clear overdue', featureData('resume', 'clear', chatId))
      .row()
      .text('▶️ Send anyway', featureData('resume', 'send', chatId)),
  };
}
