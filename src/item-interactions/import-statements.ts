import { type SQL, sql } from 'drizzle-orm';
import { isForgotten } from '../db/forgotten.ts';
import { DECISIONS } from '../db/schema/index.ts';
import { EVENT_TYPES, weightOf } from './event-types.ts';
import { DECISION_EVENTS, MAX_ID_BYTES, NEGATIVE_REACTIONS } from './item-interaction-mappers.ts';

/**
 * One source of item interactions in SQL: expressions over its row `s`, which has an `id`. The bulk face of a mapper
 * (item-interaction-mappers.ts); a property test holds the two equal.
 */
export type SourceStatement = {
  /** `upvotes s` */
  from: SQL;
  /** Rows that are item interactions, and those that are none any more. Other rows (votes of another kind) are neither. */
  isMeant: SQL;
  isWithdrawn: SQL;
  /** In this order, and by `id`, the import goes through the table: it should have an index. */
  occurredAt: SQL;
  userId: SQL;
  /** The id of another system, as the source has it. */
  externalUserId: SQL;
  itemId: SQL;
  eventType: SQL;
};

const NOBODY = sql`null::text`;

export const UPVOTES: SourceStatement = {
  from: sql`upvotes s`,
  isMeant: sql`s.withdrawn_at is null`,
  isWithdrawn: sql`s.withdrawn_at is not null`,
  occurredAt: sql`s.created_at`,
  userId: sql`s.user_id`,
  externalUserId: sql`s.external_user_id`,
  itemId: sql`s.item_id`,
  eventType: sql`'UPVOTE'`,
};

/** Decisions of `approve_all` are not meant: see `mapFromDecision`. */
export const DECISIONS_OF_THE_TEAM: SourceStatement = {
  from: sql`decisions s`,
  isMeant: sql`s.undone_at is null and s.source <> 'approve_all'`,
  isWithdrawn: sql`s.undone_at is not null`,
  occurredAt: sql`s.decided_at`,
  userId: sql`s.user_id`,
  externalUserId: NOBODY,
  itemId: sql`s.media_item_id::text`,
  eventType: sql.raw(
    `case s.decision ${DECISIONS.map((word) => `when '${word}' then '${DECISION_EVENTS[word]}'`).join(' ')} end`,
  ),
};

export const REACTIONS: SourceStatement = {
  from: sql`reactions s`,
  isMeant: sql`s.withdrawn_at is null`,
  isWithdrawn: sql`s.withdrawn_at is not null`,
  occurredAt: sql`s.created_at`,
  userId: sql`s.user_id`,
  externalUserId: NOBODY,
  itemId: sql`s.item_id`,
  eventType: sql.raw(
    `case when s.reaction in (${NEGATIVE_REACTIONS.map((emoji) => `'${emoji}'`).join(', ')}) then 'NEGATIVE_REACTION' else 'REACTION' end`,
  ),
};

const WEIGHT = sql.raw(
  `case event_type ${EVENT_TYPES.map((type) => `when '${type}' then ${weightOf(type)}`).join(' ')} else ${weightOf('')} end`,
);

/** `externalKey` in SQL. The index users_external_key_idx has the same expression. */
export function externalKeyOf(column: SQL): SQL {
  return sql`regexp_replace(nullif(${column}, ''), '^0+([0-9]+)$', '\\1')`;
}

/** The user whose `external_id` this key is. The order decides between `7` and `007`, and is one that no index of `users` offers. */
export function linkedUserOf(key: SQL): SQL {
  return sql`(
    select u.id from users u
    where regexp_replace(u.external_id, '^0+([0-9]+)$', '\\1') = ${key} order by length(u.external_id) limit 1)`;
}

/**
 * The row is of somebody who was forgotten: made by a former member, or under an external id with a tombstone that is
 * nobody's by now (who comes back and is linked again counts again).
 */
const IS_OF_FORGOTTEN = sql`case
    when user_id is not null then user_id in (select id from users where forgotten_at is not null)
    when ${isForgotten('person', sql`external_key`)} then ${linkedUserOf(sql`external_key`)} is null end`;

function inRange({ occurredAt }: SourceStatement): SQL {
  const since = sql`coalesce(${sql.placeholder('since')}::text, '-infinity')::timestamptz`;
  const until = sql`coalesce(${sql.placeholder('until')}::text, 'infinity')::timestamptz`;
  return sql`${occurredAt} >= ${since} and ${occurredAt} < ${until}`;
}

/** Of the placeholders `since` and `until` (ISO, or null). One row: `rows`. */
export function countStatement(source: SourceStatement): SQL {
  return sql`select count(*) as rows from ${source.from} where ${source.isMeant} and ${inRange(source)}`;
}

/**
 * Takes the next `limit` rows of a source after (`afterAt`, `afterId`) into `item_interactions`, in one transaction of
 * one statement: what is there already, from another row or another import, is left as it is. One row comes back:
 * `processed`, `created`, `skipped` ({reason: {rows, ids}}, five ids each), `lastAt` and `lastId`.
 *
 * The commit does not wait for the disk: a thousand waits for a card of a Pi (10 to 30 ms each) would take longer than
 * the rows. After a power cut the last rows are missing, and the next import brings them; FLUSH ends the import.
 */
export function importStatement(name: string, source: SourceStatement): SQL {
  const { from, isMeant, occurredAt, userId, externalUserId, itemId, eventType } = source;
  return sql`
    with batch as materialized (
      select s.id as source_id, ${occurredAt} as occurred_at, ${userId} as user_id,
             ${externalKeyOf(externalUserId)} as external_key, nullif(${itemId}, '') as item_id, ${eventType} as event_type
      from ${from}
      where ${isMeant} and ${inRange(source)}
        and (${occurredAt}, s.id) > (${sql.placeholder('afterAt')}::text::timestamptz, ${sql.placeholder('afterId')}::uuid)
      order by ${occurredAt}, s.id limit ${sql.placeholder('limit')}::int
    ), person as materialized (
      select *, case when user_id is not null then user_id
                     when external_key is not null then ${linkedUserOf(sql`external_key`)} end as person_id,
             case when user_id is null and external_key is null then 'no_person'
                  when ${IS_OF_FORGOTTEN} then 'forgotten'
                  when item_id is null then 'no_item'
                  when octet_length(item_id) + case when user_id is null then octet_length(external_key) else 0 end
                       > ${sql.raw(String(MAX_ID_BYTES))} then 'too_long' end as skipped
      from batch
    ), created as (
      insert into item_interactions
        (user_id, external_user_id, item_id, event_type, event_value, occurred_at, source, source_id)
      select person_id, case when person_id is null then external_key end, item_id, event_type, ${WEIGHT},
             occurred_at, ${sql.raw(`'${name}'`)}, source_id
      from person where skipped is null
      on conflict do nothing
      returning 1
    )
    select (select count(*) from batch) as processed, (select count(*) from created) as created,
           (select coalesce(jsonb_object_agg(skipped, jsonb_build_object('rows', rows, 'ids', ids)), '{}') from (
              select skipped, count(*) as rows, (array_agg(source_id order by occurred_at, source_id))[1:5] as ids
              from person where skipped is not null group by skipped
            ) as reason) as skipped,
           last.occurred_at::text as "lastAt", last.source_id as "lastId",
           set_config('synchronous_commit', 'off', true) as commit
    from (values (1)) as one
    left join lateral (select * from batch order by occurred_at desc, source_id desc limit 1) as last on true`;
}

/** A commit that waits for the disk, and with it for all before: an empty message in the log, which nobody reads. */
export const FLUSH = sql`select pg_logical_emit_message(true, 'storyline', '')`;

/**
 * Takes out again what came from rows that were withdrawn since: an upvote taken back, a decision undone. They are few,
 * so each is looked up by the unique index, under the person's user and under the external id. One row: `removed`.
 */
export function removeWithdrawnStatement(name: string, source: SourceStatement): SQL {
  const { from, isWithdrawn, userId, externalUserId, itemId, eventType } = source;
  const isFromIt = sql`i.item_id = gone.item_id and i.event_type = gone.event_type
      and i.source = ${sql.raw(`'${name}'`)} and i.source_id = gone.source_id`;
  return sql`
    with withdrawn as materialized (
      select s.id as source_id, ${userId} as user_id, ${externalKeyOf(externalUserId)} as external_key,
             ${itemId} as item_id, ${eventType} as event_type
      from ${from} where ${isWithdrawn}
    ), gone as materialized (
      select *, case when user_id is not null then user_id
                     when external_key is not null then ${linkedUserOf(sql`external_key`)} end as person_id
      from withdrawn
    ), of_users as (
      delete from item_interactions i using gone where i.user_id = gone.person_id and ${isFromIt} returning 1
    ), of_others as (
      delete from item_interactions i using gone
      where i.user_id is null and case when i.user_id is null then i.external_user_id end = gone.external_key
        and gone.user_id is null and ${isFromIt}
      returning 1
    )
    select (select count(*) from of_users) + (select count(*) from of_others) as removed`;
}
