import { boolean, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * All that is kept of somebody who was forgotten: salted hashes of their identifiers (db/forgotten.ts), so that imports
 * and events do not bring them back. Without the key of this installation nobody can tell whose they are.
 */
export const personalTombstones = pgTable('personal_tombstones', {
  hash: text().primaryKey(),
  forgottenAt: timestamp('forgotten_at', { withTimezone: true }).notNull(),
  /** They had been removed by an admin: whoever comes back under this identifier stays outside until invited anew. */
  wasRemoved: boolean('was_removed').notNull().default(false),
});
