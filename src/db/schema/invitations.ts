import { sql } from 'drizzle-orm';
import { pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { ROLES, users } from './users.ts';

/** One-time ways in: a random code, hashed at rest, bound to a role. Without `created_by`: the first admin's code. */
export const invitations = pgTable('invitations', {
  id: uuid().primaryKey().default(sql`uuidv7()`),
  codeHash: text('code_hash').notNull().unique(),
  role: text({ enum: ROLES }).notNull(),
  createdBy: uuid('created_by').references(() => users.id),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  expiresAt: timestamp('expires_at', { withTimezone: true }),
  usedAt: timestamp('used_at', { withTimezone: true }),
  usedBy: uuid('used_by').references(() => users.id),
});
