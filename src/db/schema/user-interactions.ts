import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import { users } from './users.ts';

export const INTERACTION_TYPES = ['command', 'callback', 'message', 'bot_response'] as const;
export type InteractionType = (typeof INTERACTION_TYPES)[number];

/**
 * Who used the bot, how and when: the seed's table (004) with `timestamptz`, the type `bot_response`, and two columns more.
 * `delivery_key` names the tap or message itself, so that a redelivered update stays one row. `counts` says whether the
 * row belongs to people's figures: done and not undone (DESIGN, rulings); it is generated, so rows of other programs have it too.
 * The covering indexes for the figures (idx_user_interactions_user_id, idx_user_interactions_created_at) stand in
 * migration 0002: drizzle-kit knows no INCLUDE.
 */
export const userInteractions = pgTable(
  'user_interactions',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    userId: uuid('user_id').references(() => users.id),
    interactionType: varchar('interaction_type', { length: 50, enum: INTERACTION_TYPES }).notNull(),
    interactionName: varchar('interaction_name', { length: 100 }).notNull(),
    context: jsonb().default({}),
    telegramChatId: bigint('telegram_chat_id', { mode: 'number' }),
    telegramMessageId: bigint('telegram_message_id', { mode: 'number' }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    deliveryKey: text('delivery_key'),
    counts: boolean().generatedAlwaysAs(
      sql`interaction_type <> 'bot_response' and coalesce(context->>'outcome', 'done') = 'done' and not coalesce(context, '{}') ? 'undone_at'`,
    ),
  },
  (table) => [
    check(
      'check_interaction_type',
      sql`${table.interactionType} in ('command', 'callback', 'message', 'bot_response')`,
    ),
    check('check_interaction_user', sql`${table.userId} is not null or ${table.interactionType} = 'bot_response'`),
    index('idx_user_interactions_type').on(table.interactionType),
    index('idx_user_interactions_name').on(table.interactionName),
    // Instead of the seed's GIN index on the whole context, which costs a Pi's card too much on every tap:
    // a btree on the one key that is asked for.
    index('idx_user_interactions_queue_item')
      .on(sql`(context->>'queue_item_id')`)
      .where(sql`(context->>'queue_item_id') is not null`),
    uniqueIndex('user_interactions_delivery_key').on(table.deliveryKey).where(sql`${table.deliveryKey} is not null`),
  ],
);
