import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { users } from './users.ts';

/**
 * Who changed what about whom: roles, removals, invitations, settings. Rows are written in the transaction of the change
 * and never changed. Without `actor_id` the operator did it, in the terminal or by the configuration.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    actorId: uuid('actor_id').references(() => users.id),
    /** `<what>_<done>`: role_changed, member_removed, invitation_created, … */
    action: text().notNull(),
    /** The person whom the change is about. */
    userId: uuid('user_id').references(() => users.id),
    /** The team chat that the change is about. */
    chatId: bigint('chat_id', { mode: 'number' }),
    before: jsonb(),
    after: jsonb(),
  },
  (table) => [
    index('audit_log_at_idx').on(table.at.desc()),
    index('audit_log_user_id_idx').on(table.userId, table.at.desc()),
  ],
);
