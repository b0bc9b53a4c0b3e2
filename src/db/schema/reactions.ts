import { sql } from 'drizzle-orm';
import { bigint, index, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { chats } from './chats.ts';
import { users } from './users.ts';

/**
 * Message reactions under cards: one row per person, message and reaction. What is taken off keeps its row with
 * `withdrawn_at`; when it is put there again, that is cleared and `created_at` set anew.
 */
export const reactions = pgTable(
  'reactions',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    userId: uuid('user_id').references(() => users.id),
    /** The medium of the card, `media_items.id`. */
    itemId: text('item_id'),
    chatId: bigint('chat_id', { mode: 'number' })
      .notNull()
      .references(() => chats.id, { onUpdate: 'cascade' }),
    messageId: bigint('message_id', { mode: 'number' }).notNull(),
    /** Telegram's ReactionType in one word: the emoji itself, `custom_emoji:<id>`, or `paid`. */
    reaction: text().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    withdrawnAt: timestamp('withdrawn_at', { withTimezone: true }),
  },
  (table) => [
    uniqueIndex('reactions_message_user_reaction_key').on(table.chatId, table.messageId, table.userId, table.reaction),
    index('reactions_created_at_idx').on(table.createdAt, table.id),
    index('reactions_withdrawn_at_idx').on(table.withdrawnAt).where(sql`${table.withdrawnAt} is not null`),
    index('reactions_user_id_idx').on(table.userId),
  ],
);
