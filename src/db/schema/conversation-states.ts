import { jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** Questions that the bot has asked and that are not answered yet, so that they survive a restart. */
export const conversationStates = pgTable('conversation_states', {
  /** Bot, chat and person. */
  key: text().primaryKey(),
  state: jsonb().notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
});
