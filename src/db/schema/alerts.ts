import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { chats } from './chats.ts';

export const ALERT_STATES = ['raised', 'cleared'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/**
 * What is wrong at present, and was: one row per thing that can be wrong. `cleared_at is null` says that it is, `told`
 * what the admins were told last; where the two differ there is something to say. So each change is said once, whoever
 * finds it out, and whatever happens between two looks that nobody could be told of cancels out.
 */
export const alerts = pgTable(
  'alerts',
  {
    /** Name and chat in one, so that an alert about a chat keeps its row when the group becomes a supergroup. */
    key: text().primaryKey().generatedAlwaysAs(sql`name || coalesce(':' || chat_id::text, '')`),
    /** What can be wrong, like `disk-space` or `job:keep-plan`. */
    name: text().notNull(),
    /** The team chat in which it is; null when it concerns the whole bot. */
    chatId: bigint('chat_id', { mode: 'number' }).references(() => chats.id, {
      onUpdate: 'cascade',
      onDelete: 'cascade',
    }),
    /** Words with entities (`{text, entities}`) that say that it is wrong, and that it no longer is. */
    raisedMessage: jsonb('raised_message').notNull(),
    clearedMessage: jsonb('cleared_message'),
    /** The figures behind it, for whoever looks into the table. */
    detail: jsonb().notNull().default({}),
    raisedAt: timestamp('raised_at', { withTimezone: true }).notNull(),
    clearedAt: timestamp('cleared_at', { withTimezone: true }),
    /** Quiet hours: nothing is said of it before. */
    heldUntil: timestamp('held_until', { withTimezone: true }),
    told: text({ enum: ALERT_STATES }).notNull().default('cleared'),
    toldAt: timestamp('told_at', { withTimezone: true }),
    /** It was over before anybody could be told, and is worth telling all the same. */
    isMissed: boolean('is_missed').notNull().default(false),
    /** When the telling that is under way was begun; still there after two minutes, nobody knows whether it arrived. */
    tellingSince: timestamp('telling_since', { withTimezone: true }),
  },
  (table) => [
    check('alerts_told_check', sql`${table.told} in ('raised', 'cleared')`),
    check('alerts_cleared_check', sql`(${table.clearedAt} is null) = (${table.clearedMessage} is null)`),
    // The few rows that the tick looks at.
    index('alerts_present_idx')
      .on(table.raisedAt)
      .where(sql`${table.clearedAt} is null or ${table.told} = 'raised' or ${table.isMissed}`),
  ],
);
