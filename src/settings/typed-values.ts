import { PersonError } from '../lib/errors.ts';
import { clip } from '../telegram/text.ts';
import { findTimeZone } from './time-zones.ts';

/** What can be typed for a number: from `min` to `max`, with or without its unit; `off` for 0 where 0 switches it off. */
export type NumberRange = { min: number; max: number; unit?: 'days' | 'h' | 'min' };

/** One-tap reasons are button labels. */
export const MAX_REASON = 40;
export const MAX_REASONS = 4;

const UNITS = /\s*(?:posts?|people|persons?|days?|d|hours?|h|minutes?|mins?|m)?$/i;
const CLOCK = /^(\d{1,2})(?:[:.](\d{2}))?$/;

const shown = (typed: string): string => `“${clip(typed, 40)}”`;

/** A whole number in the range. Throws PersonError, which names the range. */
export function parseNumber(typed: string, { min, max }: NumberRange): number {
  const text = typed.trim();
  const allowed = `Send a whole number from ${min} to ${max}.`;
  if (min === 0 && /^(off|no|none)$/i.test(text)) return 0;
  const digits = text.replace(UNITS, '');
  if (!/^[+-]?\d+$/.test(digits)) throw new PersonError(`${shown(typed)} is no whole number. ${allowed}`);
  const value = Number(digits);
  if (value < min || value > max) throw new PersonError(`${shown(typed)} is out of range. ${allowed}`);
  return value;
}

/** A local time as `HH:MM`; `9`, `9:30` and `09.30` will do, 24:00 is midnight. Throws PersonError. */
export function parseClockTime(typed: string): string {
  const [, hours = '', minutes = '00'] = CLOCK.exec(typed.trim()) ?? [];
  const isMidnight = hours === '24' && minutes === '00';
  if (hours === '' || (Number(hours) > 23 && !isMidnight) || Number(minutes) > 59) {
    throw new PersonError(`${shown(typed)} is no time of day. Write it like 09:00, from 00:00 to 23:59.`);
  }
  return `${(isMidnight ? '00' : hours).padStart(2, '0')}:${minutes}`;
}

/** `14:00-02:00`, `14-2`, `9.30 – 18`, `all day` -> start and end as `HH:MM`; equal ones mean the whole day. Throws PersonError. */
export function parseWindow(typed: string): { start: string; end: string } {
  if (/^(all|whole) day$/i.test(typed.trim())) return { start: '00:00', end: '00:00' };
  const [start, end, ...more] = typed.split(/[-–—]|\bto\b/i);
  if (start === undefined || end === undefined || more.length > 0) {
    throw new PersonError(`${shown(typed)} is no window. Write when it starts and ends, like 14:00-02:00 or 9-18.`);
  }
  return { start: parseClockTime(start), end: parseClockTime(end) };
}

/** Quiet hours as start and end, `HH:MM`; `off` gives equal ones. Throws PersonError. */
export function parseQuietHours(typed: string): { start: string; end: string } {
  if (/^(off|no|none)$/i.test(typed.trim())) return { start: '00:00', end: '00:00' };
  const hours = parseWindow(typed);
  if (hours.start === hours.end) {
    throw new PersonError('A whole day cannot be quiet: switch the notices off one by one instead, with 0.');
  }
  return hours;
}

/** The number of a forum topic, bare or at the end of a link to it; `general` gives null. Throws PersonError. */
export function parseTopic(typed: string): number | null {
  const text = typed.trim();
  if (/^(general|none|off)$/i.test(text)) return null;
  const [, number = ''] = /^(?:https:\/\/t\.me\/(?:c\/)?\w+\/)?(\d{1,10})$/.exec(text) ?? [];
  // General is topic 1, and messages into it must not name it (Bot API: message thread not found).
  if (number === '1') return null;
  if (number === '' || Number(number) === 0 || Number(number) > 2 ** 31 - 1) {
    throw new PersonError(`${shown(typed)} is no topic. Send a link to it, its number, or “general”.`);
  }
  return Number(number);
}

/** An IANA time zone. Throws PersonError; `suggestTimeZones` may know what was meant. */
export function parseTimeZone(typed: string): string {
  const zone = findTimeZone(typed);
  if (zone === undefined) {
    throw new PersonError(
      `I know no time zone ${shown(typed)}. Write its IANA name, continent and city, like Europe/Berlin, or UTC.`,
    );
  }
  return zone;
}

/** The reasons with one more. Throws PersonError when it is empty, too long, there already, or one too many. */
export function addReason(typed: string, reasons: readonly string[]): string[] {
  const reason = typed.toWellFormed().replace(/\s+/g, ' ').trim();
  const length = [...reason].length;
  if (length === 0) throw new PersonError('A reason needs at least one character.');
  if (length > MAX_REASON) {
    throw new PersonError(`That has ${length} characters; a reason fits its button with at most ${MAX_REASON}.`);
  }
  if (reasons.some((known) => known.toLowerCase() === reason.toLowerCase())) {
    throw new PersonError(`${shown(reason)} is among the reasons already.`);
  }
  if (reasons.length >= MAX_REASONS) {
    throw new PersonError(`There are ${MAX_REASONS} reasons already. Remove one first.`);
  }
  return [...reasons, reason];
}

/**
 * Reminder and discarding, in hours, 0 for off: the reminder comes first, or it would never come. Throws PersonError,
 * otherwise gives back what it was given.
 */
export function checkWaiting<T extends { remindAfterHours: number; discardAfterHours: number }>(waiting: T): T {
  const { remindAfterHours: remind, discardAfterHours: discard } = waiting;
  if (remind > 0 && discard > 0 && discard <= remind) {
    throw new PersonError(
      `The reminder (after ${remind} h) must come before a card is discarded (after ${discard} h). 0 switches either off.`,
    );
  }
  return waiting;
}
