/** Random numbers that are the same for the same seed, so that a run can be repeated (mulberry32, public domain). */
export type Random = {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number of 0 .. below-1. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T | undefined;
};

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { next, below, pick: (list) => list[below(list.length)] };
}
