import { PersonError } from '../lib/errors.ts';

/** One category's part of what a chat posts; `ratio` is above 0, all of a chat's sum to 1. */
export type CategoryShare = { category: string; ratio: number };

/** The column keeps four decimals, so sums are told apart to that. */
const SCALE = 10_000;
const TOLERANCE = 1;

/** `,` parts entries unless a digit follows: `nature 70,5; people 29,5` has decimals. */
const BETWEEN_ENTRIES = /[;\n]|,(?!\d)/;
const ENTRY = /^(?<name>.*[^\s=:])(?:\s*[=:]\s*|\s+)(?<number>\d{1,5}(?:[.,]\d{1,6})?)\s*(?<percent>%)?$/u;

/**
 * What a person typed (`nature 70, people 30`, `nature=0.7; people=0.3`, with or without %) -> the shares, in that order.
 * Numbers are percent as soon as one is above 1 or has a sign, else ratios; what has 0 is left out. Throws PersonError, with
 * what is wrong and what to do: unreadable parts, unknown or repeated categories, a sum other than 100 % (±0.01).
 */
export function parseMix(text: string, known: readonly string[]): CategoryShare[] {
  const parts = text
    .split(BETWEEN_ENTRIES)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const entries = parts.map((part) => {
    const { name, number, percent } = ENTRY.exec(part)?.groups ?? {};
    if (name === undefined || number === undefined) {
      throw new PersonError(`I cannot read “${part}”. Write a category and its part, like: nature 70, people 30`);
    }
    return { name, number: Number(number.replace(',', '.')), hasSign: percent !== undefined };
  });
  const isPercent = entries.some(({ number, hasSign }) => hasSign || number > 1);
  const typed = entries.map(({ name, number }) => ({ category: name, ratio: isPercent ? number / 100 : number }));
  return checkMix(typed, known);
}

/** The shares with the names as the library spells them. Throws PersonError as `parseMix` does. */
export function checkMix(typed: readonly CategoryShare[], known: readonly string[]): CategoryShare[] {
  if (known.length === 0) {
    throw new PersonError(
      'The library has no categories yet, so there is nothing to mix. Media from folders have some.',
    );
  }
  const shares = typed.map(({ category, ratio }) => ({ category: spelling(category, known), ratio: rounded(ratio) }));
  const repeated = shares.find(({ category }, index) => shares.findIndex((one) => one.category === category) < index);
  if (repeated) throw new PersonError(`“${repeated.category}” stands there twice. Name each category once.`);
  const sum = typed.reduce((total, { ratio }) => total + ratio, 0);
  if (Math.abs(Math.round(sum * SCALE) - SCALE) > TOLERANCE) {
    throw new PersonError(`The parts sum to ${percent(sum)}, they must make 100 %. Nothing is changed.`);
  }
  return shares.filter(({ ratio }) => ratio > 0);
}

/** `0.7` -> `70 %`, at most two decimals. */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}

function spelling(category: string, known: readonly string[]): string {
  const exact = known.find((name) => name === category);
  const found = exact ?? known.find((name) => name.toLowerCase() === category.toLowerCase());
  if (found === undefined) {
    throw new PersonError(`The library has no category “${category}”. It has: ${known.join(', ')}.`);
  }
  return found;
}

function rounded(ratio: number): number {
  return Math.round(ratio * SCALE) / SCALE;
}
