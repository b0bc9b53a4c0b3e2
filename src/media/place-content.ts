import { basename } from 'node:path';
import type { FolderCounts, FolderNotice } from './folder-counts.ts';
import type { FolderRepository, KnownItem, PlacedFile } from './folder-repository.ts';
import { isFileThere, isUnchanged } from './library-file.ts';
import type { MediaRepository } from './media-repository.ts';
import type { ReadFile } from './read-media-file.ts';

/** A file that a walk has found. */
export type Found = { path: string; category: string | null };
export type Content = Extract<ReadFile, { kind: 'media' }>;
/** A file that was read. `here`: the items that are or were at its path. */
export type Read = { file: Found; content: Content; here: readonly KnownItem[] };

/**
 * Compares files that were read with the library and writes down what follows: new items, items whose file has moved or
 * is back, duplicates. One such object serves one walk; in a dry run it writes nothing and remembers what it would have
 * added, since the library cannot.
 */
export function createPlacement(dependencies: {
  folders: FolderRepository;
  media: Pick<MediaRepository, 'markMissing'>;
  isDryRun: boolean;
  counts: FolderCounts;
  onNotice: (notice: FolderNotice) => void;
}) {
  const { folders, media, isDryRun, counts, onNotice } = dependencies;
  const wouldBe = new Map<string, KnownItem>();
  const wouldMove = new Set<string>();

  /** The content that was at an item's path is no longer there. */
  async function leave(item: KnownItem): Promise<void> {
    const { id, path } = item;
    if (!item.isActive || path === null || item.fileModifiedAt === null) return;
    item.fileModifiedAt = null;
    if (!isDryRun) await media.markMissing([{ id, path }]);
  }

  async function add(fresh: readonly Read[]): Promise<KnownItem[]> {
    if (!isDryRun) return folders.add(fresh.map(newItem));
    return fresh.flatMap((one) => {
      const item = { id: 'new', isActive: true, ...newItem(one) };
      if (wouldBe.has(item.sha256)) return [];
      wouldBe.set(item.sha256, item);
      return [item];
    });
  }

  /** The item that was faster: earlier in this run, or added by the bot or another walk since we asked. */
  async function winner({ sha256 }: Content): Promise<KnownItem> {
    const [item = wouldBe.get(sha256)] = await folders.withContent([sha256]);
    if (!item) throw new Error('a file conflicts with a media item that is not there');
    return item;
  }

  /** A file whose content the library has: the same file, moved, back again, or a second one. */
  async function settleKnown({ file, content }: Read, item: KnownItem, placed: PlacedFile[]): Promise<void> {
    const { path, category } = file;
    const isHere = item.path === path;
    if (!isHere && (item.path === null || (await isStillThere(item, item.path)))) {
      counts.duplicates += 1;
      onNotice({ kind: 'duplicate', path, of: { id: item.id, name: item.path ?? item.fileName } });
      return;
    }
    const wasMissing = item.fileModifiedAt === null;
    counts[wasMissing ? 'returned' : isHere ? 'unchanged' : 'moved'] += 1;
    const { fileSize, fileModifiedAt } = content;
    Object.assign(item, { path, fileSize, fileModifiedAt });
    // A file that stays where it is keeps its category, whoever gave it.
    const keeps = isHere && (item.category !== null || category === null);
    if (isDryRun) wouldMove.add(item.id);
    else placed.push({ id: item.id, path, fileSize, fileModifiedAt, category: keeps ? item.category : category });
  }

  return {
    leave,

    /** Whether a dry run has found the file of this item where the library does not have it. */
    wouldPlace: (id: string): boolean => wouldMove.has(id),

    /** Settles files in their order. What is written before it throws stays, and is recognised the next time. */
    async settle(read: readonly Read[]): Promise<void> {
      if (read.length === 0) return;
      const items = new Map<string, KnownItem>();
      const hashes = read.map(({ content }) => content.sha256);
      for (const item of await folders.withContent(hashes)) if (item.sha256) items.set(item.sha256, item);
      const fresh = read.filter(({ content, here }) => !items.has(content.sha256) && !sameContent(here, content));
      const placed: PlacedFile[] = [];
      const added = new Map((await add(fresh)).map((item) => [item.path, item]));
      for (const one of read) {
        const { file, content, here } = one;
        for (const item of here) {
          if (item.sha256 === content.sha256) continue;
          // Another content was here until now.
          await leave(item);
          const twin = items.get(item.sha256 ?? '');
          if (twin?.id === item.id && twin.path === item.path) twin.fileModifiedAt = item.fileModifiedAt;
        }
        const mine = added.get(file.path);
        if (mine) {
          counts.added += 1;
          items.set(content.sha256, mine);
        } else {
          const item = sameContent(here, content) ?? items.get(content.sha256) ?? (await winner(content));
          await settleKnown(one, item, placed);
        }
      }
      await folders.place(placed);
    },
  };
}

function newItem({ file, content }: Read) {
  const { mediaKind: kind, mimeType, sha256, fileSize, fileModifiedAt } = content;
  const { path, category } = file;
  return {
    kind,
    path,
    fileName: basename(path).normalize('NFC'),
    sha256,
    mimeType,
    fileSize,
    fileModifiedAt,
    category,
  };
}

function sameContent(here: readonly KnownItem[], { sha256 }: Content): KnownItem | undefined {
  return here.find((item) => item.sha256 === sha256);
}

/** Whether an item's file is where the library has it, and was not replaced since. */
function isStillThere(item: KnownItem, path: string): Promise<boolean> {
  if (item.fileModifiedAt === null) return Promise.resolve(false);
  return isFileThere(path, (stats) => isUnchanged(stats, item));
}
