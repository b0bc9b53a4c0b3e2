import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import { dayAndTime } from '../telegram/local-time.ts';
import { bold, clip, fmt, lines, type Text } from '../telegram/text.ts';
import type { Lifted, Lock } from './locks-repository.ts';

/** Locked media on one page. */
export const PAGE_SIZE = 10;
const MAX_NAME = 40;
const BUTTONS_IN_A_ROW = 5;

/** What a page of locks is about. `isPermanentOnly`: /unreject, which lists nothing else. */
export type LocksPage = {
  chatId: number;
  timeZone: string;
  locks: readonly Lock[];
  counts: { permanent: number; resting: number };
  page: number;
  isPermanentOnly: boolean;
  isAdmin: boolean;
  now: Date;
};

type View = { text: Text; keyboard: InlineKeyboard };

/** `/locks` and `/unreject`: what may not be queued, for ever first; admins get a button for each that is for ever. */
export function locksMessage(facts: LocksPage): View {
  const { locks, counts, page, isPermanentOnly, timeZone } = facts;
  const total = isPermanentOnly ? counts.permanent : counts.permanent + counts.resting;
  if (total === 0) {
    const text = isPermanentOnly
      ? 'Nothing is rejected for ever.'
      : 'Nothing is locked: everything in the library is free.';
    return { text: lines(`🔓 ${text}`), keyboard: new InlineKeyboard() };
  }
  const first = page * PAGE_SIZE + 1;
  const title = isPermanentOnly
    ? fmt`${bold('🚫 Rejected for ever')} ${`${first}–${first + locks.length - 1} of ${total}`}`
    : fmt`${bold('🔒 Locked')} ${`${counts.permanent} for ever, ${counts.resting} resting`}`;
  const hint = isPermanentOnly ? 'Tap a number to lift that rejection.' : undefined;
  return {
    text: lines(
      title,
      ...locks.map((lock, index) => lockLine(lock, first + index, facts)),
      '',
      hint,
      `Times are ${timeZone}.`,
    ),
    keyboard: buttons(facts, first, total),
  };
}

function lockLine(lock: Lock, number: number, { timeZone, now }: LocksPage): Text {
  const name = bold(clip(lock.label, MAX_NAME));
  if (lock.lockedUntil) {
    const why = lock.reason === 'skip' ? 'skipped' : 'posted';
    return fmt`${String(number)}. 💤 ${name}\n${why}, until ${dayAndTime(lock.lockedUntil, timeZone, now)}`;
  }
  const by = lock.by ? `by ${clip(lock.by, MAX_NAME)}, ` : '';
  const why = lock.why ? ` · ${clip(lock.why, 80)}` : '';
  return fmt`${String(number)}. 🚫 ${name}\n${by}${dayAndTime(lock.lockedAt, timeZone, now)}${why}`;
}

function buttons({ locks, page, chatId, isPermanentOnly, isAdmin }: LocksPage, first: number, total: number) {
  const keyboard = new InlineKeyboard();
  const permanent = isAdmin ? locks.filter(({ lockedUntil }) => lockedUntil === null) : [];
  for (const [index, lock] of permanent.entries()) {
    if (index > 0 && index % BUTTONS_IN_A_ROW === 0) keyboard.row();
    keyboard.text(`🔓 ${first + index}`, featureData('locks', 'ask', `${chatId}.${lock.id}`));
  }
  keyboard.row();
  const turn = (to: number) => featureData('locks', isPermanentOnly ? 'rejected' : 'page', `${chatId}.${to}`);
  if (page > 0) keyboard.text('‹', turn(page - 1));
  if ((page + 1) * PAGE_SIZE < total) keyboard.text('›', turn(page + 1));
  return keyboard;
}

/** The question before a rejection is lifted. */
export function liftQuestion(lock: Lock, chatId: number, timeZone: string, now: Date): View {
  const by = lock.by ? `Rejected by ${clip(lock.by, MAX_NAME)}` : 'Rejected';
  const why = lock.why ? ` · ${clip(lock.why, 200)}` : '';
  return {
    text: lines(
      fmt`${bold('Lift this rejection?')}`,
      `📁 ${clip(lock.label, 80)}`,
      `${by}, ${dayAndTime(lock.lockedAt, timeZone, now)}${why}`,
      'It may be queued again then. The decision stays in the history.',
    ),
    keyboard: new InlineKeyboard()
      .text('🔓 Yes, lift it', featureData('locks', 'lift', `${chatId}.${lock.id}`))
      .text('↩️ No', featureData('locks', 'rejected', `${chatId}.0`)),
  };
}

/** What is true after a rejection was lifted. */
export function liftedMessage(facts: {
  lifted: Lifted;
  by: string;
  chatId: number;
  timeZone: string;
  now: Date;
}): View {
  const { lifted, by, chatId, timeZone, now } = facts;
  const then = lifted.restsUntil
    ? `It rests until ${dayAndTime(lifted.restsUntil, timeZone, now)}, as before the rejection; then it may be queued.`
    : 'It may be queued again.';
  return {
    text: lines(fmt`🔓 ${bold(clip(lifted.label, 80))} is not rejected any more.`, then, `Lifted by ${clip(by, 64)}.`),
    keyboard: new InlineKeyboard().text('‹ All rejected', featureData('locks', 'rejected', `${chatId}.0`)),
  };
}
