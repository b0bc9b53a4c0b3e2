import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takenTimes } from '../../src/queue/plan-repository.ts';
import type { Services } from '../../src/services.ts';
import { addChat, addMedia, servicesOver, TEAM_CHAT } from '../support/cards.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { NOON } from '../support/team.ts';

const ENDED_CARDS = 20_000;

let base: TestDatabase;
beforeAll(async () => {
  base = await testDatabase();
  await addChat(base.db);
  const [medium] = await addMedia(base.db, 1);
  await base.db.execute(sql`
    insert into queue_items (chat_id, media_item_id, status, scheduled_for, sending_since, sent_at, waiting_since, message_id)
    select ${TEAM_CHAT}, ${medium}, case when n % 100 = 1 then 'failed' when n % 100 = 2 then 'cancelled' else 'posted' end,
           at, at + interval '1 second', at, at, n
    from (select n, ${NOON.toISOString()}::timestamptz - make_interval(hours => n) as at
          from generate_series(1, ${ENDED_CARDS}) n) as ended`);
  await base.db.execute(sql`vacuum analyze queue_items`);
});
afterAll(() => base.close());

/** How often queue_items was read from one end to the other so far. */
async function fullReads(): Promise<number> {
  const [row] = await base.db.execute(sql`
    select coalesce(seq_scan, 0)::int as reads from pg_stat_user_tables where relname = 'queue_items'`);
  return Number(row?.reads);
}

test.each<[string, (database: ReturnType<TestDatabase['open']>, services: Services) => Promise<unknown>]>([
  ['the sweep over cards', (_, { renderer }) => renderer.sweep()],
  ['/history', (_, { history }) => history.last(TEAM_CHAT, 20, NOON)],
  ['what there is to catch up with', (_, { queue }) => queue.backlog(TEAM_CHAT, NOON)],
  ['/pause', (_, { pauses }) => pauses.pause(TEAM_CHAT, { by: null, now: NOON })],
  ['planning', ({ db }) => db.transaction((tx) => takenTimes(tx, TEAM_CHAT, NOON))],
])('%s does not read all cards that there ever were', async (_, work) => {
  const database = base.open({ max: 1 });
  const before = await fullReads();
  await work(database, servicesOver(database));
  await database.db.execute(sql`select pg_stat_force_next_flush()`);
  await database.close();
  expect(await fullReads()).toBe(before);
});
