import { sql } from 'drizzle-orm';
import { pgTable, primaryKey, timestamp, uuid } from 'drizzle-orm/pg-core';
import { queueItems } from './queue-items.ts';
import { users } from './users.ts';

/** One vote per person for posting a queue item, where the chat wants more than one. */
export const approvals = pgTable(
  'approvals',
  {
    queueItemId: uuid('queue_item_id')
      .notNull()
      .references(() => queueItems.id),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    votedAt: timestamp('voted_at', { withTimezone: true }).notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.queueItemId, table.userId] })],
);
