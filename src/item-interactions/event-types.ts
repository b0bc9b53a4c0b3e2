/**
 * What an event of each type weighs: above zero it speaks for the item, below against it. The first fifteen are seed
 * 003's weights at its first version, which has them all (source-behaviours 2.1); the last five are ours, weighed like
 * the seed's event that says the same (posting shares, skipping hides, rejecting votes down).
 * Which of them are one-time events the table knows (ONE_TIME_EVENT_TYPES in db/schema/item-interactions.ts).
 * To add a type: README, "Adding new interaction types".
 */
const WEIGHTS = [
  ['FUNDRAISE', 3.0],
  ['DONATE', 3.0],
  ['UPVOTE', 2.0],
  ['SHARE', 2.0],
  ['BOOKMARK', 1.8],
  ['DOWNLOAD', 1.5],
  ['COMMENT', 1.5],
  ['CLICK', 1.0],
  ['SCROLL_IMPRESSION', 0.7],
  ['VIEW', 0.5],
  ['INITIAL_IMPRESSION', 0.3],
  ['HIDE', -0.5],
  ['NOT_INTERESTED', -0.8],
  ['DOWNVOTE', -1.0],
  ['FLAG', -2.5],
  ['POSTED', 2.0],
  ['REACTION', 1.5],
  ['SKIP', -0.5],
  ['REJECT', -1.0],
  ['NEGATIVE_REACTION', -1.0],
] as const;

export type EventType = (typeof WEIGHTS)[number][0];

/** Every type that we know, the weightiest first, equal ones in the order of the table above. */
export const EVENT_TYPES: readonly EventType[] = WEIGHTS.toSorted(([, a], [, b]) => b - a).map(([type]) => type);

const weights: ReadonlyMap<string, number> = new Map(WEIGHTS);

/** What an unknown type weighs (source-behaviours 2.1). */
const DEFAULT_WEIGHT = 1.0;

const ALIASES: Readonly<Record<string, EventType>> = { FLAG_CONTENT: 'FLAG' };

/** The stored name of a type: upper case, and one name for types that are the same (DESIGN, rulings). */
export function eventTypeNamed(name: string): string {
  const upper = name.toUpperCase();
  return ALIASES[upper] ?? upper;
}

/** What an event of this stored type weighs. */
export function weightOf(eventType: string): number {
  return weights.get(eventType) ?? DEFAULT_WEIGHT;
}
