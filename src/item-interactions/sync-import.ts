import { databaseFailureReason } from '../db/database-errors.ts';
import { parseDateRange } from '../lib/date-range.ts';
import { OutsideError, PersonError } from '../lib/errors.ts';
import { printable } from '../lib/printable.ts';
import { startProgress } from '../lib/progress.ts';
import { importSummary, loadedLine, skippedLines } from './import-messages.ts';
import { createImportService, type ImportRequest, type ImportResult } from './import-service.ts';
import { sourcesNamed } from './import-sources.ts';
import { createItemInteractionRepository } from './item-interaction-repository.ts';
import { type LoadedUpvotes, loadUpvotes } from './load-upvotes.ts';
import type { SyncOptions, SyncTerminal } from './sync-command.ts';
import { sizeOfUpvoteFile } from './upvote-file.ts';
import { createUpvoteFileRepository } from './upvote-file-repository.ts';

/** The seed's. */
const DEFAULT_BATCH_SIZE = 1000;
const MAX_BATCH_SIZE = 100_000;
const KILOBYTE = 1024;

/**
 * `--mode import`: upvotes from a file if one is named, then item interactions from our own tables. Figures go to stdout
 * (`--json`: one object), progress and what was left out to `stderr`. Throws PersonError when an option cannot be or
 * `signal` stopped it, OutsideError when the database went away: what was done until then stays done, and the same
 * command goes on from there.
 */
export async function syncImport(terminal: SyncTerminal, options: SyncOptions): Promise<void> {
  const { print } = terminal;
  const batchSize = batchSizeOf(options.batchSize);
  const range = parseDateRange(options.startDate, options.endDate);
  const sources = sourcesNamed(options.source ?? 'all');
  if (options.fromCsv !== undefined && !sources.includes('upvotes')) {
    throw new PersonError('--from-csv loads upvotes. Leave --source out, or say --source upvotes.');
  }
  const started = performance.now();
  const loaded =
    options.fromCsv === undefined
      ? undefined
      : await loadFile(terminal, options.fromCsv, { batchSize, now: new Date() });
  if (loaded && options.fromCsv !== undefined && !options.json) print(loadedLine(printable(options.fromCsv), loaded));
  if (loaded?.isStopped) throw stopped(`after ${loaded.lines} lines of the file`);

  const { result, total } = await importRows(terminal, { sources, range, batchSize });
  const { isStopped, ...figures } = result;
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  if (options.json) print(JSON.stringify({ ...(loaded ? { file: loaded } : {}), ...figures, isStopped, seconds }));
  else for (const line of importSummary(result)) print(line);
  if (isStopped) throw stopped(`after ${result.processed} of ${total} rows`);
}

function stopped(where: string): PersonError {
  return new PersonError(`Stopped ${where}. Run it again to go on: what is in stays in.`);
}

async function importRows(
  { database, stderr, signal }: SyncTerminal,
  request: ImportRequest,
): Promise<{ result: ImportResult; total: number }> {
  const service = createImportService({ itemInteractions: createItemInteractionRepository(database) });
  const total = await service.count(request);
  const progress = startProgress({ total, what: 'rows', stream: stderr });
  let done = 0;
  const onBatch = ({ processed, created }: { processed: number; created: number }) => {
    done = processed;
    progress.update(processed, `${created} new`);
  };
  try {
    const result = await service.import(request, { signal, onBatch });
    for (const source of result.sources) for (const line of skippedLines(source)) progress.say(line);
    return { result, total };
  } catch (error) {
    throw inWords(error, `after ${done} of ${total} rows`);
  } finally {
    progress.stop();
  }
}

async function loadFile(
  { database, stderr, signal }: SyncTerminal,
  path: string,
  { batchSize, now }: { batchSize: number; now: Date },
): Promise<LoadedUpvotes> {
  const total = Math.ceil((await sizeOfUpvoteFile(path)) / KILOBYTE);
  const progress = startProgress({ total, what: 'kB', stream: stderr });
  let done = 0;
  try {
    return await loadUpvotes(path, {
      upvotes: createUpvoteFileRepository(database),
      batchSize,
      now,
      signal,
      onRefused: (line, why) => progress.say(`line ${line}: ${why}`),
      onBatch: ({ lines, bytes, created }) => {
        done = lines;
        progress.update(Math.min(total, Math.ceil(bytes / KILOBYTE)), `${created} new`);
      },
    });
  } catch (error) {
    throw inWords(error, `after ${done} lines of the file`);
  } finally {
    progress.stop();
  }
}

/** A database that goes away in the middle is told with how far it came; everything else as it is. */
function inWords(error: unknown, where: string): unknown {
  const reason = databaseFailureReason(error);
  if (reason === undefined) return error;
  const told = `The database failed ${where}: ${reason}. What is in stays in; run it again to go on.`;
  return new OutsideError('postgres', told, { retryable: true, cause: error });
}

function batchSizeOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_BATCH_SIZE;
  const size = Number(text);
  if (Number.isInteger(size) && size >= 1 && size <= MAX_BATCH_SIZE) return size;
  throw new PersonError(`“${text}” is no batch size. Choose a whole number from 1 to ${MAX_BATCH_SIZE}.`);
}
