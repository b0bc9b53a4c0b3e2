import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { chats } from './chats.ts';
import { users } from './users.ts';

export const JOB_CAUSES = ['clock', 'person', 'start'] as const;
export const JOB_OUTCOMES = ['done', 'skipped', 'undeliverable', 'failed'] as const;

/**
 * One due run of a clock job: lock and memory in one. Whoever inserts the row runs the slot, so two processes run it once
 * and a clock that jumps back repeats nothing.
 *
 *   claimed -> started (heartbeat) -> done | skipped | undeliverable | failed
 *                 \-> claimed again (it failed and is tried again, or its process died)
 *
 * A job of a chat is named with the chat (`daily-digest:-100123`); when the group becomes a supergroup, `chat_id` follows by
 * ON UPDATE CASCADE and a trigger carries the name along. Rows of other programs, with job and slot alone, hold their slot
 * and are never run by us.
 */
export const jobRuns = pgTable(
  'job_runs',
  {
    job: text().notNull(),
    slot: timestamp({ withTimezone: true }).notNull(),
    /** Names the run where job and slot may change: in durable jobs and buttons. */
    id: uuid().notNull().unique().default(sql`uuidv7()`),
    chatId: bigint('chat_id', { mode: 'number' }).references(() => chats.id, {
      onUpdate: 'cascade',
      onDelete: 'cascade',
    }),
    /** `start`: the slot before the job was there, which nobody makes up for. */
    cause: text({ enum: JOB_CAUSES }).notNull().default('clock'),
    /** The local day, week or month that the slot stands for: a chat that changes its zone has each of them once. */
    period: text(),
    requestedBy: uuid('requested_by').references(() => users.id),
    /** When its durable job was added last, by the server's clock; null: another program's row. */
    claimedAt: timestamp('claimed_at', { withTimezone: true }),
    startedAt: timestamp('started_at', { withTimezone: true }),
    /** While it runs: the last sign of life, by the server's clock. */
    heartbeatAt: timestamp('heartbeat_at', { withTimezone: true }),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    attempt: smallint().notNull().default(0),
    durationMs: integer('duration_ms'),
    outcome: text({ enum: JOB_OUTCOMES }),
    /** What came of it, or what the last attempt failed of, in one sentence. */
    words: text(),
    figures: jsonb(),
  },
  (table) => [
    primaryKey({ columns: [table.job, table.slot] }),
    uniqueIndex('job_runs_period_idx').on(table.job, table.period).where(sql`${table.period} is not null`),
    index('job_runs_slot_idx').on(table.slot),
    // The few that are not over; every tick looks at them.
    index('job_runs_open_idx').on(table.job).where(sql`${table.outcome} is null`),
    check('job_runs_cause_check', sql`${table.cause} in ('clock', 'person', 'start')`),
    check('job_runs_outcome_check', sql`${table.outcome} in ('done', 'skipped', 'undeliverable', 'failed')`),
  ],
);
