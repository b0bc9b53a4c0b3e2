import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { prepareStatement } from '../db/prepared-statement.ts';
import type { DateRange } from '../lib/date-range.ts';
import { IMPORT_SOURCES, type SourceName } from './import-sources.ts';
import { countStatement, FLUSH, importStatement, removeWithdrawnStatement } from './import-statements.ts';
import { SKIP_REASONS } from './item-interaction-mappers.ts';

/** The place of a row in its source: the import goes on behind it. */
export type Position = { at: string; id: string };

const importedBatch = z.object({
  processed: z.number(),
  created: z.number(),
  /** By reason, with the ids of the first few. */
  skipped: z.partialRecord(z.enum(SKIP_REASONS), z.object({ rows: z.number(), ids: z.array(z.string()) })),
  lastAt: z.string().nullable(),
  lastId: z.string().nullable(),
});
export type ImportedBatch = Pick<z.infer<typeof importedBatch>, 'processed' | 'created' | 'skipped'> & {
  /** Null: there was nothing any more. */
  last: Position | null;
};

export type ItemInteractionRepository = ReturnType<typeof createItemInteractionRepository>;

const START: Position = { at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/** The table that Personalize and the recommender learn from, filled from our other tables. */
export function createItemInteractionRepository({ db }: Database) {
  const statements = new Map(
    IMPORT_SOURCES.map(({ name, statement }) => [
      name,
      {
        count: prepareStatement(db, countStatement(statement)),
        import: prepareStatement(db, importStatement(name, statement)),
        removeWithdrawn: prepareStatement(db, removeWithdrawnStatement(name, statement)),
      },
    ]),
  );
  const statementsOf = (source: SourceName) => {
    const known = statements.get(source);
    if (!known) throw new Error(`${source} is not among the sources`);
    return known;
  };
  const flush = prepareStatement(db, FLUSH);

  return {
    /** How many rows of a source an import of this range has to look at. */
    async count(source: SourceName, { since, until }: DateRange): Promise<number> {
      const [row] = await statementsOf(source).count.run({ since, until });
      return z.object({ rows: z.number() }).parse(row).rows;
    },

    /**
     * Takes in the next rows of a source, at most `limit`, the oldest first; without `after` from the beginning. All of
     * them or none, and whoever else imports the same rows at the same time: each is created, and counted, once.
     */
    async importBatch(
      source: SourceName,
      batch: DateRange & { after: Position | null; limit: number },
    ): Promise<ImportedBatch> {
      const { since, until, limit } = batch;
      const after = batch.after ?? START;
      const [row] = await statementsOf(source).import.run({
        since,
        until,
        limit,
        afterAt: after.at,
        afterId: after.id,
      });
      const { lastAt, lastId, ...counts } = importedBatch.parse(row);
      return { ...counts, last: lastAt === null || lastId === null ? null : { at: lastAt, id: lastId } };
    },

    /** Waits until everything that was imported so far is on the disk. */
    async flush(): Promise<void> {
      await flush.run({});
    },

    /**
     * Takes out what came from rows that were withdrawn or undone since, and says how many; an export does it before it
     * reads, so that nothing is in a file that was taken back before.
     */
    async removeWithdrawn(source: SourceName): Promise<number> {
      const [row] = await statementsOf(source).removeWithdrawn.run({});
      return z.object({ removed: z.number() }).parse(row).removed;
    },
  };
}
