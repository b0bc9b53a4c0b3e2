import { Temporal } from 'temporal-polyfill';

/** The chat's settings that say when it posts. `windowStart`, `windowEnd`: local times; equal means the whole day. */
export type SlotSettings = { timeZone: string; postsPerDay: number; windowStart: string; windowEnd: string };

const MINUTES_PER_DAY = 24 * 60;

function minutesOf(time: string): number {
  const { hour, minute } = Temporal.PlainTime.from(time);
  return hour * 60 + minute;
}

/**
 * The instants at which a chat posts on the window that begins on `day`, in order: evenly spaced over the window, the
 * first at its start. A window that ends before it starts reaches into the next day. A local time that a change of
 * clocks skips is moved behind the gap, one that occurs twice is its first occurrence ("compatible", Temporal).
 */
export function slotsOfDay(day: Temporal.PlainDate, settings: SlotSettings): Date[] {
  const start = minutesOf(settings.windowStart);
  const length = (minutesOf(settings.windowEnd) - start + MINUTES_PER_DAY) % MINUTES_PER_DAY || MINUTES_PER_DAY;
  const slots = Array.from({ length: settings.postsPerDay }, (_, index) => {
    const minutes = start + Math.round((index * length) / settings.postsPerDay);
    const local = day.toPlainDateTime({ hour: 0 }).add({ minutes });
    return new Date(local.toZonedDateTime(settings.timeZone, { disambiguation: 'compatible' }).epochMilliseconds);
  });
  return slots.sort((a, b) => a.getTime() - b.getTime());
}

/** The first slot after `now` that is not among `taken`. Looks through at most ten years, which no queue fills. */
export function nextFreeSlot(now: Date, taken: readonly Date[], settings: SlotSettings): Date {
  const occupied = new Set(taken.map((slot) => slot.getTime()));
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(settings.timeZone)
    .toPlainDate();
  // Yesterday's window may reach past midnight into now.
  let next = slotsOfDay(today.subtract({ days: 1 }), settings);
  for (let offset = 0; offset < 3660; offset += 1) {
    const day = next;
    next = slotsOfDay(today.add({ days: offset }), settings);
    const free = (slot: Date) => slot > now && !occupied.has(slot.getTime());
    const found = day.find(free);
    if (!found) continue;
    // When clocks go forward, a window's last slots may be moved behind the next one's first.
    const earlier = next.find(free);
    return earlier && earlier < found ? earlier : found;
  }
  throw new Error('no free slot in ten years');
}
