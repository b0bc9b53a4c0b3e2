import { resolve } from 'node:path';
import type { DatabaseTarget } from '../db/target.ts';
import { PersonError } from '../lib/errors.ts';
import { exportName } from '../lib/export-name.ts';
import { DATASETS, type Dataset, exportDataset } from './dataset-export.ts';

/**
 * `storyline export-items` and `export-users`: the other two datasets of AWS Personalize as CSV, by default into the
 * working directory. Throws PersonError when `signal` stopped it: no file then.
 */
export async function exportDatasetCommand(
  terminal: { target: DatabaseTarget; print: (line: string) => void; signal: AbortSignal; now: Date },
  dataset: Dataset,
  options: { outputFile?: string; json?: boolean },
): Promise<void> {
  const { target, print, signal, now } = terminal;
  const path = resolve(options.outputFile ?? exportName(DATASETS[dataset].name, now, 'csv'));
  const result = await exportDataset(dataset, { target, path, signal }).catch((error: unknown) => {
    if (signal.aborted) throw new PersonError('Stopped. No file was written.');
    throw error;
  });
  if (options.json) print(JSON.stringify({ ...result, path: result.path ?? null }));
  else if (result.path === undefined) print('No records found');
  else {
    print(`Export complete: ${result.rows} exported`);
    print(`File: ${result.path}`);
  }
}
