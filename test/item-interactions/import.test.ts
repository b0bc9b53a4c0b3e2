import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { decisions, itemInteractions, upvotes } from '../../src/db/schema/index.ts';
import { createImportService, type ImportRequest } from '../../src/item-interactions/import-service.ts';
import { SOURCE_NAMES } from '../../src/item-interactions/import-sources.ts';
import { createItemInteractionRepository } from '../../src/item-interactions/item-interaction-repository.ts';
import { exportForPersonalize } from '../../src/item-interactions/personalize-export.ts';
import { parseDateRange } from '../../src/lib/date-range.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { addCards, addChat, addMedia, addPerson, servicesOver, TEAM_CHAT, tapOn } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { fastFolder } from '../support/fast-folder.ts';
import { NOON } from '../support/team.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const running = new AbortController().signal;
const EVERYTHING: ImportRequest = { sources: SOURCE_NAMES, range: { since: null, until: null }, batchSize: 1000 };

let alice = '';
let bob = '';
beforeEach(async () => {
  await db.execute(sql`truncate users, chats, media_items, upvotes, item_interactions cascade`);
  alice = await addPerson(db, 'Alice');
  bob = await addPerson(db, 'Bob');
});

const serviceOver = (over = database.database) =>
  createImportService({ itemInteractions: createItemInteractionRepository(over) });

function runImport(request: Partial<ImportRequest> = {}) {
  return serviceOver().import({ ...EVERYTHING, ...request }, { signal: running });
}

/** `who`: Alice when it is not said. */
function upvote(itemId: string | null, createdAt: string | Date = NOON, who: string | null = alice) {
  return { userId: who, itemId, createdAt: new Date(createdAt) };
}

async function stored(): Promise<string[]> {
  const rows = await db.select().from(itemInteractions).orderBy(itemInteractions.occurredAt, itemInteractions.itemId);
  return rows.map(({ eventType, itemId, occurredAt }) => `${eventType} ${itemId} ${occurredAt.toISOString()}`);
}

test('importing again creates nothing and changes nothing', async () => {
  await db.insert(upvotes).values([upvote('a'), upvote('b'), upvote('a', NOON, bob)]);
  expect(await runImport()).toMatchObject({ processed: 3, created: 3, present: 0, skipped: 0 });
  const before = await db.select().from(itemInteractions);
  expect(await runImport()).toMatchObject({ processed: 3, created: 0, present: 3, skipped: 0 });
  expect(await db.select().from(itemInteractions)).toEqual(before);
});

test('a decision that is a tap is imported once per person, medium, kind and UTC day; a rejection once for ever', async () => {
  await addChat(db);
  const [medium = ''] = await addMedia(db, 1);
  const cards = await addCards(
    db,
    Array.from({ length: 6 }, () => medium),
  );
  const times = [
    ['posted', '2026-11-20T00:00:00Z'],
    ['posted', '2026-11-20T23:59:59.999Z'],
    ['posted', '2026-11-21T00:00:00Z'],
    ['skipped', '2026-11-20T12:00:00Z'],
    ['rejected', '2026-11-20T13:00:00Z'],
    ['rejected', '2026-11-25T13:00:00Z'],
  ] as const;
  const made = times.map(([decision, at], index) => ({
    queueItemId: cards[index] ?? '',
    chatId: TEAM_CHAT,
    mediaItemId: medium,
    userId: bob,
    decision,
    decidedAt: new Date(at),
  }));
  await db.insert(decisions).values(made);
  expect(await runImport()).toMatchObject({ processed: 6, created: 4, present: 2 });
  expect(await stored()).toEqual([
    `POSTED ${medium} 2026-11-20T00:00:00.000Z`,
    `SKIP ${medium} 2026-11-20T12:00:00.000Z`,
    `REJECT ${medium} 2026-11-20T13:00:00.000Z`,
    `POSTED ${medium} 2026-11-21T00:00:00.000Z`,
  ]);
});

test('both rules of uniqueness hold for people with an external id, for nobody, and for nothing', async () => {
  const people = [{ userId: alice }, { externalUserId: 'x' }, {}, { userId: alice, externalUserId: 'x' }];
  const add = (row: typeof itemInteractions.$inferInsert) =>
    db.insert(itemInteractions).values(row).onConflictDoNothing().returning({ id: itemInteractions.id });
  const counts: number[] = [];
  for (const person of people) {
    for (const itemId of ['a', null]) {
      for (const [eventType, occurredAt] of [
        ['UPVOTE', new Date('2026-11-20T01:00:00Z')],
        ['UPVOTE', new Date('2027-11-20T01:00:00Z')],
        ['CLICK', new Date('2026-11-20T00:00:00Z')],
        ['CLICK', new Date('2026-11-20T23:59:59Z')],
        ['CLICK', new Date('2026-11-21T00:00:00Z')],
      ] as const) {
        counts.push((await add({ ...person, itemId, eventType, occurredAt })).length);
      }
    }
  }
  const once = [1, 0, 1, 0, 1];
  const none = [0, 0, 0, 0, 0];
  // With a user the external id means nothing, so the last person is the first one again.
  expect(counts).toEqual([...once, ...once, ...once, ...once, ...once, ...once, ...none, ...none]);
  await expect(add({ userId: alice, itemId: 'a', eventType: 'click' })).rejects.toThrow();
});

test('days are UTC days, and the last one is inside', async () => {
  await db
    .insert(upvotes)
    .values([
      upvote('before', '2026-10-31T23:59:59.999Z'),
      upvote('first', '2026-11-01T00:00:00Z'),
      upvote('last', '2026-11-30T23:59:59.999Z'),
      upvote('after', '2026-12-01T00:00:00Z'),
    ]);
  const range = parseDateRange('2026-11-01', '2026-11-30');
  expect(await serviceOver().count({ ...EVERYTHING, range })).toBe(2);
  expect(await runImport({ range })).toMatchObject({ processed: 2, created: 2 });
  expect(await stored()).toEqual(['UPVOTE first 2026-11-01T00:00:00.000Z', 'UPVOTE last 2026-11-30T23:59:59.999Z']);
  expect(await runImport({ range: parseDateRange('2026-12-01', undefined) })).toMatchObject({ created: 1 });
  expect(await runImport({ range: parseDateRange(undefined, '2026-11-30') })).toMatchObject({
    processed: 3,
    created: 1,
  });
});

test('every batch size imports the same, also where many rows have one time', async () => {
  const rows = Array.from({ length: 57 }, (_, index) => upvote(`item ${index}`, index < 40 ? NOON : '2026-11-21'));
  await db.insert(upvotes).values(rows);
  for (const batchSize of [1, 7, 19, 57, 1000]) {
    await db.execute(sql`truncate item_interactions`);
    expect(await runImport({ batchSize })).toMatchObject({ processed: 57, created: 57, isStopped: false });
  }
});

test('two imports at once create each row once, and together count what was created', async () => {
  await db.execute(sql`insert into upvotes (user_id, item_id, created_at)
    select ${alice}, 'item ' || n, now() - n * interval '1 minute' from generate_series(1, 3000) n`);
  const others = [database.open({ max: 1 }), database.open({ max: 1 }), database.open({ max: 1 })];
  const results = await Promise.all(
    others.map((one) => serviceOver(one).import({ ...EVERYTHING, batchSize: 100 }, { signal: running })),
  );
  expect(results.map(({ processed }) => processed)).toEqual([3000, 3000, 3000]);
  expect(results.reduce((sum, { created }) => sum + created, 0)).toBe(3000);
  expect(await db.$count(itemInteractions)).toBe(3000);
});

test('rows without person or item are counted and the first of them named, over all batches', async () => {
  const nobody = Array.from({ length: 7 }, (_, index) => upvote(`item ${index}`, NOON, null));
  const ids = await db
    .insert(upvotes)
    .values([...nobody, upvote(null), upvote('good')])
    .returning({ id: upvotes.id });
  const result = await runImport({ batchSize: 2 });
  expect(result).toMatchObject({ processed: 9, created: 1, present: 0, skipped: 8 });
  expect(result.sources[0]?.reasons).toEqual([
    { reason: 'no_person', rows: 7, ids: ids.slice(0, 5).map(({ id }) => id) },
    { reason: 'no_item', rows: 1, ids: [ids[7]?.id] },
  ]);
});

test('what was taken back since is taken out again, and comes anew when it is done anew', async () => {
  await addChat(db);
  const cards = await addCards(db, await addMedia(db, 1));
  const services = servicesOver(database.database);
  const tap = (action: 'posted' | 'undo', now = NOON) =>
    services.decisions.tap(action, tapOn(cards[0] ?? '', action, { userId: bob, now }), { isAdmin: false });
  await tap('posted');
  await db
    .insert(upvotes)
    .values([
      upvote('liked'),
      upvote('a'),
      { externalUserId: '0042', itemId: 'b', createdAt: NOON },
      { externalUserId: 'x', itemId: 'c', createdAt: NOON },
    ]);
  expect(await runImport()).toMatchObject({ created: 5, removed: 0 });

  await tap('undo', new Date(NOON.getTime() + 1000));
  await db.execute(sql`update upvotes set withdrawn_at = now() where item_id <> 'liked'`);
  // One of the people whom we knew by an external id only is a user now.
  await db.execute(sql`update users set external_id = 'x' where id = ${bob}`);
  expect(await runImport()).toMatchObject({ processed: 1, created: 0, present: 1, removed: 4 });
  expect(await stored()).toEqual([`UPVOTE liked ${NOON.toISOString()}`]);

  await tap('posted', new Date(NOON.getTime() + 2000));
  await db.execute(sql`update upvotes set withdrawn_at = null, created_at = '2026-11-21' where item_id = 'a'`);
  expect(await runImport()).toMatchObject({ created: 2, removed: 0 });
});

test('an export leaves out what was taken back since the last import', async () => {
  const folder = mkdtempSync(join(fastFolder(), 'storyline-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'export.csv');
  const request = {
    path,
    range: EVERYTHING.range,
    format: 'personalize',
    markSynced: false,
    withReadiness: false,
  } as const;
  await db.insert(upvotes).values([upvote('liked'), upvote('not any more')]);
  await runImport();
  await db.execute(sql`update upvotes set withdrawn_at = now() where item_id = 'not any more'`);
  await exportForPersonalize({ target: database.target, now: NOON }, request);
  const time = NOON.getTime() / 1000;
  expect(readFileSync(path, 'utf8')).toBe(`USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n${alice},liked,${time},UPVOTE\n`);
});

test('of two decisions of one day the other one remains when the first is undone', async () => {
  await addChat(db);
  const [medium = ''] = await addMedia(db, 1);
  const cards = await addCards(db, [medium, medium]);
  const made = cards.map((queueItemId, hour) => ({
    queueItemId,
    chatId: TEAM_CHAT,
    mediaItemId: medium,
    userId: bob,
    decision: 'posted' as const,
    decidedAt: new Date(Date.UTC(2026, 10, 20, hour)),
  }));
  await db.insert(decisions).values(made);
  expect(await runImport()).toMatchObject({ created: 1, present: 1 });
  await db.execute(sql`update decisions set undone_at = now() where queue_item_id = ${cards[0]}`);
  expect(await runImport()).toMatchObject({ created: 1, removed: 1 });
  expect(await stored()).toEqual([`POSTED ${medium} 2026-11-20T01:00:00.000Z`]);
});

test('rows that others wrote, also with our names, are left alone by what we take out', async () => {
  const [mine] = await db.insert(upvotes).values(upvote('a')).returning({ id: upvotes.id });
  const other = { userId: alice, itemId: 'a', eventType: 'CLICK', source: 'upvotes', sourceId: mine?.id ?? '' };
  const click = { ...other, occurredAt: NOON };
  await db.insert(itemInteractions).values([click, { ...click, eventType: 'UPVOTE', source: 'other', sourceId: null }]);
  await db.execute(sql`update upvotes set withdrawn_at = now()`);
  expect(await runImport()).toMatchObject({ processed: 0, removed: 0 });
  expect(await db.$count(itemInteractions)).toBe(2);
});

test('a person who is known elsewhere is looked up by the index on their id without leading zeros', async () => {
  const plan = await db.transaction(async (tx) => {
    await tx.execute(sql`set local enable_seqscan = off`);
    return tx.execute(sql`explain select id from users
      where regexp_replace(external_id, '^0+([0-9]+)$', '\\1') = '42' order by length(external_id) limit 1`);
  });
  expect(JSON.stringify(plan)).toContain('users_external_key_idx');
});

test('a stopped import ends after its batch, keeps what it has, and the next one brings the rest', async () => {
  await db.insert(upvotes).values(Array.from({ length: 30 }, (_, index) => upvote(`item ${index}`)));
  const stopping = new AbortController();
  const onBatch = ({ processed }: { processed: number }) => processed === 20 && stopping.abort();
  const stopped = await serviceOver().import({ ...EVERYTHING, batchSize: 10 }, { signal: stopping.signal, onBatch });
  expect(stopped).toMatchObject({ processed: 20, created: 20, isStopped: true });
  expect(stopped.sources.map(({ source }) => source)).toEqual(['upvotes']);
  expect(await db.$count(itemInteractions)).toBe(20);
  expect(await runImport()).toMatchObject({ processed: 30, created: 10, present: 20, isStopped: false });
});

test('D04: a batch whose commit is acknowledged to nobody is in the table once when the import is run again', async () => {
  await db.insert(upvotes).values(Array.from({ length: 30 }, (_, index) => upvote(`item ${index}`)));
  const proxy = await openDatabaseProxy(database.target);
  const cut = openDatabase(
    { url: proxy.url() },
    { logger: silentLogger(), applicationName: 'cut', lockTimeoutMs: 300, statementTimeoutMs: 10_000 },
  );
  onTestFinished(() => cut.close());
  const swallowed = proxy.swallowAnswerTo('insert into item_interactions');
  const request = { ...EVERYTHING, batchSize: 10 };
  await expect(serviceOver(cut).import(request, { signal: running })).rejects.toThrow();
  await swallowed;
  expect(await db.$count(itemInteractions)).toBe(10);
  expect(await serviceOver(cut).import(request, { signal: running })).toMatchObject({
    processed: 30,
    created: 20,
    present: 10,
  });
  expect(await db.$count(itemInteractions)).toBe(30);
});
