import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { codeOf, isFileSystemError } from './library-file.ts';

/** What a walk comes across. `category`: the first folder below the root, null directly in it. */
export type Encounter =
  | { kind: 'media'; path: string; category: string | null }
  /** A file of another type, or a link: links are not followed, since what they lead to is found where it lies or lies outside. */
  | { kind: 'other' }
  | { kind: 'unreadable'; path: string; reason: string };

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.gif', '.mp4', '.mov', '.webp']);

/** What NAS systems, Windows and Linux put beside people's files: previews, recycle bins, remains of repairs. */
const SKIPPED_FOLDERS = new Set([
  '@eadir',
  '#recycle',
  '#snapshot',
  '$recycle.bin',
  'system volume information',
  'lost+found',
  '__macosx',
]);

/**
 * Everything below `root`, an absolute path without links, one by one in the order of the file system; hidden files and
 * folders are passed over. Holds the names of folders that are still to be opened, never those of files.
 */
export async function* walkFolder(root: string): AsyncGenerator<Encounter> {
  const folders: { path: string; category: string | null }[] = [{ path: root, category: null }];
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder.path, { bufferSize: 256 })) {
        if (entry.name.startsWith('.')) continue;
        const path = join(folder.path, entry.name);
        const type = await typeOf(entry, path);
        if (type === 'folder') {
          if (SKIPPED_FOLDERS.has(entry.name.toLowerCase())) continue;
          // Macs write ö as o with two dots; the category is the same word.
          const category = folder.path === root ? entry.name.normalize('NFC') : folder.category;
          folders.push({ path, category });
        } else if (type === 'file' && EXTENSIONS.has(extname(entry.name).toLowerCase())) {
          yield { kind: 'media', path, category: folder.category };
        } else yield { kind: 'other' };
      }
    } catch (error) {
      if (!isFileSystemError(error)) throw error;
      yield { kind: 'unreadable', path: folder.path, reason: `folder cannot be opened (${codeOf(error)})` };
    }
  }
}

/** Some file systems do not say what an entry is; those are asked. */
async function typeOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'other'> {
  const isKnown = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket();
  const type = isKnown || entry.isBlockDevice() || entry.isCharacterDevice() ? entry : await lstat(path);
  return type.isFile() ? 'file' : type.isDirectory() ? 'folder' : 'other';
}
