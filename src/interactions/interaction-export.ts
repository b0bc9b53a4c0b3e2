import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Snapshot, withSnapshot } from '../db/snapshot.ts';
import type { DatabaseTarget } from '../db/target.ts';
import { writeAtomically } from '../lib/atomic-file.ts';
import type { DateRange } from '../lib/date-range.ts';
import { csvToParquet } from '../lib/parquet-client.ts';
import {
  copyInteractionsCsv,
  copyInteractionsJson,
  countInteractions,
  exportColumns,
  type InteractionSelection,
} from './interaction-export-repository.ts';

export const INTERACTION_FORMATS = ['csv', 'json', 'parquet'] as const;
export type InteractionFormat = (typeof INTERACTION_FORMATS)[number];

export type InteractionExportRequest = {
  path: string;
  format: InteractionFormat;
  range: DateRange;
  /** Without names and Telegram's ids; the same person has the same pseudonym in every export of this installation. */
  isPseudonymised: boolean;
};

type Ground = {
  target: DatabaseTarget;
  signal?: AbortSignal;
  onRows?: (rows: number, total: number) => void;
};

/**
 * Writes who used the bot, how and when (`user_interactions`) into a file: CSV with cells that are harmless in a
 * spreadsheet, JSON (one array, an object a line) or Parquet with the text as it is. One snapshot, the oldest row first,
 * memory flat, the file whole or not there; without rows there is none. Throws PersonError for a folder that is not there.
 */
export function exportInteractions(
  ground: Ground,
  request: InteractionExportRequest,
): Promise<{ path: string | undefined; rows: number; bytes: number }> {
  const { target, signal, onRows } = ground;
  return withSnapshot(
    target,
    async (snapshot) => {
      const total = await countInteractions(snapshot, request);
      if (total === 0) return { path: undefined, rows: 0, bytes: 0 };
      const onLines = onRows && ((lines: number) => onRows(Math.min(lines, total), total));
      const { rows, bytes } = await WRITERS[request.format](snapshot, request, onLines);
      return { path: request.path, rows, bytes };
    },
    signal ? { signal } : {},
  );
}

type Writer = (
  snapshot: Snapshot,
  request: InteractionExportRequest,
  onLines: ((lines: number) => void) | undefined,
) => Promise<{ rows: number; bytes: number }>;

const WRITERS: Readonly<Record<InteractionFormat, Writer>> = {
  async csv(snapshot, request, onLines) {
    const { result, bytes } = await writeAtomically(request.path, (file) =>
      copyInteractionsCsv(snapshot, request, 'spreadsheet', file, onLines),
    );
    return { rows: result, bytes };
  },
  async json(snapshot, request, onLines) {
    const { result, bytes } = await writeAtomically(request.path, (file) =>
      copyInteractionsJson(snapshot, request, file, onLines),
    );
    return { rows: result, bytes };
  },
  /** By way of a CSV file beside it, which DuckDB reads: a few times the room of the result, for as long as it takes. */
  async parquet(snapshot, request, onLines) {
    const csv = join(
      dirname(request.path),
      `.${basename(request.path).slice(0, 100)}.${randomBytes(6).toString('hex')}.part`,
    );
    try {
      const { result } = await writeAtomically(csv, (file) =>
        copyInteractionsCsv(snapshot, request, 'machine', file, onLines),
      );
      const { bytes } = await writeAtomically(request.path, async (file) => {
        await csvToParquet(csv, String(file.path), exportColumns(request satisfies InteractionSelection));
      });
      return { rows: result, bytes };
    } finally {
      await rm(csv, { force: true });
    }
  },
};
