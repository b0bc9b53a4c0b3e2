import { Temporal } from 'temporal-polyfill';
import { PersonError } from '../lib/errors.ts';
import { clip } from '../telegram/text.ts';

/** Whole local days of a zone: `start` and the `days - 1` days after it; half-open as instants. */
export type Period = {
  /** The first day, `YYYY-MM-DD`. */
  start: string;
  /** The last day, which still belongs to it. */
  end: string;
  days: number;
  since: Date;
  until: Date;
  timeZone: string;
};

const OLDEST = Temporal.PlainDate.from('2000-01-01');
const EXAMPLES = {
  daily: 'Send a day like /report daily 2026-11-18, or /report daily for yesterday.',
  weekly: 'Send a week like /report weekly 2026-W47, one of its days, or /report weekly for the last one.',
};

/** The first instant of a local day; where clocks skip midnight (Santiago, Beirut), the first one that exists. */
function startOf(day: Temporal.PlainDate, timeZone: string): Date {
  return new Date(day.toZonedDateTime(timeZone).startOfDay().epochMilliseconds);
}

/**
 * So many days that end with `end`. Days are 23 or 25 hours long where clocks change; neighbouring periods touch and
 * never overlap.
 */
export function periodEnding(end: string, days: number, timeZone: string): Period {
  const last = Temporal.PlainDate.from(end);
  const first = last.subtract({ days: days - 1 });
  const since = startOf(first, timeZone);
  const until = startOf(last.add({ days: 1 }), timeZone);
  return { start: first.toString(), end, days, since, until, timeZone };
}

/** The period as long as this one that ends the day before it. */
export function periodBefore(period: Period): Period {
  return movedBack(period, period.days);
}

/** The same days of the week before, for a single day the same weekday. */
export function weekBefore(period: Period): Period {
  return movedBack(period, 7);
}

function movedBack({ end, days, timeZone }: Period, by: number): Period {
  return periodEnding(Temporal.PlainDate.from(end).subtract({ days: by }).toString(), days, timeZone);
}

/** The local day of an instant. */
export function localDate(at: Date, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** The last day that was over at `now`. */
export function yesterday(now: Date, timeZone: string): string {
  return localDate(now, timeZone).subtract({ days: 1 }).toString();
}

/** The Sunday that ends the last ISO week that was over at `now`. */
export function lastSunday(now: Date, timeZone: string): string {
  const today = localDate(now, timeZone);
  return today.subtract({ days: today.dayOfWeek }).toString();
}

/** `2026-W47`: the ISO week of a day. */
export function weekName(date: string): string {
  const day = Temporal.PlainDate.from(date);
  return `${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, '0')}`;
}

/**
 * The day that a person typed: `2026-11-18`, `yesterday`, `today` (so far), or nothing for yesterday. Throws PersonError for what
 * is no day, lies in the future or before the year 2000.
 */
export function parseDay(typed: string, now: Date, timeZone: string): string {
  const word = typed.trim().toLowerCase();
  const today = localDate(now, timeZone);
  if (word === '' || word === 'yesterday') return today.subtract({ days: 1 }).toString();
  if (word === 'today') return today.toString();
  return pastDay(calendarDay(word) ?? unknown(typed, 'day', EXAMPLES.daily), today, EXAMPLES.daily).toString();
}

/**
 * The Sunday of the week that a person typed: `2026-W47`, any of its days, or nothing for the last whole week. Throws
 * PersonError as `parseDay` does; a week that has begun is there so far.
 */
export function parseWeek(typed: string, now: Date, timeZone: string): string {
  const word = typed.trim().toLowerCase();
  if (word === '' || word === 'last') return lastSunday(now, timeZone);
  const today = localDate(now, timeZone);
  const day =
    word === 'this' ? today : (calendarDay(word) ?? mondayOf(word) ?? unknown(typed, 'week', EXAMPLES.weekly));
  const monday = pastDay(day.subtract({ days: day.dayOfWeek - 1 }), today, EXAMPLES.weekly);
  return monday.add({ days: 6 }).toString();
}

function pastDay(day: Temporal.PlainDate, today: Temporal.PlainDate, example: string): Temporal.PlainDate {
  if (Temporal.PlainDate.compare(day, today) > 0) throw new PersonError(`${day} has not come yet. ${example}`);
  if (Temporal.PlainDate.compare(day, OLDEST) < 0) throw new PersonError(`${day} is before my time. ${example}`);
  return day;
}

/** `YYYY-MM-DD`, a day that exists. */
function calendarDay(word: string): Temporal.PlainDate | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(word) ?? [];
  return existing(() =>
    Temporal.PlainDate.from({ year: Number(year), month: Number(month), day: Number(day) }, REJECT),
  );
}

/** The Monday of `2026-w47`. The 4th of January is always in week 1 (ISO 8601). */
function mondayOf(word: string): Temporal.PlainDate | undefined {
  const [, year, week] = /^(\d{4})-?w(\d{1,2})$/.exec(word) ?? [];
  const fourth = existing(() => Temporal.PlainDate.from({ year: Number(year), month: 1, day: 4 }, REJECT));
  if (!fourth) return undefined;
  const monday = fourth.subtract({ days: fourth.dayOfWeek - 1 }).add({ weeks: Number(week) - 1 });
  return monday.weekOfYear === Number(week) && monday.yearOfWeek === Number(year) ? monday : undefined;
}

const REJECT = { overflow: 'reject' } as const;

/** Temporal throws RangeError for days that no calendar has, and for numbers that are none. */
function existing(make: () => Temporal.PlainDate): Temporal.PlainDate | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function unknown(typed: string, what: string, example: string): never {
  throw new PersonError(`“${clip(typed.trim(), 40)}” is no ${what} that I know. ${example}`);
}
