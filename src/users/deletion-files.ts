import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../lib/atomic-file.ts';
import { exportName } from '../lib/export-name.ts';

/** What the operator hands to AWS (CreateDataDeletionJob); the one export that a forgotten person is in. */
const DELETION = 'personalize_deletion';

/**
 * Writes the file by which AWS Personalize deletes a person: one column, USER_ID (platform-facts 2). `mark` tells the
 * files of two people apart; `at` is when they were forgotten, so that a repeated call writes the same one. Returns its path.
 */
export async function writeDeletionFile(
  folder: string,
  { ids, mark, at }: { ids: readonly string[]; mark: string; at: Date },
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, exportName(`${DELETION}_${mark}`, at, 'csv'));
  const lines = ['USER_ID', ...ids.map((id) => (/[",\r\n]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id))];
  await writeAtomically(path, (file) => new Promise<void>((resolve) => file.end(`${lines.join('\n')}\n`, resolve)));
  return path;
}

/**
 * Removes all other files from the folder of exports, those too that are being written at this moment (their export
 * fails and is repeated): people are in them, and each can be made anew. Returns how many there were.
 */
export async function removeExports(folder: string): Promise<number> {
  let removed = 0;
  for (const entry of await filesIn(folder)) {
    // Finished, or being written for somebody else at this moment.
    if (entry.startsWith(DELETION) || entry.startsWith(`.${DELETION}`)) continue;
    await rm(join(folder, entry), { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // Nothing was ever exported.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
