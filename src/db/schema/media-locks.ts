import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { decisions } from './decisions.ts';
import { mediaItems } from './media-items.ts';

export const LOCK_REASONS = ['recent_post', 'skip', 'permanent_reject'] as const;
export type LockReason = (typeof LOCK_REASONS)[number];

/**
 * Why a media item may not be queued, and until when (`locked_until` null: for ever).
 * A permanent lock does not delete the shorter ones, it replaces them (`replaced_by`), so that undoing it
 * brings them back. In force: `replaced_by is null and (locked_until is null or locked_until > now)`.
 */
export const mediaLocks = pgTable(
  'media_locks',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    mediaItemId: uuid('media_item_id')
      .notNull()
      .references(() => mediaItems.id, { onDelete: 'cascade' }),
    reason: text({ enum: LOCK_REASONS }).notNull(),
    lockedAt: timestamp('locked_at', { withTimezone: true }).notNull().defaultNow(),
    lockedUntil: timestamp('locked_until', { withTimezone: true }),
    decisionId: uuid('decision_id').references(() => decisions.id),
    replacedBy: uuid('replaced_by').references(() => decisions.id),
  },
  (table) => [
    check('media_locks_reason_check', sql`${table.reason} in ('recent_post', 'skip', 'permanent_reject')`),
    // NULLs are distinct to an ordinary unique constraint: two permanent locks would both be accepted.
    uniqueIndex('media_locks_one_permanent_key')
      .on(table.mediaItemId)
      .where(sql`${table.lockedUntil} is null and ${table.replacedBy} is null`),
    index('media_locks_media_item_id_idx').on(table.mediaItemId),
    index('media_locks_decision_id_idx').on(table.decisionId),
  ],
);
