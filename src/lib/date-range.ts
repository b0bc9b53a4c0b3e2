import { PersonError } from './errors.ts';

/** A half-open span of time; an end that is null is open. */
export type DateRange = { readonly since: Date | null; readonly until: Date | null };

const DAY_MS = 86_400_000;

/**
 * Days as people type them (`2024-01-31`, both ends inclusive, either may be absent) -> the half-open span of those UTC
 * days. Throws PersonError in the words of the original commands for what is no day of the calendar (2024-02-30) and for
 * a start after the end.
 */
export function parseDateRange(start: string | undefined, end: string | undefined): DateRange {
  const since = start === undefined ? null : parseDay(start);
  const lastDay = end === undefined ? null : parseDay(end);
  if (since && lastDay && since > lastDay) throw new PersonError('start-date must be before end-date');
  return { since, until: lastDay && new Date(lastDay.getTime() + DAY_MS) };
}

function parseDay(text: string): Date {
  const day = new Date(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime());
  if (!isDay || day.toISOString().slice(0, 10) !== text) {
    throw new PersonError(`Invalid date: ${text}. Use YYYY-MM-DD`);
  }
  return day;
}
