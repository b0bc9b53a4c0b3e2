/*
 * Fills a throw-away database with what a busy team leaves behind in some weeks or years: interactions of every type and
 * outcome, cards that came to an end, and their decisions. Used by measure-figures.ts, measure-latency.ts and
 * measure-process.ts.
 */
import type { Connection } from '../../src/db/connect.ts';
import { loadInBulk } from './bulk-load.ts';
import { CHAT_ID } from './deliver-cards.ts';

export type Span = { since: Date; until: Date };

const USERS = 8;
const CHUNK = 1_000_000;
const MEDIA = 1_000;

/** Eight people; the first does a third of the work, the last hardly any. Returns their ids, the busiest first. */
export async function createPeople(sql: Connection): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into users (telegram_user_id, first_name, role, date_joined)
    select 200 + n, 'Person ' || n, 'member', now() from generate_series(1, ${USERS}::int) n returning id`;
  return rows.map(({ id }) => id);
}

/**
 * Adds `count` interactions and `count` cards with their decisions for each span, in the order in which they happened. The
 * same call adds the same ones. Of a hundred cards two have no decision: one failed, one was discarded.
 */
export async function loadActivity(
  sql: Connection,
  spans: readonly (Span & { count: number })[],
  people: readonly string[],
): Promise<void> {
  await sql`
    insert into chats (id, title, time_zone) values (${CHAT_ID}, 'Team', 'Europe/Berlin'), (${CHAT_ID - 1}, 'Other', 'UTC')
    on conflict do nothing`;
  const media = await sql<{ id: string }[]>`
    insert into media_items (file_name, telegram_file_id, sha256)
    select 'old-' || n || '.jpg', 'old-' || n, md5('old' || n) from generate_series(1, ${MEDIA}::int) n returning id`;
  const medium = media.map(({ id }) => id);
  await loadInBulk(sql, ['user_interactions', 'queue_items', 'decisions'], async () => {
    await sql`select setseed(0.5)`;
    let done = 0;
    for (const { since, until, count } of spans) {
      const step = (until.getTime() - since.getTime()) / 1000 / count;
      for (let first = 0; first < count; first += CHUNK) {
        const last = Math.min(first + CHUNK, count) - 1;
        const values = [first, last, since.toISOString(), step, [...people], CHAT_ID];
        await sql.unsafe(INTERACTIONS, values);
        await sql.unsafe(QUEUE_ITEMS, [first, last, since.toISOString(), step, medium, CHAT_ID, done]);
        await sql.unsafe(DECISIONS, [...values, medium, done]);
      }
      done += count;
    }
  });
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

/** The card of row `n`, the same for both tables that speak of it; `done` is how many there were in earlier spans. */
const cardOf = (done: string) =>
  `(lpad(to_hex((extract(epoch from evenly) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0')
    || '8' || lpad(to_hex(n + ${done}::bigint), 15, '0'))::uuid`;
const mediumOf = (media: string) => `(${media}::uuid[])[1 + n % ${MEDIA}]`;

const QUEUE_ITEMS = `
  insert into queue_items (id, chat_id, media_item_id, status, scheduled_for, sending_since, sent_at, waiting_since,
                           message_id, version, rendered_version, failure)
  select ${cardOf('$7')}, ${CHAT}, ${mediumOf('$5')},
         case when n % 100 = 1 then 'failed' when n % 100 = 2 then 'cancelled' when n % 10 < 6 then 'posted'
              when n % 10 < 9 then 'skipped' else 'rejected' end,
         ${HAPPENED_AT}, ${HAPPENED_AT}, case when n % 100 <> 1 then ${HAPPENED_AT} end,
         case when n % 100 <> 1 then ${HAPPENED_AT} end, case when n % 100 <> 1 then n end, 2, 2,
         case when n % 100 = 1 then 'sendPhoto: 400' end
  from (${MOMENTS}) as moment
  order by n`;

const DECISIONS = `
  insert into decisions (queue_item_id, chat_id, media_item_id, user_id, decision, decided_at, waited_ms, undone_at)
  select ${cardOf('$8')}, ${CHAT}, ${mediumOf('$7')}, ${PERSON},
         case when n % 10 < 6 then 'posted' when n % 10 < 9 then 'skipped' else 'rejected' end, ${HAPPENED_AT},
         case when n % 100 <> 3 then (-ln(1 - b) * 5400000)::bigint end,
         case when n % 40 = 7 then evenly + interval '30 seconds' end
  from (${MOMENTS}) as moment
  where n % 100 not in (1, 2)
  order by n`;
