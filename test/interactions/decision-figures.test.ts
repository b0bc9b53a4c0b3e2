import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { decisions } from '../../src/db/schema/index.ts';
import { createDecisionFiguresRepository } from '../../src/interactions/decision-figures-repository.ts';
import { addCards, addChat, addMedia, addPerson, TEAM_CHAT } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { NOON } from '../support/team.ts';

const database = await testDatabase();
const { db } = database;
const figures = createDecisionFiguresRepository(database.database);
const bob = await addPerson(db, 'Bob');
const OTHER_CHAT = -1009;
await addChat(db);
await addChat(db, OTHER_CHAT);
afterAll(database.close);
beforeEach(() => db.execute(sql`truncate media_items, queue_items, decisions, media_locks, user_interactions cascade`));

const HOUR = 3_600_000;
const window = { since: new Date(NOON.getTime() - HOUR), until: NOON };

async function decided(values: Partial<typeof decisions.$inferInsert>, chatId = TEAM_CHAT): Promise<void> {
  const [mediaItemId = ''] = await addMedia(db, 1);
  const [queueItemId = ''] = await addCards(db, [mediaItemId], chatId);
  const decidedAt = new Date(NOON.getTime() - 1000);
  await db
    .insert(decisions)
    .values({ queueItemId, mediaItemId, chatId, userId: bob, decision: 'rejected', decidedAt, ...values });
}

test('reasons are counted, the most frequent first; spelling apart they are one', async () => {
  for (const reason of ['too dark', 'Too dark', 'too  dark ', 'too dark', 'blurred']) await decided({ reason });
  expect(await figures.getRejectReasons(window)).toEqual([
    { reason: 'too dark', count: 4 },
    { reason: 'blurred', count: 1 },
  ]);
});

test('only rejections with a reason count: in the window, in these chats, not undone', async () => {
  await decided({ reason: 'first moment', decidedAt: window.since });
  await decided({ reason: 'too early', decidedAt: new Date(window.since.getTime() - 1) });
  await decided({ reason: 'too late', decidedAt: window.until });
  await decided({ reason: 'undone', undoneAt: NOON });
  await decided({ reason: 'a skip', decision: 'skipped' });
  await decided({ reason: null });
  await decided({ reason: '   ' });
  await decided({ reason: 'elsewhere' }, OTHER_CHAT);
  expect(await figures.getRejectReasons(window, [TEAM_CHAT])).toEqual([{ reason: 'first moment', count: 1 }]);
  expect(await figures.getRejectReasons(window)).toHaveLength(2);
  expect(await figures.getRejectReasons(window, [])).toEqual([]);
});

test('what was approved all at once is counted: in the window, in these chats, not undone', async () => {
  expect(await figures.getDecidedAtOnce(window)).toBe(0);
  await decided({ decision: 'posted', source: 'approve_all' });
  await decided({ decision: 'posted', source: 'approve_all', undoneAt: NOON });
  await decided({ decision: 'posted', source: 'approve_all', decidedAt: window.until });
  await decided({ decision: 'posted' });
  await decided({ decision: 'posted', source: 'approve_all' }, OTHER_CHAT);
  expect(await figures.getDecidedAtOnce(window, [TEAM_CHAT])).toBe(1);
  expect(await figures.getDecidedAtOnce(window)).toBe(2);
});

test('the median handling time is of claimed cards only', async () => {
  expect(await figures.getHandlingTime(window)).toEqual({ count: 0, median_seconds: null });
  for (const handlingMs of [10_000, 20_000, 90_000, null]) await decided({ decision: 'posted', handlingMs });
  await decided({ decision: 'posted', handlingMs: 1, undoneAt: NOON });
  await decided({ decision: 'posted', handlingMs: 1_000 }, OTHER_CHAT);
  expect(await figures.getHandlingTime(window, [TEAM_CHAT])).toEqual({ count: 3, median_seconds: 20 });
  expect(await figures.getHandlingTime(window)).toEqual({ count: 4, median_seconds: 15 });
});
