import { sql } from 'drizzle-orm';
import { bigint, boolean, check, pgTable, timestamp } from 'drizzle-orm/pg-core';

/** One row: which bot this database belongs to, and whether it is the simulator's. Keeps demo data away from real ones. */
export const installation = pgTable(
  'installation',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    botId: bigint('bot_id', { mode: 'number' }).notNull(),
    isSimulator: boolean('is_simulator').notNull(),
    /** Written every minute while the bot runs: how long it was away is known at the next start. */
    aliveAt: timestamp('alive_at', { withTimezone: true }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [check('installation_only_row_check', sql`${table.onlyRow}`)],
);
