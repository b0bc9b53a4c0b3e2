import { PgDialect } from 'drizzle-orm/pg-core';
import type { Snapshot } from '../db/snapshot.ts';
import { IMPORT_SOURCES } from './import-sources.ts';
import { removeWithdrawnStatement } from './import-statements.ts';

/**
 * Takes out of `item_interactions` what was taken back or undone since it was imported. An export does it in a
 * transaction of its own before it takes its snapshot: within the snapshot the removed rows would stay locked until
 * the file is written, and an import beside it would give up waiting for them.
 */
export async function removeWithdrawn(snapshot: Pick<Snapshot, 'rows'>): Promise<void> {
  const dialect = new PgDialect();
  for (const { name, statement } of IMPORT_SOURCES) {
    await snapshot.rows(dialect.sqlToQuery(removeWithdrawnStatement(name, statement)).sql);
  }
}
