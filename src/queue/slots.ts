import { Temporal } from 'temporal-polyfill';

/** The chat's settings that say when it posts. `windowStart`, `windowEnd`: local times; equal means the whole day. */
export type SlotSettings = { timeZone: string; postsPerDay: number; windowStart: string; windowEnd: string };

const MINUTE_MS = 60_000;

/**
 * The instant of a local time. One that a change of clocks skips is moved behind the gap, one that occurs twice is its
 * first occurrence ("compatible", Temporal).
 */
function instantOf(day: Temporal.PlainDate, time: string, timeZone: string): number {
  return day.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/**
 * The instants at which a chat posts in the window that begins on `day`, in order: evenly spaced over the time that the
 * window really lasts, to the minute, the first at its start. A window that ends before it starts reaches into the next
 * day. When clocks change inside it, it is an hour longer or shorter and so are the pauses, but no slot falls out of the
 * window or onto another one.
 */
export function slotsOfDay(day: Temporal.PlainDate, settings: SlotSettings): Date[] {
  const { timeZone, postsPerDay, windowStart, windowEnd } = settings;
  const isOvernight = Temporal.PlainTime.compare(windowEnd, windowStart) <= 0;
  const lastDay = isOvernight ? day.add({ days: 1 }) : day;
  const start = instantOf(day, windowStart, timeZone);
  const length = instantOf(lastDay, windowEnd, timeZone) - start;
  // A short window that lies in a gap has no length; it then is as long as on any other day, behind the gap.
  const nominal = Temporal.PlainTime.from(windowStart).until(windowEnd).total('milliseconds');
  const lasts = length > 0 ? length : nominal;
  return Array.from(
    { length: postsPerDay },
    (_, index) => new Date(start + Math.floor((index * lasts) / postsPerDay / MINUTE_MS) * MINUTE_MS),
  );
}

/** The first slot after `now` that is not among `taken`. Looks through at most ten years, which no queue fills. */
export function nextFreeSlot(now: Date, taken: readonly Date[], settings: SlotSettings): Date {
  const occupied = new Set(taken.map((slot) => slot.getTime()));
  const { timeZone } = settings;
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  // Yesterday's window may reach past midnight into now.
  for (let offset = -1; offset < 3660; offset += 1) {
    for (const slot of slotsOfDay(today.add({ days: offset }), settings)) {
      if (slot > now && !occupied.has(slot.getTime())) return slot;
    }
  }
  throw new Error('no free slot in ten years');
}
