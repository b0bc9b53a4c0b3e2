import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgTable, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { chats } from './chats.ts';
import { mediaItems } from './media-items.ts';
import { users } from './users.ts';

export const QUEUE_STATUSES = [
  'pending',
  'sending',
  'delivered',
  'posted',
  'skipped',
  'rejected',
  'failed',
  'cancelled',
] as const;
export type QueueStatus = (typeof QUEUE_STATUSES)[number];

/**
 * One planned posting of a media item in one chat.
 *
 *   pending -> sending -> delivered -> posted | skipped | rejected   (undo: back to delivered)
 *                 \-> pending (Telegram refused, tried again) -> failed
 *   pending -> cancelled (/reset, cleared after a pause), delivered -> cancelled (nobody decided in time)
 *
 * The card in Telegram is a projection of this row: `version` grows with every change that a person can see,
 * `rendered_version` follows when the card shows it (DESIGN, rule 2).
 */
export const queueItems = pgTable(
  'queue_items',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    chatId: bigint('chat_id', { mode: 'number' })
      .notNull()
      .references(() => chats.id, { onUpdate: 'cascade' }),
    mediaItemId: uuid('media_item_id')
      .notNull()
      .references(() => mediaItems.id),
    scheduledFor: timestamp('scheduled_for', { withTimezone: true }).notNull().defaultNow(),
    status: text({ enum: QUEUE_STATUSES }).notNull().default('pending'),
    /** When the send that is under way was begun, how many were begun, and what the last one failed of. */
    sendingSince: timestamp('sending_since', { withTimezone: true }),
    attempts: smallint().notNull().default(0),
    failure: text(),
    /** Sent a second time because nobody could know whether the first one arrived; the card says so. */
    isRepeat: boolean('is_repeat').notNull().default(false),
    messageId: bigint('message_id', { mode: 'number' }),
    sentAt: timestamp('sent_at', { withTimezone: true }),
    /** From when reminder and discarding are counted: `sent_at`, moved on by every pause. */
    waitingSince: timestamp('waiting_since', { withTimezone: true }),
    remindedAt: timestamp('reminded_at', { withTimezone: true }),
    /** "On it": who is posting it right now, since when. */
    claimedBy: uuid('claimed_by').references(() => users.id),
    claimedAt: timestamp('claimed_at', { withTimezone: true }),
    /** The open question "reject for ever?": who asked, when. */
    rejectAskedAt: timestamp('reject_asked_at', { withTimezone: true }),
    rejectAskedBy: uuid('reject_asked_by').references(() => users.id),
    version: integer().notNull().default(1),
    renderedVersion: integer('rendered_version').notNull().default(1),
    /** When the card must be looked at again although nothing changed: the undo button's end. */
    renderAgainAt: timestamp('render_again_at', { withTimezone: true }),
    addedBy: uuid('added_by').references(() => users.id),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    check(
      'queue_items_status_check',
      sql`${table.status} in ('pending', 'sending', 'delivered', 'posted', 'skipped', 'rejected', 'failed', 'cancelled')`,
    ),
    index('queue_items_pending_idx').on(table.chatId, table.scheduledFor).where(sql`${table.status} = 'pending'`),
    index('queue_items_waiting_idx')
      .on(table.chatId, table.sentAt)
      .where(sql`${table.status} in ('sending', 'delivered')`),
    index('queue_items_media_item_id_idx').on(table.mediaItemId),
    // Slots that were used, for planning: without it each upload reads all cards that there ever were.
    index('queue_items_used_slot_idx')
      .on(table.chatId, table.scheduledFor)
      .where(sql`${table.sendingSince} > ${table.scheduledFor}`),
    // How cards ended that nobody decided, for /history; few, and no decision touches it.
    index('queue_items_undecided_end_idx')
      .on(
        table.chatId,
        table.status,
        sql`coalesce(${table.waitingSince}, ${table.sendingSince}, ${table.scheduledFor})`,
      )
      .where(sql`${table.status} = 'failed' or (${table.status} = 'cancelled' and ${table.sentAt} is not null)`),
    // In the order in which the sweep takes them: PostgreSQL believes that nearly all cards are behind (it has no statistics
    // of one column against another), and takes this index only because it saves sorting them.
    // Reactions name the message.
    index('queue_items_message_id_idx').on(table.chatId, table.messageId).where(sql`${table.messageId} is not null`),
    index('queue_items_behind_idx')
      .on(table.renderAgainAt.asc().nullsFirst())
      .where(
        sql`${table.messageId} is not null and (${table.renderedVersion} <> ${table.version} or ${table.renderAgainAt} is not null)`,
      ),
  ],
);
