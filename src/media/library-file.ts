import { constants, type Stats } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { OutsideError } from '../lib/errors.ts';

/** Bots may upload files up to this size (Bot API, "Sending files"); photos have a limit of their own (file-header.ts). */
export const MAX_UPLOAD_BYTES = 50 * 1024 * 1024;

/** A file of the library as it was when it was indexed. `fileModifiedAt` is null while the file is missing. */
export type LibraryFile = { path: string; fileSize: number | null; fileModifiedAt: Date | null };

/** When a file was last changed, to the millisecond, which is as exact as a Date can be kept. */
export function modifiedAt(stats: Pick<Stats, 'mtimeMs'>): Date {
  return new Date(Math.floor(stats.mtimeMs));
}

/** Whether what lies at the path now is, by size and time, what was indexed. */
export function isUnchanged(stats: Pick<Stats, 'size' | 'mtimeMs'>, known: Omit<LibraryFile, 'path'>): boolean {
  return known.fileSize === stats.size && known.fileModifiedAt?.getTime() === modifiedAt(stats).getTime();
}

/** What lies at a path (links are not followed); undefined when nothing does. Throws what the file system says otherwise. */
export async function statFile(path: string): Promise<Stats | undefined> {
  try {
    const stats = await lstat(path);
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/**
 * Makes sure that a file can be sent and is the one that was indexed: what was put in its place was neither hashed nor
 * compared. Throws OutsideError (files, not retryable) with a sentence that says what to do.
 */
export async function requireIndexedFile(file: LibraryFile): Promise<void> {
  const again = 'Run npx storyline media index on its folder again.';
  const refuse = (what: string, cause?: unknown) =>
    new OutsideError('files', `${file.path} ${what}. ${again}`, { retryable: false, cause });
  const stats = await lstat(file.path).catch((error: unknown) => {
    throw refuse(`cannot be read (${codeOf(error)})`, error);
  });
  if (!stats.isFile() || !isUnchanged(stats, file)) throw refuse('is not the file that was indexed');
  await access(file.path, constants.R_OK).catch((error: unknown) => {
    throw refuse(`cannot be read (${codeOf(error)})`, error);
  });
}

/**
 * Whether a file lies at a path (and is `the one`). A folder that cannot be looked into just now (permissions, a drive
 * that answers with errors) has not lost its files.
 */
export async function isFileThere(path: string, theOne: (stats: Stats) => boolean = () => true): Promise<boolean> {
  try {
    const stats = await statFile(path);
    return stats !== undefined && theOne(stats);
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    return true;
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

/** Whether the operating system refused something: such errors name the call that failed. */
export function isFileSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** The system's short name for what went wrong with a file: `ENOENT`, `EACCES`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
