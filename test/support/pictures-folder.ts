import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fastFolder } from './fast-folder.ts';
import { picture } from './picture.ts';

/** A folder of pictures, as people keep them; gone after the test. */
export type PicturesFolder = {
  readonly root: string;
  /** Writes a file, with the folders above it; a number is a picture of that number. Returns its path. */
  write(name: string, content: number | Uint8Array | string): string;
  move(from: string, to: string): void;
  remove(name: string): void;
  /** Makes a file look as if it had been written so many seconds ago. */
  age(name: string, seconds: number): void;
};

export function picturesFolder(): PicturesFolder {
  const root = mkdtempSync(join(fastFolder(), 'storyline-pictures-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (name: string) => {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  return {
    root,
    write(name, content) {
      const path = at(name);
      writeFileSync(path, typeof content === 'number' ? picture(content) : content);
      return path;
    },
    move: (from, to) => renameSync(join(root, from), at(to)),
    remove: (name) => rmSync(join(root, name), { recursive: true }),
    age(name, seconds) {
      const then = Date.now() / 1000 - seconds;
      utimesSync(join(root, name), then, then);
    },
  };
}
