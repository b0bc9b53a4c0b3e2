import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';

/**
 * The chat's settings that say when it posts. `windowStart`, `windowEnd`: local times; equal means the whole day.
 * `jitterMinutes`: how far a slot may lie from its even place, to either side; `id` (the chat) seeds it.
 */
export type SlotSettings = {
  id: number;
  timeZone: string;
  postsPerDay: number;
  windowStart: string;
  windowEnd: string;
  jitterMinutes: number;
};

/**
 * One time to post. It has a stretch of the window to itself (`from` up to but not including `until`): whatever is
 * planned in there takes this slot, also when its time was made by other settings or another program.
 */
export type Slot = { at: Date; from: Date; until: Date };

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How far ahead slots are looked for; no queue fills it. */
const MOST_DAYS = 3660;

/**
 * The instant of a local time. One that a change of clocks skips is moved behind the gap, one that occurs twice is its
 * first occurrence ("compatible", Temporal).
 */
function instantOf(day: Temporal.PlainDate, time: string, timeZone: string): number {
  return day.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** The local date of an instant. */
export function localDay(at: Date, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
}

/**
 * The window that begins on `day`, from start up to but not including end. One that ends before it starts reaches into
 * the next day. When clocks change inside it, it is longer or shorter; it never reaches into the next day's window, and
 * one that lies in the skipped hour is as long as on any other day, behind the gap.
 */
export function windowOf(day: Temporal.PlainDate, settings: SlotSettings): { start: Date; end: Date } {
  const { timeZone, windowStart, windowEnd } = settings;
  const isOvernight = Temporal.PlainTime.compare(windowEnd, windowStart) <= 0;
  const tomorrow = day.add({ days: 1 });
  const start = instantOf(day, windowStart, timeZone);
  // An end in the skipped hour lies behind a start that comes right after that hour: 02:30 behind 03:00.
  const end = Math.min(
    instantOf(isOvernight ? tomorrow : day, windowEnd, timeZone),
    instantOf(tomorrow, windowStart, timeZone),
  );
  if (end > start) return { start: new Date(start), end: new Date(end) };
  const nominal = Temporal.PlainTime.from(windowStart).until(windowEnd).total('milliseconds');
  return { start: new Date(start), end: new Date(start + (nominal > 0 ? nominal : nominal + DAY_MS)) };
}

/**
 * The slots of the window that begins on `day`, in order: evenly spread over the time that the window really lasts, the
 * first at its start, each moved by at most `jitterMinutes` to either side, but never out of the window and by less than
 * half the way to its neighbours, so that the order stays and no two meet. Whole minutes; where there is less than a
 * minute for each post, whole seconds (a window has at least a minute, a day at most 50 posts: always a second each).
 *
 * The same chat, day and settings give the same slots, whenever and wherever they are asked for: what looks like chance
 * comes from a hash of chat and date. So planning twice, or moving posts to and fro, ends at the same times.
 */
export function slotsOfDay(day: Temporal.PlainDate, settings: SlotSettings): Slot[] {
  const { postsPerDay, jitterMinutes } = settings;
  const window = windowOf(day, settings);
  const start = window.start.getTime();
  const lasts = window.end.getTime() - start;
  const unit = lasts / postsPerDay >= MINUTE_MS ? MINUTE_MS : SECOND_MS;
  const even = (index: number) => start + Math.floor((index * lasts) / postsPerDay / unit) * unit;
  // Rounding may bring two even places together by almost one unit.
  const pause = Math.floor(lasts / postsPerDay / unit);
  const reach = Math.min(Math.floor((jitterMinutes * MINUTE_MS) / unit), Math.floor((pause - 1) / 2));
  const bytes = createHash('shake256', { outputLength: 2 * postsPerDay })
    .update(`${settings.id} ${day}`)
    .digest();
  return Array.from({ length: postsPerDay }, (_, index) => {
    const offset = (bytes.readUInt16BE(2 * index) % (2 * reach + 1)) - reach;
    return {
      at: new Date(Math.max(start, even(index) + offset * unit)),
      from: new Date(index === 0 ? start : (even(index - 1) + even(index)) / 2),
      until: index === postsPerDay - 1 ? window.end : new Date((even(index) + even(index + 1)) / 2),
    };
  });
}

/**
 * Every slot after `now`, in order, for about ten years. Slots of yesterday's window, which may reach into now, come
 * first. A day that a zone skips altogether (Samoa, 2011) has the slots of the day after, and they come once.
 */
export function* slotsAfter(now: Date, settings: SlotSettings): Generator<Slot> {
  const today = localDay(now, settings.timeZone);
  let last = now;
  for (let offset = -1; offset < MOST_DAYS; offset += 1) {
    for (const slot of slotsOfDay(today.add({ days: offset }), settings)) {
      if (slot.at <= last) continue;
      last = slot.at;
      yield slot;
    }
  }
}

/**
 * The slots after `now` that none of the `taken` times lies in, in order. Lazy: take what is needed.
 */
export function* freeSlots(now: Date, taken: readonly Date[], settings: SlotSettings): Generator<Slot> {
  const times = taken.map((time) => time.getTime()).sort((a, b) => a - b);
  let next = 0;
  for (const slot of slotsAfter(now, settings)) {
    const from = slot.from.getTime();
    while (next < times.length && (times[next] ?? 0) < from) next += 1;
    if (next < times.length && (times[next] ?? 0) < slot.until.getTime()) continue;
    yield slot;
  }
}

/** The first slot after `now` that is not taken. Throws when ten years are full (a bug). */
export function nextFreeSlot(now: Date, taken: readonly Date[], settings: SlotSettings): Date {
  for (const slot of freeSlots(now, taken, settings)) return slot.at;
  throw new Error('no free slot in ten years');
}

/**
 * How far a plan of `days` days reaches: the end of the last of so many windows. The first one is today's, or tomorrow's
 * when today's has no slot left; what is left of yesterday's, after midnight, comes on top.
 */
export function planEnd(now: Date, days: number, settings: SlotSettings): Date {
  const today = localDay(now, settings.timeZone);
  const hasSlotLeft = slotsOfDay(today, settings).some(({ at }) => at > now);
  return windowOf(today.add({ days: hasSlotLeft ? days - 1 : days }), settings).end;
}
