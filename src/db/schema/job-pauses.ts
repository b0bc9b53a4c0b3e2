import { pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { users } from './users.ts';

/** The clock jobs that stand still, by the name that the schedule gives them, for all chats. */
export const jobPauses = pgTable('job_pauses', {
  job: text().primaryKey(),
  pausedAt: timestamp('paused_at', { withTimezone: true }).notNull(),
  pausedBy: uuid('paused_by').references(() => users.id),
});
