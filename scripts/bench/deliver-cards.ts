/* Fills a throw-away database with a team and cards that wait for a tap. Used by measure-decisions and measure-telegram. */
import type { Connection } from '../../src/db/connect.ts';

export const CHAT_ID = -1001234567890;
const MINUTES_WAITED = 7;

/** A chat and one member; returns the member's id. */
export async function createTeam(sql: Connection): Promise<string> {
  await sql`insert into chats (id, title, time_zone) values (${CHAT_ID}, 'Team', 'Europe/Berlin') on conflict do nothing`;
  const [user] = await sql<{ id: string }[]>`
    insert into users (telegram_user_id, username, first_name, role, date_joined)
    values (101, 'alice', 'Alice', 'admin', now())
    on conflict (telegram_user_id) do update set role = 'admin' returning id`;
  if (!user) throw new Error('no user');
  return user.id;
}

export type Card = { id: string; messageId: number };

/** Queue items that were sent some minutes ago, each with a medium of its own; their messages are `firstMessage` and up. */
export async function deliverCards(sql: Connection, count: number, firstMessage = 1): Promise<Card[]> {
  const rows = await sql<Card[]>`
    with media as (
      insert into media_items (file_name, telegram_file_id, title, caption, sha256)
      select 'holiday-' || n || '.jpg', 'file-' || n, 'Picture ' || n, 'What the caption says about picture ' || n,
             md5(gen_random_uuid()::text)
      from generate_series(${firstMessage}::int, ${firstMessage + count - 1}::int) n
      returning id
    )
    insert into queue_items (chat_id, media_item_id, status, sent_at, message_id, scheduled_for)
    select ${CHAT_ID}, id, 'delivered', now() - make_interval(mins => ${MINUTES_WAITED}),
           ${firstMessage - 1} + row_number() over (), now() - make_interval(mins => ${MINUTES_WAITED})
    from media returning id, message_id as "messageId"`;
  // Only what is full: of a table that was vacuumed while it was empty PostgreSQL believes that it stays so, and checks
  // foreign keys by reading it all; of one that was never analyzed it takes the wrong index. Autovacuum mends both after
  // a minute, which is longer than a measurement.
  await sql`vacuum analyze queue_items, media_items`;
  return [...rows].sort((a, b) => a.messageId - b.messageId);
}
