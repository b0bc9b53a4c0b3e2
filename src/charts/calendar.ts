import type { DayCounts, KindCounts } from './decisions-picture.ts';

/** One bar: a day, or the days of a week or month that the picture has. */
export type Bin = KindCounts & {
  /** The first of its days, `YYYY-MM-DD`. */
  date: string;
  isWeekend: boolean;
};
export type Unit = 'day' | 'week' | 'month';

/** More days than these, and bars would be thinner than a finger sees: they become weeks, then months. */
const MOST_DAYS = 45;
const MOST_DAYS_IN_WEEKS = 400;

/** Days as bars: each day, each week (from Monday) or each month, so that bars stay wide enough to be seen. */
export function binsOf(days: readonly DayCounts[]): { unit: Unit; bins: Bin[] } {
  const unit = days.length <= MOST_DAYS ? 'day' : days.length <= MOST_DAYS_IN_WEEKS ? 'week' : 'month';
  const bins = new Map<string, Bin>();
  for (const day of days) {
    const key = unit === 'day' ? day.date : unit === 'week' ? mondayOf(day.date) : day.date.slice(0, 7);
    const bin = bins.get(key);
    const isWeekend = unit === 'day' && weekdayOf(day.date) >= 6;
    bins.set(
      key,
      bin
        ? {
            ...bin,
            posted: bin.posted + day.posted,
            skipped: bin.skipped + day.skipped,
            rejected: bin.rejected + day.rejected,
          }
        : { ...day, isWeekend },
    );
  }
  return { unit, bins: [...bins.values()] };
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(date: string): number {
  return noonOf(date).getUTCDay() || 7;
}

/** `20 Oct – 20 Nov 2026`, with what both ends share said once; empty without days. */
export function dateRange(days: readonly { date: string }[]): string {
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return '';
  const [from, to] = [partsOf(first.date), partsOf(last.date)];
  if (first.date === last.date) return `${to.day} ${to.month} ${to.year}`;
  const end = `${to.day} ${to.month} ${to.year}`;
  if (from.year !== to.year) return `${from.day} ${from.month} ${from.year} – ${end}`;
  return `${from.day}${from.month === to.month ? '' : ` ${from.month}`} – ${end}`;
}

/** `20 Nov`. */
export function dayAndMonth(date: string): string {
  const { day, month } = partsOf(date);
  return `${day} ${month}`;
}

/** `Nov 2026`. */
export function monthAndYear(date: string): string {
  const { month, year } = partsOf(date);
  return `${month} ${year}`;
}

/** `Fri`. */
export function shortWeekday(weekday: number): string {
  return ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][weekday - 1] ?? '';
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function partsOf(date: string): { day: number; month: string; year: number } {
  const at = noonOf(date);
  return { day: at.getUTCDate(), month: MONTHS[at.getUTCMonth()] ?? '', year: at.getUTCFullYear() };
}

function mondayOf(date: string): string {
  const at = noonOf(date);
  at.setUTCDate(at.getUTCDate() - (weekdayOf(date) - 1));
  return at.toISOString().slice(0, 10);
}

/** A calendar date has no zone; it is reckoned with at noon of UTC, which no change of clocks moves to another day. */
function noonOf(date: string): Date {
  return new Date(`${date}T12:00:00Z`);
}
