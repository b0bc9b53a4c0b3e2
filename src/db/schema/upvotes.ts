import { sql } from 'drizzle-orm';
import { index, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { users } from './users.ts';

/**
 * Who likes which item: one row per person and item, made by the button under a card or loaded from a file. Taking it
 * back sets `withdrawn_at`, doing it again clears it and sets `created_at` anew. Other programs may fill the table
 * (DESIGN 6); rows of theirs without person or item are allowed and left out by the import.
 */
export const upvotes = pgTable(
  'upvotes',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    userId: uuid('user_id').references(() => users.id),
    /** A person whom we know by the id of another system only. Without meaning when `user_id` is there. */
    externalUserId: text('external_user_id'),
    /** `media_items.id`, or the id of something that is not in the library. */
    itemId: text('item_id'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    withdrawnAt: timestamp('withdrawn_at', { withTimezone: true }),
  },
  (table) => [
    uniqueIndex('upvotes_user_id_item_id_key').on(table.userId, table.itemId),
    uniqueIndex('upvotes_external_user_id_item_id_key')
      .on(table.externalUserId, table.itemId)
      .where(sql`${table.userId} is null`),
    // How many like an item: the number on its cards.
    index('upvotes_item_id_idx').on(table.itemId).where(sql`${table.withdrawnAt} is null`),
    // The import goes through the table in this order.
    index('upvotes_created_at_idx').on(table.createdAt, table.id),
    index('upvotes_withdrawn_at_idx').on(table.withdrawnAt).where(sql`${table.withdrawnAt} is not null`),
  ],
);
