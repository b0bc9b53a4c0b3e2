import { randomInt } from 'node:crypto';
import type { MediaKind } from './file-store.ts';

const SMALLEST = 2;
const LARGEST = 10;

/** The id that the messages of a new album share. */
export function newAlbumId(): string {
  return String(randomInt(1e12, 9e12));
}

/**
 * Why files of these kinds are no album; `undefined` when they are one. Telegram's rules (Bot API, sendMediaGroup): 2
 * to 10 files, pictures and videos together, documents only among themselves, GIFs never.
 */
export function albumProblem(kinds: readonly MediaKind[]): string | undefined {
  if (kinds.length < SMALLEST || kinds.length > LARGEST) return `An album has ${SMALLEST}-${LARGEST} files`;
  if (kinds.includes('animation')) return 'A GIF cannot be part of an album; send it alone';
  if (kinds.includes('document') && kinds.some((kind) => kind !== 'document')) {
    return 'Documents go together only with documents; send all of them as files';
  }
  return undefined;
}
