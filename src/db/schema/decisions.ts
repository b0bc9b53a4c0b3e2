import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { mediaItems } from './media-items.ts';
import { queueItems } from './queue-items.ts';
import { users } from './users.ts';

export const DECISIONS = ['posted', 'skipped', 'rejected'] as const;
export const DECISION_SOURCES = ['tap', 'approve_all'] as const;
export type Decision = (typeof DECISIONS)[number];
export type DecisionSource = (typeof DECISION_SOURCES)[number];

/**
 * What was decided, by whom, when. At most one decision per queue item is not undone.
 * `chat_id`, `media_item_id` and `waited_ms` repeat what the queue item says, so that the figures need this table's
 * index only; a trigger fills them for rows that other programs write (migration 0002).
 */
export const decisions = pgTable(
  'decisions',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    queueItemId: uuid('queue_item_id')
      .notNull()
      .references(() => queueItems.id),
    // No reference of its own: the queue item's chat is referenced, and every index checked is paid on each tap.
    chatId: bigint('chat_id', { mode: 'number' }).notNull(),
    mediaItemId: uuid('media_item_id')
      .notNull()
      .references(() => mediaItems.id),
    userId: uuid('user_id').references(() => users.id),
    decision: text({ enum: DECISIONS }).notNull(),
    decidedAt: timestamp('decided_at', { withTimezone: true }).notNull().defaultNow(),
    reason: text(),
    /** `approve_all` is not a look at the item itself, so figures and training can tell it apart. */
    source: text({ enum: DECISION_SOURCES }).notNull().default('tap'),
    /** Milliseconds between "On it" and the decision of the same person; null when nobody claimed the card. */
    handlingMs: bigint('handling_ms', { mode: 'number' }),
    /** Milliseconds between the card's arrival in the chat and the decision; null when the card was never sent. */
    waitedMs: bigint('waited_ms', { mode: 'number' }),
    previousLastPostedAt: timestamp('previous_last_posted_at', { withTimezone: true }),
    undoneAt: timestamp('undone_at', { withTimezone: true }),
    undoneBy: uuid('undone_by').references(() => users.id),
  },
  (table) => [
    check('decisions_decision_check', sql`${table.decision} in ('posted', 'skipped', 'rejected')`),
    check('decisions_source_check', sql`${table.source} in ('tap', 'approve_all')`),
    // Undo asks for other decisions on the same medium.
    index('decisions_media_item_id_idx').on(table.mediaItemId).where(sql`${table.undoneAt} is null`),
    // Reports count what was taken back; few are, so this costs a decision nothing.
    index('decisions_undone_idx').on(table.decidedAt).where(sql`${table.undoneAt} is not null`),
    uniqueIndex('decisions_one_final_key').on(table.queueItemId).where(sql`${table.undoneAt} is null`),
  ],
);
