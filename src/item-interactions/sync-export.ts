import { resolve } from 'node:path';
import type { DatabaseTarget } from '../db/target.ts';
import { parseDateRange } from '../lib/date-range.ts';
import { PersonError } from '../lib/errors.ts';
import { exportName } from '../lib/export-name.ts';
import { type Progress, type ProgressStream, startProgress } from '../lib/progress.ts';
import { eventTypeNamed } from './event-types.ts';
import { exportForPersonalize, type PersonalizeExport } from './personalize-export.ts';
import { excludedWords, personalizeSummary } from './personalize-messages.ts';
import { LEGAL_ID, PERSONALIZE_FORMATS, type PersonalizeFormat } from './personalize-rules.ts';

export type ExportTerminal = {
  target: DatabaseTarget;
  print: (line: string) => void;
  stderr: ProgressStream;
  signal: AbortSignal;
  now: Date;
};

/** The options of `--mode export` as they were typed. */
export type ExportOptions = {
  startDate?: string;
  endDate?: string;
  outputFile?: string;
  format?: string;
  eventTypes?: string;
  markSynced?: boolean;
  check?: boolean;
  json?: boolean;
};

/**
 * `storyline sync-user-interactions --mode export` (seed 000): the Interactions dataset of AWS Personalize as CSV, by
 * default into the working directory. The summary goes to stdout (`--json`: one object), progress to `stderr`.
 * Throws PersonError for values that cannot be, for what AWS would refuse, and when `signal` stopped it: no file then.
 */
export async function syncExport(terminal: ExportTerminal, options: ExportOptions): Promise<void> {
  const { target, print, stderr, signal, now } = terminal;
  const range = parseDateRange(options.startDate, options.endDate);
  const format = parseFormat(options.format);
  const types = parseTypes(options.eventTypes);
  const path = resolve(options.outputFile ?? exportName('user_interactions_export', now, 'csv'));

  let progress: Progress | undefined;
  const onRows = (rows: number, total: number) => {
    progress ??= startProgress({ total, what: 'interactions', stream: stderr });
    progress.update(rows);
  };
  const result = await exportForPersonalize(
    { target, now, signal, onRows },
    {
      path,
      range,
      format,
      ...(types ? { types } : {}),
      markSynced: options.markSynced ?? false,
      withReadiness: options.check ?? false,
    },
  )
    .catch((error: unknown) => {
      if (signal.aborted) throw new PersonError('Stopped. No file was written, and nothing was marked.');
      throw error;
    })
    .finally(() => progress?.stop());

  if (options.json) print(JSON.stringify(forPrograms(result)));
  else for (const line of personalizeSummary(result, { isMarking: options.markSynced ?? false })) print(line);
}

function forPrograms({ readiness, excluded, ...result }: PersonalizeExport): object {
  const { examples: _, ...skipped } = excluded;
  return { ...result, path: result.path ?? null, skipped, reasons: excludedWords(excluded), readiness };
}

function parseFormat(name: string | undefined): PersonalizeFormat {
  const format = name ?? 'personalize';
  if (isFormat(format)) return format;
  throw new PersonError(`“${name}” is no format. Choose ${Object.keys(PERSONALIZE_FORMATS).join(' or ')}.`);
}

function isFormat(name: string): name is PersonalizeFormat {
  return Object.hasOwn(PERSONALIZE_FORMATS, name);
}

/** `upvote, click` -> stored names, each once. */
function parseTypes(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.length === 0) throw new PersonError('--event-types needs names with commas, like UPVOTE,CLICK.');
  const illegal = names.find((name) => !LEGAL_ID.test(name));
  if (illegal !== undefined) throw new PersonError(`“${illegal}” is no event type. Names are like UPVOTE.`);
  return [...new Set(names.map(eventTypeNamed))];
}
