import { resolve } from 'node:path';
import type { DatabaseTarget } from '../db/target.ts';
import { parseDateRange } from '../lib/date-range.ts';
import { PersonError } from '../lib/errors.ts';
import { exportName } from '../lib/export-name.ts';
import { type Progress, type ProgressStream, startProgress } from '../lib/progress.ts';
import { exportInteractions, INTERACTION_FORMATS, type InteractionFormat } from './interaction-export.ts';

/**
 * `storyline export-interactions` (seed 004, "Export interaction data for external analytics"): a file in the working
 * directory unless one is named. Progress goes to `stderr`, what came of it to stdout (`--json`: one object).
 * Throws PersonError for values that cannot be, and when `signal` stopped it: no file then.
 */
export async function exportInteractionsCommand(
  terminal: {
    target: DatabaseTarget;
    print: (line: string) => void;
    stderr: ProgressStream;
    signal: AbortSignal;
    now: Date;
  },
  options: {
    format?: string;
    startDate?: string;
    endDate?: string;
    outputFile?: string;
    pseudonymise?: boolean;
    json?: boolean;
  },
): Promise<void> {
  const { target, print, stderr, signal, now } = terminal;
  const format = parseFormat(options.format ?? 'csv');
  const range = parseDateRange(options.startDate, options.endDate);
  const path = resolve(options.outputFile ?? exportName('interactions_export', now, format));

  let progress: Progress | undefined;
  const onRows = (rows: number, total: number) => {
    progress ??= startProgress({ total, what: 'interactions', stream: stderr });
    progress.update(rows);
  };
  const isPseudonymised = options.pseudonymise ?? false;
  const result = await exportInteractions({ target, signal, onRows }, { path, format, range, isPseudonymised })
    .catch((error: unknown) => {
      if (signal.aborted) throw new PersonError('Stopped. No file was written.');
      throw error;
    })
    .finally(() => progress?.stop());

  if (options.json) print(JSON.stringify({ ...result, path: result.path ?? null, format, isPseudonymised }));
  else if (result.path === undefined) print('No records found');
  else {
    print(`Export complete: ${result.rows} exported`);
    print(`File: ${result.path}`);
  }
}

function parseFormat(name: string): InteractionFormat {
  const format = INTERACTION_FORMATS.find((known) => known === name);
  if (!format) throw new PersonError(`“${name}” is no format. Choose ${INTERACTION_FORMATS.join(', ')}.`);
  return format;
}
