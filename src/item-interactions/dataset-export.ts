import type { Writable } from 'node:stream';
import { type Snapshot, withSnapshot } from '../db/snapshot.ts';
import type { DatabaseTarget } from '../db/target.ts';
import { writeAtomically } from '../lib/atomic-file.ts';
import { copyItems, copyUsers } from './dataset-export-repository.ts';

/** The datasets of Personalize that describe items and people. */
export const DATASETS = {
  items: { name: 'items_export', copy: copyItems },
  users: { name: 'users_export', copy: copyUsers },
} as const satisfies Record<
  string,
  { name: string; copy: (snapshot: Snapshot, destination: Writable) => Promise<number> }
>;

export type Dataset = keyof typeof DATASETS;

/**
 * Writes the Items or the Users dataset of AWS Personalize as CSV: one snapshot, memory flat, the same bytes for the same
 * data, the file whole or not there. Without rows there is no file. Throws PersonError for a folder that is not there.
 */
export function exportDataset(
  dataset: Dataset,
  { target, path, signal }: { target: DatabaseTarget; path: string; signal?: AbortSignal },
): Promise<{ path: string | undefined; rows: number; bytes: number }> {
  return withSnapshot(
    target,
    async (snapshot) => {
      const { result: rows, bytes } = await writeAtomically(path, (file) => DATASETS[dataset].copy(snapshot, file), {
        keepIf: (written) => written > 0,
      });
      return { path: rows > 0 ? path : undefined, rows, bytes };
    },
    signal ? { signal } : {},
  );
}
