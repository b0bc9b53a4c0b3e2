/** What `/stats` and `/team` can be asked. */
export type StatsArguments = { days: number; username: string | undefined };

const MAX_DAYS = 3650;
const DEFAULT_DAYS = 30;

/** `7`, `@name`, `@name 7` or nothing -> the question; a sentence for the person when it is none of these. */
export function parseStatsArguments(text: string): StatsArguments | string {
  const result: StatsArguments = { days: DEFAULT_DAYS, username: undefined };
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (/^@[A-Za-z0-9_]{3,32}$/.test(word)) {
      result.username = word.slice(1);
      continue;
    }
    const days = /^\d{1,5}$/.test(word) ? Number(word) : Number.NaN;
    if (!(days >= 1 && days <= MAX_DAYS)) {
      return `I do not understand “${word.slice(0, 40)}”. Send a number of days from 1 to ${MAX_DAYS}, like /stats 7.`;
    }
    result.days = days;
  }
  return result;
}
