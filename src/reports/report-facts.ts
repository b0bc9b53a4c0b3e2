import type { ContentDecisions } from '../interactions/activity-repository.ts';
import type { HandlingTime, ReasonCount } from '../interactions/decision-figures-repository.ts';
import type {
  ArrivalHour,
  CategoryPosts,
  DeadContent,
  Disagreement,
  Rejections,
  Waiting,
} from './report-figures-repository.ts';
import type { Period } from './report-periods.ts';
import type { TeamReport } from './report-view.ts';

/** Who decided how much, the busiest first. */
export type PersonFigures = { name: string; posted: number; skipped: number; rejected: number };

/** The figures of one period, a column of the report's table; `waiting` at its end. */
export type PeriodFigures = { period: Period; decisions: ContentDecisions; waiting: number };

/** What a team can learn of a week or more, beyond the columns. */
export type Lessons = {
  handling: HandlingTime;
  reasons: readonly ReasonCount[];
  hours: readonly ArrivalHour[];
  rejections: Rejections;
  disagreement: Disagreement;
  dead: DeadContent;
  /** Empty without a mix, and for all chats together. */
  categories: readonly CategoryPosts[];
};

/** All that a report says, as plain data; report-messages.ts has the words. */
export type ReportFacts = {
  report: TeamReport;
  /** The chat's name, or that it is all of them. */
  title: string;
  now: Date;
  period: Period;
  /** The period itself first, then what it is compared with. */
  columns: readonly [PeriodFigures, ...PeriodFigures[]];
  people: readonly PersonFigures[];
  /** The cards that wait at this moment. */
  waitingNow: Waiting;
  /** Only the weekly report draws them. */
  lessons: Lessons | undefined;
};

/** Nobody decided anything, and nothing is left to decide. */
export function isQuiet({ columns: [{ decisions, waiting }], waitingNow }: ReportFacts): boolean {
  return decisions.total_decisions === 0 && waiting === 0 && waitingNow.count === 0;
}

/** Hours need this many posts before they are said, and each of them this many cards (storyline's #158). */
const POSTS_FOR_HOURS = 10;
const CARDS_FOR_HOUR = 3;

/**
 * The hours in which cards that arrived were posted most often, the best first; of equal ones the one with more cards.
 * Empty while fewer than 10 posts have been made: chance would speak.
 */
export function bestHours(hours: readonly ArrivalHour[], most: number): ArrivalHour[] {
  if (hours.reduce((sum, { posted }) => sum + posted, 0) < POSTS_FOR_HOURS) return [];
  return hours
    .filter(({ posted, decided }) => posted > 0 && decided >= CARDS_FOR_HOUR)
    .toSorted((a, b) => b.posted / b.decided - a.posted / a.decided || b.decided - a.decided || a.hour - b.hour)
    .slice(0, most);
}

/** Beyond this many times an even share, one person carries the load. */
const UNEVEN = 1.5;

/**
 * How the decisions are spread over those who made any: the busiest one's share against an even one, both 0 to 1. Undefined
 * without decisions.
 */
export function loadOf(people: readonly PersonFigures[]) {
  const counts = people.map(({ posted, skipped, rejected }) => posted + skipped + rejected);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const most = Math.max(...counts);
  const share = most / total;
  const evenShare = 1 / people.length;
  return {
    name: people[counts.indexOf(most)]?.name ?? '',
    people: people.length,
    share,
    evenShare,
    isUneven: share > UNEVEN * evenShare,
  };
}

/** A category is off the mix from this many points on (storyline's #176: 10 warns). */
const DRIFT = 100;
/** How far a share is off, in tenths of a point. */
const off = ({ share, wanted }: { share: number; wanted: number }) => Math.round(Math.abs(share - wanted) * 1000);

/** Categories whose share of the posts is off the mix by 10 points or more, the farthest first; `share` and `wanted` are 0 to 1. */
export function driftOf(categories: readonly CategoryPosts[]): { category: string; share: number; wanted: number }[] {
  const total = categories.reduce((sum, { posted }) => sum + posted, 0);
  if (total === 0) return [];
  return categories
    .map(({ category, wanted, posted }) => ({ category, wanted, share: posted / total }))
    .filter((category) => off(category) >= DRIFT)
    .toSorted((a, b) => off(b) - off(a));
}
