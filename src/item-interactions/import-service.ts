import type { DateRange } from '../lib/date-range.ts';
import type { SourceName } from './import-sources.ts';
import { SKIP_REASONS, type SkipReason } from './item-interaction-mappers.ts';
import type { ImportedBatch, ItemInteractionRepository, Position } from './item-interaction-repository.ts';

/** What an import came to, of one source or of all. `processed` is `created`, `present` and `skipped` together. */
export type ImportCounts = {
  processed: number;
  created: number;
  /** Was there already: imported before, or the same person, item and type (of that day). */
  present: number;
  skipped: number;
  /** Imported earlier and taken out now, because the upvote was taken back or the decision undone. */
  removed: number;
};

export type SourceResult = ImportCounts & {
  source: SourceName;
  /** How many rows were left out for which reason, with the ids of the first of them. */
  reasons: { reason: SkipReason; rows: number; ids: string[] }[];
};

export type ImportResult = ImportCounts & {
  sources: SourceResult[];
  /** It was stopped before its end. What was imported until then stays; the same import again goes on from there. */
  isStopped: boolean;
};

export type ImportRequest = { sources: readonly SourceName[]; range: DateRange; batchSize: number };

const NAMED_IDS = 5;

export type ImportService = ReturnType<typeof createImportService>;

/**
 * Imports item interactions from our own tables (seed 000). Repeatable at any time and after any crash: rows that are
 * there are left as they are, and a batch is in the table whole or not at all.
 */
export function createImportService(dependencies: {
  itemInteractions: Pick<ItemInteractionRepository, 'count' | 'importBatch' | 'removeWithdrawn' | 'flush'>;
}) {
  const { itemInteractions } = dependencies;

  async function importSource(
    source: SourceName,
    { range, batchSize }: ImportRequest,
    options: { signal: AbortSignal; onBatch: (counts: ImportCounts) => void },
  ): Promise<{ result: SourceResult; isStopped: boolean }> {
    const result: SourceResult = { source, ...noCounts(), reasons: [] };
    result.removed = await itemInteractions.removeWithdrawn(source);
    for (let after: Position | null = null; !options.signal.aborted; ) {
      const batch = await itemInteractions.importBatch(source, { ...range, after, limit: batchSize });
      addBatch(result, batch);
      options.onBatch(result);
      after = batch.last;
      if (batch.processed < batchSize) return { result, isStopped: false };
    }
    return { result, isStopped: true };
  }

  return {
    /** How many rows an import will look at. */
    async count({ sources, range }: Pick<ImportRequest, 'sources' | 'range'>): Promise<number> {
      let total = 0;
      for (const source of sources) total += await itemInteractions.count(source, range);
      return total;
    },

    /** Imports everything of the range. When `signal` is aborted it ends after the batch at hand. */
    async import(
      request: ImportRequest,
      options: {
        signal: AbortSignal;
        /** Called after each batch with the counts so far. */
        onBatch?: (counts: ImportCounts) => void;
      },
    ): Promise<ImportResult> {
      const { signal, onBatch = () => {} } = options;
      const sources: SourceResult[] = [];
      let isStopped = false;
      for (const source of request.sources) {
        const onPart = (counts: ImportCounts) => onBatch(sum([...sources, counts]));
        const imported = await importSource(source, request, { signal, onBatch: onPart });
        sources.push(imported.result);
        ({ isStopped } = imported);
        if (isStopped) break;
      }
      await itemInteractions.flush();
      return { ...sum(sources), sources, isStopped };
    },
  };
}

function addBatch(result: SourceResult, { processed, created, skipped }: ImportedBatch): void {
  let skippedRows = 0;
  for (const reason of SKIP_REASONS) {
    const more = skipped[reason];
    if (!more) continue;
    skippedRows += more.rows;
    const known = result.reasons.find((entry) => entry.reason === reason);
    if (known) {
      known.rows += more.rows;
      known.ids = [...known.ids, ...more.ids].slice(0, NAMED_IDS);
    } else result.reasons.push({ reason, rows: more.rows, ids: more.ids.slice(0, NAMED_IDS) });
  }
  result.processed += processed;
  result.created += created;
  result.skipped += skippedRows;
  result.present += processed - created - skippedRows;
}

function sum(counts: readonly ImportCounts[]): ImportCounts {
  const total = noCounts();
  for (const one of counts) {
    total.processed += one.processed;
    total.created += one.created;
    total.present += one.present;
    total.skipped += one.skipped;
    total.removed += one.removed;
  }
  return total;
}

function noCounts(): ImportCounts {
  return { processed: 0, created: 0, present: 0, skipped: 0, removed: 0 };
}
