import type { CategoryShare } from '../media/category-mix.ts';

/** How long the library lasts, as a chat was last told. */
export type PoolState = 'ok' | 'warning' | 'alarm';

/** Days of material at which the team is told (source-behaviours 1.8: warning at 7, alarm at 2). */
export const WARNING_DAYS = 7;
export const ALARM_DAYS = 2;
/** Things are better only a day above: at the edge, each upload and each post would bring a message of its own. */
const RECOVERY_MARGIN_DAYS = 1;

/** A category's media. `left`: those that wait in the plan or may be planned. `null`: media without a category. */
export type CategoryStock = { category: string | null; media: number; left: number };

/** A category with what it is used for. Without a share in the mix (`ratio` null) nothing is planned from it, so it has no days. */
export type CategoryHealth = CategoryStock & { ratio: number | null; days: number | null };

/** `days`: until the first category runs out, which is `shortest` (null when categories do not matter). */
export type PoolHealth = { days: number; shortest: string | null; categories: CategoryHealth[] };

/**
 * How many days the material lasts at the chat's pace: of each category what is left through posts per day times its
 * share; the smallest counts. Without a mix everything is one pool. Posts that are planned but not sent yet count as
 * material: otherwise a plan that reaches a week ahead would look like a library that lasts a week less.
 */
export function poolHealth(
  stock: readonly CategoryStock[],
  mix: readonly CategoryShare[],
  postsPerDay: number,
): PoolHealth {
  const isMixed = mix.length > 0;
  const categories: CategoryHealth[] = stock.map((one) => {
    const ratio = mix.find(({ category }) => category === one.category)?.ratio ?? null;
    return { ...one, ratio, days: ratio === null ? null : inDays(one.left / (postsPerDay * ratio)) };
  });
  // A category of the mix may have lost its last medium.
  for (const { category, ratio } of mix) {
    if (!stock.some((one) => one.category === category)) {
      categories.push({ category, media: 0, left: 0, ratio, days: 0 });
    }
  }
  const all = inDays(stock.reduce((sum, { left }) => sum + left, 0) / postsPerDay);
  const [shortest] = categories.filter(({ days }) => days !== null).toSorted((a, b) => (a.days ?? 0) - (b.days ?? 0));
  return isMixed && shortest
    ? { days: shortest.days ?? 0, shortest: shortest.category, categories }
    : { days: all, shortest: null, categories };
}

/** Hundredths of a day: shares are no exact numbers, and 6.999999 days would be told as six. */
function inDays(days: number): number {
  return Math.round(days * 100) / 100;
}

/** What the chat is to be told next, given what it was told last. */
export function nextPoolState(told: PoolState, days: number): PoolState {
  const margin = (state: PoolState) => (told === state ? RECOVERY_MARGIN_DAYS : 0);
  if (days <= ALARM_DAYS + margin('alarm')) return 'alarm';
  if (days <= WARNING_DAYS + Math.max(margin('warning'), margin('alarm'))) return 'warning';
  return 'ok';
}
