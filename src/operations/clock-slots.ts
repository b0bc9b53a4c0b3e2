import { Temporal } from 'temporal-polyfill';

/**
 * When a job is due. `at` is a local time `HH:MM` of the zone that goes with the rule, `weekday` counts from 1, Monday, to 7.
 * Intervals are counted in UTC, whatever the zone, `offset` minutes after midnight: they are as long on days on which clocks
 * change. `minutes` divides a day. `day` beyond the end of a month means its last day (31st, 29 February).
 */
export type ClockRule =
  | { kind: 'interval'; minutes: number; offset: number }
  | { kind: 'daily'; at: string }
  | { kind: 'weekly'; weekday: number; at: string }
  | { kind: 'monthly'; day: number; at: string };

/**
 * One time at which a job is due. `period` names the local day (`2026-11-20`), ISO week (`2026-W47`) or month (`2026-11`) that
 * it stands for; for intervals it is the instant. A period is run once, whatever happens to zone and time of the rule.
 */
export type ClockSlot = { at: Date; period: string };

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** A monthly rule has a slot in any such stretch; a daily one in the shortest of them. */
const AHEAD_DAYS = [2, 8, 62] as const;

/** The local time of an instant. */
function localTime(at: Date, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
}

/**
 * The instant of a local time. A time that occurs twice is its first occurrence; one that a change of clocks skips is the
 * first minute that there is behind the gap (platform-facts 4.3: 02:30 is 03:00 where clocks go from 02:00 to 03:00).
 */
function instantOf(day: Temporal.PlainDate, at: string, zone: string): Date {
  const wanted = day.toPlainDateTime(at);
  const first = wanted.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const isThere = first.toPlainDateTime().equals(wanted);
  const instant = isThere ? first : first.getTimeZoneTransition('next');
  if (!instant) throw new Error(`${zone} skips ${wanted} without a change of clocks`);
  return new Date(instant.epochMilliseconds);
}

/** The days of a calendar rule from `first` to `last`, with the period that each stands for. */
function* ruleDays(
  rule: Exclude<ClockRule, { kind: 'interval' }>,
  first: Temporal.PlainDate,
  last: Temporal.PlainDate,
): Generator<{ day: Temporal.PlainDate; period: string }> {
  for (let day = first; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
    if (rule.kind === 'daily') yield { day, period: day.toString() };
    if (rule.kind === 'weekly' && day.dayOfWeek === rule.weekday) {
      yield { day, period: `${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, '0')}` };
    }
    if (rule.kind === 'monthly' && day.day === Math.min(rule.day, day.daysInMonth)) {
      yield { day, period: day.toPlainYearMonth().toString() };
    }
  }
}

/**
 * The slots of a rule from `from` up to but not including `to`, in order. Every local day, week or month has one, also where
 * clocks change; two whose times fall together (a zone that skips a whole day) are one, the later. Pure: the same
 * arguments give the same slots.
 */
export function slotsBetween(rule: ClockRule, zone: string, from: Date, to: Date): ClockSlot[] {
  if (rule.kind === 'interval') return intervalSlots(rule, from, to);
  // A skipped time lies up to a day behind its own date.
  const first = localTime(from, zone).toPlainDate().subtract({ days: 2 });
  const last = localTime(to, zone).toPlainDate();
  const slots = new Map<number, ClockSlot>();
  for (const { day, period } of ruleDays(rule, first, last)) {
    const at = instantOf(day, rule.at, zone);
    if (at >= from && at < to) slots.set(at.getTime(), { at, period });
  }
  return [...slots.values()];
}

function intervalSlots({ minutes, offset }: { minutes: number; offset: number }, from: Date, to: Date): ClockSlot[] {
  if (!Number.isInteger(DAY_MINUTES / minutes)) throw new Error(`${minutes} minutes do not divide a day`);
  const step = minutes * MINUTE_MS;
  const shift = offset * MINUTE_MS;
  const slots: ClockSlot[] = [];
  for (let at = Math.ceil((from.getTime() - shift) / step) * step + shift; at < to.getTime(); at += step) {
    slots.push({ at: new Date(at), period: new Date(at).toISOString() });
  }
  return slots;
}

/** The last slot at or before `now` that is at most `maxAgeMs` old; undefined when there is none. */
export function lastSlot(rule: ClockRule, zone: string, now: Date, maxAgeMs: number): ClockSlot | undefined {
  return slotsBetween(rule, zone, new Date(now.getTime() - maxAgeMs), new Date(now.getTime() + 1)).at(-1);
}

/** The first slot after `now` that does not stand for the period `taken`. */
export function nextSlot(rule: ClockRule, zone: string, now: Date, taken?: string): ClockSlot {
  const after = new Date(now.getTime() + 1);
  for (const days of AHEAD_DAYS) {
    const until = new Date(after.getTime() + days * DAY_MINUTES * MINUTE_MS);
    const next = slotsBetween(rule, zone, after, until).find(({ period }) => period !== taken);
    if (next) return next;
  }
  throw new Error(`a rule without a slot in ${AHEAD_DAYS.at(-1)} days: ${JSON.stringify(rule)}`);
}

const WEEKDAYS = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays'] as const;

/** `hourly`, `daily at 09:00`, `Mondays at 09:00`: the rule as people say it. */
export function ruleWords(rule: ClockRule): string {
  switch (rule.kind) {
    case 'interval':
      return rule.minutes === 60 ? 'hourly' : `every ${rule.minutes} min`;
    case 'daily':
      return `daily at ${rule.at.slice(0, 5)}`;
    case 'weekly':
      return `${WEEKDAYS[rule.weekday - 1]} at ${rule.at.slice(0, 5)}`;
    case 'monthly':
      return `monthly on day ${rule.day} at ${rule.at.slice(0, 5)}`;
  }
}
