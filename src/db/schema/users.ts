import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/** What a person may do in general; the right to decide also needs membership of the chat (`chat_members`). */
export const ROLES = ['admin', 'member', 'guest'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Everyone the bot has met. A stranger's row has role `guest` and no `date_joined` until someone admits them
 * (DESIGN, rulings), so that denied interactions have a person to point at.
 */
export const users = pgTable(
  'users',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    telegramUserId: bigint('telegram_user_id', { mode: 'number' }).unique(),
    username: text(),
    firstName: text('first_name'),
    lastName: text('last_name'),
    languageCode: text('language_code'),
    email: text(),
    role: text({ enum: ROLES }).notNull().default('guest'),
    isActive: boolean('is_active').notNull().default(true),
    /** The person has opened a private chat with the bot, so the bot may write first. */
    hasStartedBot: boolean('has_started_bot').notNull().default(false),
    externalId: text('external_id').unique(),
    dateJoined: timestamp('date_joined', { withTimezone: true }),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    /** Set on a row that stands for somebody who was forgotten ("Former member 7f3a"): it is no person and names none. */
    forgottenAt: timestamp('forgotten_at', { withTimezone: true }),
  },
  (table) => [
    check('users_role_check', sql`${table.role} in ('admin', 'member', 'guest')`),
    // The few former members, whom each batch of an import leaves out.
    index('users_forgotten_idx').on(table.id).where(sql`${table.forgottenAt} is not null`),
  ],
);
