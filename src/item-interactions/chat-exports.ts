import type { DatabaseTarget } from '../db/target.ts';
import type { DateRange } from '../lib/date-range.ts';
import type { ImportService } from './import-service.ts';
import { WHOLE_IMPORT } from './import-sources.ts';
import { exportForPersonalize } from './personalize-export.ts';
import { excludedWords } from './personalize-messages.ts';

/** What `/export` can be asked for. */
export const CHAT_EXPORTS = ['personalize', 'interactions', 'decisions'] as const;
export type ChatExport = (typeof CHAT_EXPORTS)[number];

/** What came of writing: `path` is undefined when there was nothing to write. `remarks`: a line each, for people. */
export type WrittenExport = { path: string | undefined; rows: number; bytes: number; remarks: readonly string[] };

/** Writes the file of one export, whole or not at all; throws as the exports of the terminal do. */
export type ExportWriter = (
  ground: { target: DatabaseTarget; now: Date; signal: AbortSignal; onRows: (rows: number, total: number) => void },
  request: { path: string; range: DateRange },
) => Promise<WrittenExport>;

/** An export as the chat knows it: the beginning of its file's name, and what one of its rows is called. */
export type ChatExportKind = { fileName: string; rowName: string; write: ExportWriter };

/**
 * For whoever asks now: takes in what people did since the last night, then writes. What was taken in stays, also when
 * nothing is written then.
 */
export function createFreshPersonalize({ imports }: { imports: Pick<ImportService, 'import'> }): ExportWriter {
  return async (ground, request) => {
    await imports.import(WHOLE_IMPORT, { signal: ground.signal });
    ground.signal.throwIfAborted();
    return writePersonalize(ground, request);
  };
}

/** The Interactions dataset of AWS Personalize, as `sync-user-interactions --mode export` writes it without options. */
export const writePersonalize: ExportWriter = async (ground, { path, range }) => {
  const { excluded, types, otherTypes, ...written } = await exportForPersonalize(ground, {
    path,
    range,
    format: 'personalize',
    markSynced: false,
    withReadiness: false,
  });
  const remarks = [
    ...(types.length > 0 ? [`Event types: ${types.join(', ')}`] : []),
    ...(otherTypes.length > 0 ? [`Types that are not in it: ${otherTypes.join(', ')}`] : []),
    ...excludedWords(excluded).map((words) => `Skipped: ${words}`),
  ];
  return { path: written.path, rows: written.rows, bytes: written.bytes, remarks };
};
