import { sql } from 'drizzle-orm';
import { bigint, boolean, check, integer, pgTable, smallint, text, time, timestamp, uuid } from 'drizzle-orm/pg-core';
import { users } from './users.ts';

/**
 * The groups in which the bot works, keyed by Telegram's own chat id; a move to a supergroup rewrites the key
 * (references follow by ON UPDATE CASCADE) and keeps the old one in `migrated_from`.
 * Defaults are the seed era's: three posts a day between 14:00 and 02:00 of the chat's zone, 30 and 45 days of lock.
 */
export const chats = pgTable(
  'chats',
  {
    id: bigint({ mode: 'number' }).primaryKey(),
    title: text().notNull().default(''),
    type: text().notNull().default('supergroup'),
    /** False: the bot was removed or has left; nothing is delivered and nobody may decide. */
    isActive: boolean('is_active').notNull().default(true),
    timeZone: text('time_zone').notNull().default('UTC'),
    postsPerDay: smallint('posts_per_day').notNull().default(3),
    windowStart: time('window_start').notNull().default('14:00'),
    windowEnd: time('window_end').notNull().default('02:00'),
    repostLockDays: integer('repost_lock_days').notNull().default(30),
    skipLockDays: integer('skip_lock_days').notNull().default(45),
    migratedFrom: bigint('migrated_from', { mode: 'number' }),
    addedBy: uuid('added_by').references(() => users.id),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    check('chats_posts_per_day_check', sql`${table.postsPerDay} between 1 and 50`),
    check('chats_lock_days_check', sql`${table.repostLockDays} >= 0 and ${table.skipLockDays} >= 0`),
  ],
);
