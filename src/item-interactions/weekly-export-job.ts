import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseTarget } from '../db/target.ts';
import { exportName } from '../lib/export-name.ts';
import type { ClockJob } from '../lib/job-run.ts';
import { writePersonalize } from './chat-exports.ts';
import { shortRemarks, sizeWords } from './export-messages.ts';

/** Two months of weeks. */
export const KEPT_EXPORTS = 8;

const FILE_NAME = 'user_interactions_export';
const IS_EXPORT = new RegExp(`^${FILE_NAME}_\\d{8}_\\d{6}\\.csv$`);

const numbers = new Intl.NumberFormat('en');

/**
 * Writes the Interactions dataset of AWS Personalize into a folder of ours, everything up to now, under the name of the slot,
 * so that a second run for it writes the same file anew. The newest `KEPT_EXPORTS` files stay, older ones are removed; rows
 * are not marked as synced, for nobody has taken them to AWS yet. The admins are told the figures.
 */
export function createWeeklyExportJob(dependencies: {
  target: DatabaseTarget;
  folder: string;
  isDiskTooFull: () => Promise<boolean>;
  tellAdmins: (sentence: string) => Promise<void>;
}): ClockJob {
  const { target, folder, isDiskTooFull, tellAdmins } = dependencies;
  return async ({ slot, now, signal }) => {
    if (await isDiskTooFull()) return { outcome: 'skipped', words: 'The disk is almost full.' };
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, exportName(FILE_NAME, slot, 'csv'));
    const ground = { target, now, signal, onRows: () => {} };
    const written = await writePersonalize(ground, { path, range: { since: null, until: null } });
    if (written.path === undefined) return { outcome: 'skipped', words: 'There are no item interactions to export.' };
    const removed = await removeOld(folder);
    await tellAdmins(
      [
        `📦 Weekly export for Personalize: ${numbers.format(written.rows)} item interactions, ${sizeWords(written.bytes)}.`,
        ...shortRemarks(written),
        `File: ${path}`,
      ].join('\n'),
    );
    const words = `${numbers.format(written.rows)} rows`;
    return { outcome: 'done', words, figures: { rows: written.rows, bytes: written.bytes, removed } };
  };
}

/** Removes all but the newest files of this job, and says how many. Their names sort by time. */
async function removeOld(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((name) => IS_EXPORT.test(name)).sort();
  const old = files.slice(0, -KEPT_EXPORTS);
  for (const name of old) await rm(join(folder, name), { force: true });
  return old.length;
}
