/**
 * How far an hour must differ from what is usual, in interactions, before it is worth a word: in a quiet team two taps
 * more are many times the usual spread, and no news.
 */
export const LEAST_DIFFERENCE = 10;

/** The same hour of so many earlier weeks, and the hours beside it, say what is usual. */
export const WEEKS = 8;
/** With fewer weeks in which anything was done nothing is called unusual. */
export const LEAST_WEEKS = 4;

/** Once unusual, an hour is usual again below this part of the threshold, so that nothing flickers about it. */
const CALM = 0.6;

/** Scales the median absolute deviation to the standard deviation of normally distributed values. */
const MAD_TO_SIGMA = 1.4826;

/** What other weeks say about an hour. `spread`: how far it usually lies from `median`. */
export type Usual = { median: number; spread: number; weeks: number };

/**
 * Median and spread of hourly counts of other weeks: spread = max(1.4826 MAD, square root of the median, 1), where MAD is
 * the median distance from the median. Neither cares about single wild hours (a holiday, an import). The root is how
 * far counts of independent actions scatter by themselves (Poisson): MAD alone is 0 for a team that mostly does nothing.
 * Undefined without enough weeks.
 */
export function usualOf(hours: readonly number[], weeks: number): Usual | undefined {
  if (weeks < LEAST_WEEKS || hours.length === 0) return undefined;
  const median = medianOf(hours);
  const mad = medianOf(hours.map((count) => Math.abs(count - median)));
  return { median, spread: Math.max(MAD_TO_SIGMA * mad, Math.sqrt(median), 1), weeks };
}

/** The robust z-score: by how many usual spreads an hour lies above (below: negative) the median. */
export function scoreOf(count: number, { median, spread }: Usual): number {
  return (count - median) / spread;
}

/** Whether an hour is unusually busy or quiet; `was` is what it was found to be an hour before. `from` 0: never. */
export function isUnusual(
  count: number,
  usual: Usual | undefined,
  from: number,
  was: boolean,
  side: 'busy' | 'quiet',
): boolean {
  if (!usual || from === 0) return false;
  const sign = side === 'busy' ? 1 : -1;
  const difference = sign * (count - usual.median);
  const score = sign * scoreOf(count, usual);
  return was ? score >= from * CALM && difference > 0 : score >= from && difference >= LEAST_DIFFERENCE;
}

/** Whether something that is counted is too much; once it is, until it is less than half of that. `from` 0: never. */
export function isTooMuch(count: number, from: number, was: boolean): boolean {
  return from > 0 && count >= (was ? Math.ceil(from / 2) : from);
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}
