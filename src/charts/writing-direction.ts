export type Direction = 'left-to-right' | 'right-to-left';

const FROM_RIGHT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}]/u;
const LETTER = /\p{L}/u;
const LETTERS = /\p{L}/gu;

/** How a line is ordered as a whole: by its first letter (Unicode's bidirectional algorithm, P2 and P3). */
export function baseDirection(text: string): Direction {
  return FROM_RIGHT.test(text.match(LETTER)?.[0] ?? '') ? 'right-to-left' : 'left-to-right';
}

/** The direction of a text whose letters all have one; undefined for mixed texts and such without letters. */
export function directionOf(text: string): Direction | undefined {
  const letters = text.match(LETTERS) ?? [];
  if (letters.length === 0) return undefined;
  const fromRight = letters.filter((letter) => FROM_RIGHT.test(letter)).length;
  return fromRight === 0 ? 'left-to-right' : fromRight === letters.length ? 'right-to-left' : undefined;
}

/**
 * Runs of text in the order in which they stand from left to right. It is the bidirectional algorithm for whole runs (the
 * renderer orders the letters inside one): what has no direction goes with its neighbours when they agree, else with the line.
 */
export function visualOrder<T extends { text: string }>(runs: readonly T[], base: Direction): T[] {
  const known = runs.map(({ text }) => directionOf(text));
  const directions = known.map((direction, index) => {
    if (direction) return direction;
    const before = known.slice(0, index).findLast(Boolean) ?? base;
    const after = known.slice(index + 1).find(Boolean) ?? base;
    return before === after ? before : base;
  });
  const against: T[][] = [];
  let last: Direction = base;
  for (const [index, run] of runs.entries()) {
    const direction = directions[index] ?? base;
    const group = against.at(-1);
    if (direction !== base && last !== base && group) group.push(run);
    else against.push([run]);
    last = direction;
  }
  // A group against the line's direction is turned once more than the line itself.
  return base === 'left-to-right' ? against.flatMap((group) => group.toReversed()) : against.toReversed().flat();
}
