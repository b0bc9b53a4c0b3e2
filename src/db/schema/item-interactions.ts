import { sql } from 'drizzle-orm';
import { check, date, doublePrecision, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { users } from './users.ts';

/**
 * Event types that say how a person stands to an item: there is one of each per person and item, ever. All others
 * happen again and again, and one of each per person, item and UTC day is kept (source-behaviours 2.4). The database
 * holds to it whoever writes, so a change of this list is a migration.
 */
export const ONE_TIME_EVENT_TYPES = [
  'BOOKMARK',
  'DOWNVOTE',
  'FLAG',
  'HIDE',
  'NEGATIVE_REACTION',
  'NOT_INTERESTED',
  'REACTION',
  'REJECT',
  'UPVOTE',
] as const;

const oneTimeTypes = sql.raw(ONE_TIME_EVENT_TYPES.map((type) => `'${type}'`).join(', '));

/**
 * What people did to items: what Personalize and the built-in recommender learn from (seed 000 calls it
 * UserInteractions). Filled by the import from our own tables, by Amplitude's events and by other programs.
 *
 * Uniqueness stands in the migration (drizzle-kit knows no NULLS NOT DISTINCT on expressions):
 *
 *   item_interactions_person_item_type_key
 *     (user_id, external_user_id where user_id is null, item_id, event_type, unique_on) nulls not distinct
 *
 * so that both rules hold for people whom we know by an external id only and for anonymous ones, and a person has one
 * identity: with `user_id` the external id means nothing.
 *
 * Three indexes and no more, since each is paid for by every row of an import: the key, that one (which also finds the
 * rows of a person), and the order of exports. None has `synced_at`: marking rows would have to touch it too.
 */
export const itemInteractions = pgTable(
  'item_interactions',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    userId: uuid('user_id').references(() => users.id),
    /** The id of another system, for people who are not in `users`; numeric ones without leading zeros. */
    externalUserId: text('external_user_id'),
    /** `media_items.id`, or the id of something that is not in the library. */
    itemId: text('item_id'),
    eventType: text('event_type').notNull(),
    /** What the event weighed when it was stored. */
    eventValue: doublePrecision('event_value'),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull().defaultNow(),
    /** Which table or system the row came from (`upvotes`, `decisions`, `reactions`, …), and its row there. */
    source: text().notNull().default('other'),
    sourceId: uuid('source_id'),
    /** The items that were shown together. */
    impression: text().array(),
    recommendationId: text('recommendation_id'),
    /** When Personalize got it; null: not yet. */
    syncedAt: timestamp('synced_at', { withTimezone: true }),
    /** The UTC day of a repeatable event; null for a one-time event, which is unique for ever. */
    uniqueOn: date('unique_on').generatedAlwaysAs(
      sql`case when event_type in (${oneTimeTypes}) then null else (occurred_at at time zone 'UTC')::date end`,
    ),
  },
  (table) => [
    check('item_interactions_event_type_check', sql`${table.eventType} = upper(${table.eventType})`),
    index('item_interactions_occurred_at_idx').on(table.occurredAt, table.id),
  ],
);
