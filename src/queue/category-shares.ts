import type { CategoryShare } from '../media/category-mix.ts';

/**
 * Shares out `slots` slots among categories so that, together with what is counted already, each comes as near to its
 * ratio as whole posts allow (largest remainder). A category that has too much already gets nothing, and the others
 * share the rest. Ties go to the larger ratio, then to the alphabet. Returns a count for each category; they sum to
 * `slots`.
 */
export function shareOut(
  slots: number,
  ratios: readonly CategoryShare[],
  counted: ReadonlyMap<string, number>,
): Map<string, number> {
  const already = (category: string) => counted.get(category) ?? 0;
  const total = slots + ratios.reduce((sum, { category }) => sum + already(category), 0);
  let open = ratios.toSorted((a, b) => b.ratio - a.ratio || (a.category < b.category ? -1 : 1));
  const sumOf = (list: readonly CategoryShare[]) => list.reduce((sum, { ratio }) => sum + ratio, 0);
  // Taking out one that has too much leaves less for the others, so that another one may have too much now.
  for (;;) {
    const within = total - ratios.reduce((sum, one) => sum + (open.includes(one) ? 0 : already(one.category)), 0);
    const wanted = open.map((one) => ({ ...one, share: (one.ratio / sumOf(open)) * within - already(one.category) }));
    const fitting = open.filter((_, index) => (wanted[index]?.share ?? 0) > 0);
    if (fitting.length === open.length || fitting.length === 0) return largestRemainders(slots, wanted);
    open = fitting;
  }
}

function largestRemainders(slots: number, wanted: readonly { category: string; share: number }[]): Map<string, number> {
  const whole = (share: number) => Math.max(0, Math.floor(share + 1e-9));
  const counts = new Map(wanted.map(({ category, share }) => [category, whole(share)]));
  let left = slots - [...counts.values()].reduce((sum, count) => sum + count, 0);
  const byRemainder = wanted.toSorted((a, b) => b.share - whole(b.share) - (a.share - whole(a.share)));
  for (const { category } of byRemainder) {
    if (left <= 0) break;
    counts.set(category, (counts.get(category) ?? 0) + 1);
    left -= 1;
  }
  return counts;
}

/**
 * A category for each slot: each is spread evenly over all of them instead of standing in a block. The same counts give
 * the same order.
 */
export function interleave(counts: ReadonlyMap<string, number>): string[] {
  return [...counts]
    .flatMap(([category, count]) =>
      Array.from({ length: count }, (_, index) => ({ category, count, place: (index + 0.5) / count })),
    )
    .toSorted((a, b) => a.place - b.place || b.count - a.count || (a.category < b.category ? -1 : 1))
    .map(({ category }) => category);
}
