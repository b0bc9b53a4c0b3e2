import { Temporal } from 'temporal-polyfill';
import { localDay, type SlotSettings, windowOf } from '../queue/slots.ts';

/** The chat's settings that say when nothing is told about activity. Local times `HH:MM:SS`; equal ones: never. */
export type QuietHours = { timeZone: string; quietStart: string; quietEnd: string };

/** No window is so short that the longest threshold (168 h of it) is not reached in this time. */
const MOST_DAYS = 200;
const HOUR_MS = 3_600_000;

/** The last whole hour. */
export function lastHour(now: Date): Date {
  return new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - HOUR_MS);
}

/**
 * When the quiet hours end in which `now` lies; undefined outside of them. Where clocks change, a start or end that does
 * not exist lies behind the gap, and one that comes twice is the first.
 */
export function quietUntil(now: Date, { timeZone, quietStart, quietEnd }: QuietHours): Date | undefined {
  if (quietStart === quietEnd) return undefined;
  const today = localDay(now, timeZone);
  for (const offset of [-1, 0]) {
    const day = today.add({ days: offset });
    const isOvernight = Temporal.PlainTime.compare(quietEnd, quietStart) < 0;
    const start = instantOf(day, quietStart, timeZone);
    const end = instantOf(isOvernight ? day.add({ days: 1 }) : day, quietEnd, timeZone);
    if (start <= now.getTime() && now.getTime() < end) return new Date(end);
  }
  return undefined;
}

function instantOf(day: Temporal.PlainDate, time: string, timeZone: string): number {
  return day.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/**
 * How many milliseconds between `since` and `now` lay within the chat's posting windows. Stops counting at `enough`, so the
 * cost does not grow with how long nothing happened.
 */
export function postingTime(since: Date, now: Date, settings: SlotSettings, enough: number): number {
  const today = localDay(now, settings.timeZone);
  let sum = 0;
  for (let daysAgo = 0; daysAgo <= MOST_DAYS && sum < enough; daysAgo += 1) {
    const { start, end } = windowOf(today.subtract({ days: daysAgo }), settings);
    if (end <= since) break;
    sum += Math.max(0, Math.min(end.getTime(), now.getTime()) - Math.max(start.getTime(), since.getTime()));
  }
  return sum;
}
