import { afterAll, beforeAll, expect, test } from 'vitest';
import { mediaItems, mediaLocks, queueItems } from '../../src/db/schema/index.ts';
import { cells } from '../../src/lib/printable.ts';
import { listMedia } from '../../src/media/media-list-command.ts';
import { addChat } from '../support/cards.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const DAY = 86_400_000;
const at = (days: number) => new Date(Date.now() + days * DAY);
const date = (days: number) => at(days).toISOString().slice(5, 10);

let database: TestDatabase;
let ids: string[];
beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  const chatId = await addChat(db);
  const known = { telegramFileId: 'f', category: 'memes' };
  const rows = await db
    .insert(mediaItems)
    .values([
      { ...known, fileName: 'free.jpg', fileSize: 72, timesPosted: 3, lastPostedAt: new Date('2026-03-01T10:00:00Z') },
      { ...known, fileName: 'gone.jpg', path: '/pictures/gone.jpg', fileSize: 3_400_000 },
      { ...known, fileName: 'planned.gif', kind: 'animation', fileSize: 2048 },
      { ...known, fileName: 'waiting.mp4', kind: 'video' },
      { ...known, fileName: 'locked.jpg', category: null },
      { ...known, fileName: 'rejected.pdf', kind: 'document' },
      { ...known, fileName: 'off.jpg', isActive: false },
      { ...known, fileName: 'ein sehr langer Name 日本語.jpg', category: 'Ein langer Name' },
    ])
    .returning({ id: mediaItems.id });
  ids = rows.map(({ id }) => id);
  const id = (index: number) => ids[index] ?? '';
  await db.insert(queueItems).values([
    { chatId, mediaItemId: id(2), scheduledFor: at(3) },
    { chatId, mediaItemId: id(2), scheduledFor: at(2) },
    { chatId, mediaItemId: id(3), status: 'delivered', messageId: 1 },
    { chatId, mediaItemId: id(0), status: 'posted', messageId: 2 },
  ]);
  await db.insert(mediaLocks).values([
    { mediaItemId: id(0), reason: 'skip', lockedUntil: at(-1) },
    { mediaItemId: id(4), reason: 'skip', lockedUntil: at(10) },
    { mediaItemId: id(4), reason: 'recent_post', lockedUntil: at(20) },
    { mediaItemId: id(5), reason: 'permanent_reject' },
  ]);
});
afterAll(() => database.close());

async function list(options: Parameters<typeof listMedia>[1] = {}, columns?: number): Promise<string[]> {
  const lines: string[] = [];
  await listMedia({ database: database.database, print: (line) => lines.push(line), columns }, options);
  return lines;
}

test('on a terminal of 80 every line fits, and says what holds each item', async () => {
  const lines = await list({}, 80);
  const end = (index: number) => ids[index]?.slice(-8);
  expect(lines).toEqual([
    'id       kind  category   name                 size   × last       state',
    `${end(0)} photo memes      free.jpg             72 B   3 2026-03-01 active`,
    `${end(1)} photo memes      gone.jpg           3.2 MB   0            missing`,
    `${end(2)} anim  memes      planned.gif          2 KB   0            planned ${date(2)}`,
    `${end(3)} video memes      waiting.mp4             ?   0            waiting`,
    `${end(4)} photo            locked.jpg              ?   0            locked ${date(20)}`,
    `${end(5)} doc   memes      rejected.pdf            ?   0            rejected`,
    `${end(6)} photo memes      off.jpg                 ?   0            off`,
    `${end(7)} photo Ein lange… ein sehr langer …       ?   0            active`,
  ]);
  expect(Math.max(...lines.map(cells))).toBeLessThanOrEqual(80);
});

test('with more room the whole id stands there, and the name gets the rest', async () => {
  for (const columns of [110, 140, undefined]) {
    const lines = await list({}, columns);
    expect(lines[1]).toContain(ids[0]);
    expect(Math.max(...lines.map(cells))).toBeLessThanOrEqual(columns ?? 140);
  }
  expect((await list({}, 140)).at(-1)).toContain('ein sehr langer Name 日本語.jpg');
});

test('for programs there is one object a line', async () => {
  const [first, second, third] = (await list({ json: true })).map((line) => JSON.parse(line));
  expect(first).toEqual({
    id: ids[0],
    kind: 'photo',
    category: 'memes',
    name: 'free.jpg',
    path: null,
    fileSize: 72,
    timesPosted: 3,
    lastPostedAt: '2026-03-01T10:00:00.000Z',
    state: 'active',
    plannedFor: null,
    lockedUntil: null,
  });
  expect(second).toMatchObject({ state: 'missing', path: '/pictures/gone.jpg' });
  expect(third).toMatchObject({ state: 'planned', plannedFor: expect.stringContaining(date(2)) });
});

test('a category and a limit narrow it; nothing found is nothing said', async () => {
  expect(await list({ category: 'memes', limit: '2', json: true })).toHaveLength(2);
  expect(await list({ category: 'Ein langer Name', json: true })).toHaveLength(1);
  expect(await list({ category: 'none' }, 80)).toEqual([]);
  for (const limit of ['0', '-1', 'x', '1.5', '']) {
    await expect(list({ limit })).rejects.toThrow(`--limit takes a number from 1 on, not “${limit}”.`);
  }
});

test('a library of several pages is listed whole, each item once, up to the limit', async () => {
  const own = await testDatabase();
  const items = Array.from({ length: 1203 }, (_, index) => ({ fileName: `${index}.jpg` }));
  await own.db.insert(mediaItems).values(items);
  const names = async (options: Parameters<typeof listMedia>[1]) => {
    const lines: string[] = [];
    const print = (line: string) => lines.push(JSON.parse(line).name);
    await listMedia({ database: own.database, print, columns: undefined }, { ...options, json: true });
    return lines;
  };
  const all = await names({});
  expect(new Set(all).size).toBe(1203);
  expect(all).toHaveLength(1203);
  expect(await names({ limit: '501' })).toEqual(all.slice(0, 501));
  await own.close();
});
