import { sql } from 'drizzle-orm';
import { bigint, boolean, check, date, pgTable, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core';
import { chats } from './chats.ts';

export const DELIVERY_STATES = ['pending', 'sending', 'sent', 'repeated', 'skipped', 'undeliverable', 'lost'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/**
 * One report of one period into one team chat: what makes it come once, whoever starts it and however often.
 *
 *   pending -> sending -> sent | repeated (it was sent again, with a label)
 *                 \-> pending (Telegram refused for now, or never answered: then `may_have_arrived`)
 *                 \-> undeliverable (the bot may not write there), lost (a repeat without an answer, too)
 *   skipped: nothing had happened, and the chat wants no such report
 *
 * The key follows a group that becomes a supergroup (ON UPDATE CASCADE).
 */
export const reportDeliveries = pgTable(
  'report_deliveries',
  {
    report: text().notNull(),
    chatId: bigint('chat_id', { mode: 'number' })
      .notNull()
      .references(() => chats.id, { onUpdate: 'cascade', onDelete: 'cascade' }),
    /** First local day of the period that the report is about. */
    periodStart: date('period_start').notNull(),
    state: text({ enum: DELIVERY_STATES }).notNull().default('pending'),
    /** When the clock wanted it sent; the label of a late one names it. */
    slot: timestamp({ withTimezone: true }).notNull(),
    attempts: smallint().notNull().default(0),
    /** A send was begun whose end nobody knows: the next one is labelled as a repeat, and there is no third. */
    mayHaveArrived: boolean('may_have_arrived').notNull().default(false),
    sendingSince: timestamp('sending_since', { withTimezone: true }),
    sentAt: timestamp('sent_at', { withTimezone: true }),
    messageId: bigint('message_id', { mode: 'number' }),
    failure: text(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.report, table.chatId, table.periodStart] }),
    check(
      'report_deliveries_state_check',
      sql`${table.state} in ('pending', 'sending', 'sent', 'repeated', 'skipped', 'undeliverable', 'lost')`,
    ),
  ],
);
