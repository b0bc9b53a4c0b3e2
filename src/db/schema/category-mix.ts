import { sql } from 'drizzle-orm';
import { bigint, check, numeric, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { chats } from './chats.ts';
import { users } from './users.ts';

/**
 * In which proportion a chat posts its categories, with history: a row holds from `valid_from` until `valid_to`, the
 * present one has no end. The present ratios of a chat sum to 1. A chat without rows takes from all categories alike.
 */
export const categoryMix = pgTable(
  'category_mix',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    chatId: bigint('chat_id', { mode: 'number' })
      .notNull()
      .references(() => chats.id, { onUpdate: 'cascade' }),
    category: text().notNull(),
    ratio: numeric({ precision: 5, scale: 4, mode: 'number' }).notNull(),
    validFrom: timestamp('valid_from', { withTimezone: true }).notNull().defaultNow(),
    validTo: timestamp('valid_to', { withTimezone: true }),
    changedBy: uuid('changed_by').references(() => users.id),
  },
  (table) => [
    check('category_mix_ratio_check', sql`${table.ratio} > 0 and ${table.ratio} <= 1`),
    uniqueIndex('category_mix_present_key').on(table.chatId, table.category).where(sql`${table.validTo} is null`),
  ],
);
