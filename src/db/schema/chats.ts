import { sql } from 'drizzle-orm';
import { bigint, boolean, check, integer, pgTable, smallint, text, time, timestamp, uuid } from 'drizzle-orm/pg-core';
import { users } from './users.ts';

export const CAPTION_STYLES = ['enhanced', 'simple'] as const;
export const POOL_STATES = ['ok', 'warning', 'alarm'] as const;

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
    /** Nothing is delivered by the clock; the timers of waiting cards stand still. `/next` and buttons work. */
    isPaused: boolean('is_paused').notNull().default(false),
    pausedAt: timestamp('paused_at', { withTimezone: true }),
    /** How far a slot may lie from its even place, in minutes to either side. */
    jitterMinutes: smallint('jitter_minutes').notNull().default(30),
    /** How many days the plan reaches ahead. */
    planDays: smallint('plan_days').notNull().default(7),
    /** `enhanced` cards carry the steps of posting, `simple` ones only what is posted. */
    captionStyle: text('caption_style', { enum: CAPTION_STYLES }).notNull().default('enhanced'),
    isVerbose: boolean('is_verbose').notNull().default(true),
    /** Hours from a card's arrival to its only reminder and to its discarding; 0 switches it off. */
    remindAfterHours: smallint('remind_after_hours').notNull().default(12),
    discardAfterHours: smallint('discard_after_hours').notNull().default(48),
    /** How many different people must press Posted until it holds. */
    approvalsNeeded: smallint('approvals_needed').notNull().default(1),
    /** Whoever added an item does not count among those who approve it. */
    isFourEyes: boolean('is_four_eyes').notNull().default(false),
    /** One-tap reasons that Reject offers, at most four. */
    rejectReasons: text('reject_reasons').array().notNull().default(sql`'{}'`),
    /** Local time of the reports into the chat. */
    reportTime: time('report_time').notNull().default('09:00'),
    sendsDailyReport: boolean('sends_daily_report').notNull().default(true),
    sendsWeeklyReport: boolean('sends_weekly_report').notNull().default(true),
    /** Reports of times in which nothing was done come too, and say so. */
    sendsEmptyReports: boolean('sends_empty_reports').notNull().default(false),
    /** The forum topic for reports (`message_thread_id`); null: the chat itself, or its topic General. */
    reportTopicId: bigint('report_topic_id', { mode: 'number' }),
    /** Local times between which nothing is said about activity; equal ones: there are no quiet hours. */
    quietStart: time('quiet_start').notNull().default('23:00'),
    quietEnd: time('quiet_end').notNull().default('08:00'),
    /** From when on activity is unusual (operations/unusual-activity.ts); 0 switches each off. */
    unusualFrom: smallint('unusual_from').notNull().default(5),
    rejectBurst: smallint('reject_burst').notNull().default(7),
    silentAfterHours: smallint('silent_after_hours').notNull().default(12),
    strangersPerHour: smallint('strangers_per_hour').notNull().default(20),
    /** Whether admins hear of what one person does, or no longer does. */
    alertsAboutPeople: boolean('alerts_about_people').notNull().default(false),
    isOpenToGuests: boolean('is_open_to_guests').notNull().default(false),
    /** What was last said about how long the library lasts, so that each step is said once. */
    poolState: text('pool_state', { enum: POOL_STATES }).notNull().default('ok'),
    migratedFrom: bigint('migrated_from', { mode: 'number' }),
    addedBy: uuid('added_by').references(() => users.id),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    check('chats_posts_per_day_check', sql`${table.postsPerDay} between 1 and 50`),
    check('chats_lock_days_check', sql`${table.repostLockDays} >= 0 and ${table.skipLockDays} >= 0`),
    check('chats_jitter_minutes_check', sql`${table.jitterMinutes} between 0 and 30`),
    check('chats_plan_days_check', sql`${table.planDays} between 1 and 30`),
    check('chats_caption_style_check', sql`${table.captionStyle} in ('enhanced', 'simple')`),
    check('chats_pool_state_check', sql`${table.poolState} in ('ok', 'warning', 'alarm')`),
    check('chats_approvals_needed_check', sql`${table.approvalsNeeded} between 1 and 10`),
    check('chats_reject_reasons_check', sql`cardinality(${table.rejectReasons}) <= 4`),
    check(
      'chats_waiting_hours_check',
      sql`${table.remindAfterHours} between 0 and 720 and ${table.discardAfterHours} between 0 and 720`,
    ),
    check(
      'chats_alerts_check',
      sql`${table.unusualFrom} between 0 and 50 and ${table.rejectBurst} between 0 and 10
        and ${table.silentAfterHours} between 0 and 168 and ${table.strangersPerHour} between 0 and 10000`,
    ),
    check('chats_paused_at_check', sql`${table.isPaused} = (${table.pausedAt} is not null)`),
  ],
);
