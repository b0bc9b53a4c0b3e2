import { Buffer } from 'node:buffer';
import { type FolderCounts, type FolderNotice, noCounts } from './folder-counts.ts';
import type { FolderRepository, KnownItem } from './folder-repository.ts';
import { codeOf, isFileSystemError, isFileThere, isUnchanged, statFile } from './library-file.ts';
import type { MediaRepository } from './media-repository.ts';
import { createPlacement, type Found, type Read } from './place-content.ts';
import { type ReadFile, type Refused, readMediaFile } from './read-media-file.ts';
import { walkFolder } from './walk-folder.ts';

/** Paths that the library is asked about at once. */
const BATCH = 200;
/** What was read is written down at least so often: a crash costs that much reading. */
const READ_AHEAD_FILES = 50;
const READ_AHEAD_BYTES = 64 * 1024 * 1024;
const PAGE = 1000;
/** PostgreSQL's indexes take entries up to 2,704 bytes. */
const MAX_PATH_BYTES = 2500;

/**
 * Makes the library know a folder. Repeatable at any time, beside a running bot and after any crash: what is known is
 * recognised by path, size and time without reading it, content by its hash, and the unique index on hashes decides
 * races. Nothing is deleted; with `isDryRun` nothing is written.
 */
export function createFolderIndexService(dependencies: {
  folders: FolderRepository;
  media: Pick<MediaRepository, 'markMissing'>;
}) {
  const { folders, media } = dependencies;

  return {
    /** How many files a walk will come across; ends early when stopped. */
    async count(root: string, signal: AbortSignal): Promise<number> {
      let count = 0;
      for await (const { kind } of walkFolder(root)) {
        if (signal.aborted) break;
        if (kind === 'media') count += 1;
      }
      return count;
    },

    /** Indexes everything below `root`, an absolute path without links. When `signal` is aborted it ends after the file at hand. */
    async index(
      root: string,
      options: {
        isDryRun: boolean;
        signal: AbortSignal;
        onNotice: (notice: FolderNotice) => void;
        /** Called after each file. */
        onFile: (counts: Readonly<FolderCounts>) => void;
      },
    ): Promise<FolderCounts> {
      const { isDryRun, signal, onNotice, onFile } = options;
      const counts = noCounts();
      const placement = createPlacement({ folders, media, isDryRun, counts, onNotice });

      const refuse = (path: string, refused: Refused) => {
        counts[refused.kind === 'too_large' ? 'tooLarge' : refused.kind] += 1;
        onNotice({ path, ...refused });
      };

      /** Looks at one file; returns it when its content has to be compared with the library. */
      async function look(file: Found, here: readonly KnownItem[]): Promise<Read | undefined> {
        const content = await readUnlessKnown(file.path, here);
        if (content.kind === 'media') return { file, content, here };
        if (content.kind === 'known') {
          counts.unchanged += 1;
          const { item } = content;
          const { category } = file;
          if (item.category === null && category !== null && !isDryRun) await folders.categorise(item.id, category);
          return undefined;
        }
        for (const item of here) await placement.leave(item);
        refuse(file.path, content);
        return undefined;
      }

      /** Items whose files are gone. Asks the disk, not the walk, so nothing has to be remembered of the walk. */
      async function findMissing(): Promise<void> {
        for await (const item of itemsBelow(root)) {
          if (signal.aborted) return;
          const { id, path } = item;
          if (item.fileModifiedAt !== null && (await isFileThere(path))) continue;
          if (placement.wouldPlace(id)) continue;
          counts.missing += 1;
          if (item.fileModifiedAt !== null) onNotice({ kind: 'missing', path, id });
          await placement.leave(item);
        }
      }

      for await (const batch of batches(root, { signal, counts, refuse })) {
        const here = Map.groupBy(await folders.at(batch.map(({ path }) => path)), ({ path }) => path);
        let read: Read[] = [];
        for (const file of batch) {
          if (signal.aborted) break;
          const one = await look(file, here.get(file.path) ?? []);
          counts.done += 1;
          if (one) read.push(one);
          if (isEnough(read)) {
            await placement.settle(read);
            read = [];
          }
          onFile(counts);
        }
        await placement.settle(read);
        onFile(counts);
      }
      if (!signal.aborted) await findMissing();
      counts.isStopped = signal.aborted;
      return counts;
    },
  };

  async function* itemsBelow(root: string): AsyncGenerator<KnownItem & { path: string }> {
    for (let after: string | undefined; ; ) {
      const page = await folders.below(root, { after, limit: PAGE });
      for (const item of page) if (item.path !== null) yield { ...item, path: item.path };
      after = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }
}

function isEnough(read: readonly Read[]): boolean {
  const bytes = read.reduce((sum, { content }) => sum + content.fileSize, 0);
  return read.length >= READ_AHEAD_FILES || bytes >= READ_AHEAD_BYTES;
}

/** The media files of a walk, some at a time; the rest of what it meets is counted on the way. */
async function* batches(
  root: string,
  walk: { signal: AbortSignal; counts: FolderCounts; refuse: (path: string, refused: Refused) => void },
): AsyncGenerator<Found[]> {
  let batch: Found[] = [];
  for await (const met of walkFolder(root)) {
    if (walk.signal.aborted) return;
    if (met.kind === 'other') walk.counts.other += 1;
    else if (met.kind === 'unreadable') walk.refuse(met.path, { kind: 'unreadable', reason: met.reason });
    else batch.push(met);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Reads a file, unless it is one of those that the library knows at this path. */
async function readUnlessKnown(
  path: string,
  here: readonly KnownItem[],
): Promise<ReadFile | { kind: 'known'; item: KnownItem }> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return { kind: 'unreadable', reason: 'its path is too long' };
  try {
    const stats = await statFile(path);
    // A name that is not UTF-8 cannot be written back to ask for the file.
    if (!stats) return { kind: 'unreadable', reason: 'it is gone, or its name is not UTF-8' };
    const item = here.find((known) => isUnchanged(stats, known));
    return item ? { kind: 'known', item } : await readMediaFile(path, stats);
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    return { kind: 'unreadable', reason: codeOf(error) };
  }
}
