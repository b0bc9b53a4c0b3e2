import { sql } from 'drizzle-orm';
import { bigint, boolean, check, pgTable, timestamp } from 'drizzle-orm/pg-core';

/** One row: which bot this database belongs to, and whether it is the simulator's. Keeps demo data away from real ones. */
export const installation = pgTable(
  'installation',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    botId: bigint('bot_id', { mode: 'number' }).notNull(),
    isSimulator: boolean('is_simulator').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [check('installation_only_row_check', sql`${table.onlyRow}`)],
);
