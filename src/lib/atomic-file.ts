import { randomBytes } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OutsideError, PersonError } from './errors.ts';

/** A file of this age under a temporary name belongs to a process that was killed. */
const ABANDONED_MS = 24 * 3_600_000;
const SUFFIX = '.part';

/**
 * Writes a file as a whole or not at all: `write` fills a stream under a temporary name in the same folder, which takes
 * the real name only when everything is on the disk. Whoever looks at `path` sees the old content or the new one, also
 * after a power cut. `confirm` runs between the two: what it throws leaves the old content, and so does a result that
 * `keepIf` does not want. The file is readable by its owner only. A failure (of `write`, of the disk, an abort) removes the temporary file; one that a killed process left is
 * removed by the next call for the same folder when it is a day old.
 *
 * Throws PersonError when the folder is not there or not ours to write to, OutsideError ('files', retryable) when the disk is full.
 */
export async function writeAtomically<T>(
  path: string,
  write: (stream: WriteStream) => Promise<T>,
  options: { keepIf?: (result: T) => boolean; confirm?: (result: T) => Promise<void> } = {},
): Promise<{ result: T; bytes: number }> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}${SUFFIX}`);
  await removeAbandoned(folder).catch((error: unknown) => {
    throw inWords(error, path);
  });
  try {
    // 'wx': never through a link that somebody put there. 0600: the content is about people.
    const stream = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true });
    const isClosed = new Promise<void>((resolve, reject) => {
      stream.once('close', resolve);
      stream.once('error', reject);
    });
    // A stream that fails while nobody writes must not become an unhandled rejection.
    isClosed.catch(() => undefined);
    let result: T;
    try {
      result = await write(stream);
      if (!stream.writableEnded) stream.end();
    } catch (error) {
      stream.destroy();
      throw stream.errored ?? error;
    }
    await isClosed;
    if (options.keepIf?.(result) === false) {
      await rm(temporary, { force: true });
      return { result, bytes: 0 };
    }
    await options.confirm?.(result);
    const { size } = await stat(temporary);
    await rename(temporary, path);
    await syncFolder(folder);
    return { result, bytes: size };
  } catch (error) {
    await rm(temporary, { force: true });
    throw inWords(error, path);
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('.') || !name.endsWith(SUFFIX)) continue;
    const path = join(folder, name);
    // Another process may finish or remove its file at this very moment.
    const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, notThere);
    if (age > ABANDONED_MS) await rm(path, { force: true });
  }
}

function notThere(error: unknown): number {
  if (codeOf(error) === 'ENOENT') return 0;
  throw error;
}

/** Without it the rename itself may be lost in a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function inWords(error: unknown, path: string): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new PersonError(`There is no folder “${dirname(path)}”. Make it first, or name another file.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new PersonError(`I may not write to “${dirname(path)}”. Name a file in a folder of yours.`);
    case 'EISDIR':
      return new PersonError(`“${path}” is a folder. Name a file in it.`);
    case 'ENAMETOOLONG':
      return new PersonError(`“${basename(path)}” is too long for a file's name.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return new OutsideError('files', `The disk is full: “${path}” was not written, nothing is left of it.`, {
        retryable: true,
        cause: error,
      });
    default:
      return error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
