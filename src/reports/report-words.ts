import { directionOf } from '../charts/writing-direction.ts';
import { clip } from '../telegram/text.ts';

const MAX_NAME = 24;

/** `62 %` of 0.62. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** A name within a line of ours: one that is written from the right would turn the numbers behind it around. */
export function named(name: string): string {
  const clipped = clip(oneLine(name), MAX_NAME);
  const isFromLeft = directionOf(clipped) === 'left-to-right' || !/\p{L}/u.test(clipped);
  return isFromLeft ? clipped : `\u2068${clipped}\u2069`;
}

/** Without line breaks; never empty. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim() || 'somebody';
}

/** `1 card`, `3 cards`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
