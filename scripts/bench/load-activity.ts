/*
 * Fills a throw-away database with what a busy team leaves behind in some weeks: interactions of every type and outcome,
 * and decisions. Used by measure-figures.ts. It takes the foreign keys off the two tables (they would cost a look-up
 * per row, and the figures do not need queue items to exist); the indexes stay as the migrations made them.
 */
import type { Connection } from '../../src/db/connect.ts';
import { CHAT_ID } from './deliver-cards.ts';

export type Span = { since: Date; until: Date };

const USERS = 8;
const CHUNK = 1_000_000;

/** Eight people; the first does a third of the work, the last hardly any. Returns their ids, the busiest first. */
export async function createPeople(sql: Connection): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into users (telegram_user_id, first_name, role, date_joined)
    select 200 + n, 'Person ' || n, 'member', now() from generate_series(1, ${USERS}::int) n returning id`;
  await sql.unsafe(`do $$ declare key record; begin
    for key in select conrelid::regclass as relation, conname from pg_constraint
               where contype = 'f' and conrelid in ('user_interactions'::regclass, 'decisions'::regclass)
    loop execute format('alter table %s drop constraint %I', key.relation, key.conname); end loop; end $$`);
  return rows.map(({ id }) => id);
}

/** Adds `count` interactions and `count` decisions, in the order in which they happened. The same call adds the same ones. */
export async function loadActivity(
  sql: Connection,
  { since, until }: Span,
  count: number,
  people: readonly string[],
): Promise<void> {
  await sql`select setseed(0.5)`;
  for (let first = 0; first < count; first += CHUNK) {
    const last = Math.min(first + CHUNK, count) - 1;
    const values = [
      first,
      last,
      since.toISOString(),
      (until.getTime() - since.getTime()) / 1000 / count,
      [...people],
      CHAT_ID,
    ];
    await sql.unsafe(INTERACTIONS, values);
    await sql.unsafe(DECISIONS, values);
  }
}

/**
 * Row number -> moment: evenly over the span, but between 07:00 and 24:00 UTC only. Person: the square of a random number
 * prefers the first ones.
 */
const MOMENTS = `
  select n, $3::timestamptz + make_interval(secs => n * $4::float8) as evenly, random() as a, random() as b, random() as c
  from generate_series($1::int, $2::int) n`;
const HAPPENED_AT = `date_trunc('day', evenly) + interval '7 hours' + (evenly - date_trunc('day', evenly)) * (17.0 / 24)`;
const PERSON = `($5::uuid[])[1 + floor(${USERS} * c * c)::int]`;
const CHAT = `case when n % 10 = 0 then $6::bigint - 1 else $6::bigint end`;

const INTERACTIONS = `
  insert into user_interactions
    (user_id, interaction_type, interaction_name, context, telegram_chat_id, telegram_message_id, created_at, delivery_key)
  select case when type <> 'bot_response' then ${PERSON} end, type, name,
         case type
           when 'callback' then jsonb_build_object('queue_item_id', uuidv7(), 'media_id', uuidv7(),
             'media_filename', 'holiday-' || n || '.jpg', 'outcome', outcome, 'response_time_ms', (30 * c)::int)
             || case when undone then jsonb_build_object('undone_at', evenly) else '{}' end
           when 'bot_response' then jsonb_build_object('method', 'sendPhoto', 'characters', 80, 'buttons', array['Posted', 'Skip', 'Reject'],
             'queue_item_id', uuidv7())
           else jsonb_build_object('outcome', outcome, 'response_time_ms', (90 * c)::int, 'total_queue', n % 50) end,
         ${CHAT}, n, ${HAPPENED_AT},
         case when type <> 'bot_response' then '7000000001:cb:' || lpad((extract(epoch from evenly) * 1000000)::bigint::text, 18, '0') || n end
  from (
    select *,
           case type
             when 'bot_response' then (array['media_notification', 'caption_update', 'text_reply'])[1 + floor(b * 3)::int]
             when 'command' then (array['/queue', '/stats', '/next', '/status', '/help', '/team', '/start'])[1 + floor(7 * b * b)::int]
             when 'message' then (array['upload', 'text', 'other'])[1 + floor(3 * b * b)::int]
             else case when b < 0.45 then 'posted' when b < 0.70 then 'skip' when b < 0.84 then 'reject'
                       when b < 0.94 then 'confirm_reject' when b < 0.97 then 'cancel_reject' else 'undo' end end as name,
           case when c < 0.90 then 'done' when c < 0.96 then 'noop' when c < 0.99 then 'denied' else 'failed' end as outcome,
           n % 50 = 7 as undone
    from (
      select *, case when a < 0.30 then 'bot_response' when a < 0.45 then 'command' when a < 0.50 then 'message' else 'callback' end as type
      from (${MOMENTS}) as moment
    ) as typed
  ) as named
  order by n`;

const DECISIONS = `
  insert into decisions (queue_item_id, chat_id, media_item_id, user_id, decision, decided_at, waited_ms, undone_at)
  select uuidv7(), ${CHAT}, uuidv7(), ${PERSON},
         case when a < 0.6 then 'posted' when a < 0.9 then 'skipped' else 'rejected' end, ${HAPPENED_AT},
         case when n % 100 <> 3 then (-ln(1 - b) * 5400000)::bigint end,
         case when n % 40 = 7 then evenly + interval '30 seconds' end
  from (${MOMENTS}) as moment
  order by n`;
