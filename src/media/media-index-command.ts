import { realpath, stat } from 'node:fs/promises';
import type { Database } from '../db/client.ts';
import { PersonError } from '../lib/errors.ts';
import { type ProgressStream, startProgress } from '../lib/progress.ts';
import { createFolderIndexService } from './folder-index-service.ts';
import { createFolderRepository } from './folder-repository.ts';
import { codeOf, isFileSystemError } from './library-file.ts';
import { folderSummary, noticeLine } from './media-messages.ts';
import { createMediaRepository } from './media-repository.ts';

/**
 * `storyline media index <folder>`: takes a folder into the library. The figures go to stdout (`--json`: one object), each
 * file that was not taken and the progress to `stderr`. Files that cannot be read are no failure of the command. Throws
 * PersonError when there is no such folder, or when `signal` stopped it: what was done until then stays done.
 */
export async function indexMedia(
  terminal: { database: Database; print: (line: string) => void; stderr: ProgressStream; signal: AbortSignal },
  folder: string,
  options: { json?: boolean; dryRun?: boolean },
): Promise<void> {
  const { database, print, stderr, signal } = terminal;
  const root = await realFolder(folder);
  const isDryRun = options.dryRun ?? false;
  const service = createFolderIndexService({
    folders: createFolderRepository(database),
    media: createMediaRepository(database),
  });
  const started = performance.now();
  const total = await service.count(root, signal);
  let done = 0;
  const progress = startProgress({ total, what: 'files', stream: stderr });
  const counts = await service
    .index(root, {
      isDryRun,
      signal,
      onNotice: (notice) => progress.say(noticeLine(notice, root)),
      onFile: ({ added, done: files }) => {
        done = files;
        progress.update(done, `${added} new`);
      },
    })
    .finally(() => progress.stop());
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  if (options.json) print(JSON.stringify({ folder: root, isDryRun, ...counts, seconds }));
  else for (const line of folderSummary(root, counts, { isDryRun })) print(line);
  if (counts.isStopped) {
    throw new PersonError(
      `Stopped after ${done} of ${total} files. Run it again to go on: what is done is not read again.`,
    );
  }
}

/** The folder's absolute path without links. */
async function realFolder(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    throw new PersonError(`There is no folder “${folder}” that I can open (${codeOf(error)}).`);
  }
  throw new PersonError(`“${folder}” is a file. Name the folder that holds the media.`);
}
