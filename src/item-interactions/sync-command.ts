import type { Database } from '../db/client.ts';
import type { DatabaseTarget } from '../db/target.ts';
import { PersonError } from '../lib/errors.ts';
import type { ProgressStream } from '../lib/progress.ts';
import { type ExportOptions, syncExport } from './sync-export.ts';
import { syncImport } from './sync-import.ts';

export type SyncTerminal = {
  database: Database;
  target: DatabaseTarget;
  print: (line: string) => void;
  stderr: ProgressStream;
  signal: AbortSignal;
};

/** The options of `sync-user-interactions` as they were typed. */
export type SyncOptions = ExportOptions & {
  mode: string;
  batchSize?: string;
  source?: string;
  fromCsv?: string;
};

/** `storyline sync-user-interactions --mode import|export` (seed 000). Throws PersonError for values that cannot be. */
export async function syncUserInteractions(terminal: SyncTerminal, options: SyncOptions): Promise<void> {
  switch (options.mode) {
    case 'import':
      return syncImport(terminal, options);
    case 'export':
      return syncExport({ ...terminal, now: new Date() }, options);
    default:
      throw new PersonError(`“${options.mode}” is no mode. Choose import or export.`);
  }
}
