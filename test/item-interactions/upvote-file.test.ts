import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { upvotes } from '../../src/db/schema/index.ts';
import { loadUpvotes } from '../../src/item-interactions/load-upvotes.ts';
import { readUpvoteFile, type UpvoteLine } from '../../src/item-interactions/upvote-file.ts';
import { createUpvoteFileRepository } from '../../src/item-interactions/upvote-file-repository.ts';
import { addPerson } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { fastFolder } from '../support/fast-folder.ts';
import { NOON } from '../support/team.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);
beforeEach(async () => {
  await db.execute(sql`truncate users, upvotes cascade`);
});

const HEADER = 'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE';

/** A file with this content; gone after the test. */
function fileOf(content: string | Uint8Array): string {
  const folder = mkdtempSync(join(fastFolder(), 'storyline-upvotes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'upvotes.csv');
  writeFileSync(path, content);
  return path;
}

async function readPath(path: string): Promise<UpvoteLine[]> {
  const entries: UpvoteLine[] = [];
  for await (const entry of readUpvoteFile(path, { now: NOON })) entries.push(entry);
  return entries;
}

const read = async (content: string | Uint8Array) => readPath(fileOf(content));

/** The lines in short: number, and the upvote or why there is none. */
async function lines(...content: string[]): Promise<string[]> {
  return (await read([HEADER, ...content].join('\n'))).map((entry) =>
    'refused' in entry
      ? `${entry.line} ${entry.refused}`
      : `${entry.line} ${entry.upvote.person} ${entry.upvote.itemId} ${entry.upvote.createdAt.toISOString()}`,
  );
}

async function load(content: string, options: { batchSize?: number; signal?: AbortSignal } = {}) {
  const refused: string[] = [];
  const result = await loadUpvotes(fileOf(content), {
    upvotes: createUpvoteFileRepository(database.database),
    batchSize: 2,
    now: NOON,
    signal: new AbortController().signal,
    onRefused: (line, why) => void refused.push(`${line} ${why}`),
    onBatch: () => {},
    ...options,
  });
  return { ...result, named: refused };
}

test("Personalize's own file is read: epoch seconds, and only upvotes", async () => {
  expect(await lines('123,456,1635784800,UPVOTE', '124,457,1635784900,upvote', '124,458,1635784900,CLICK')).toEqual([
    '2 123 456 2021-11-01T16:40:00.000Z',
    '3 124 457 2021-11-01T16:41:40.000Z',
    '4 its EVENT_TYPE is CLICK, not UPVOTE',
  ]);
});

test('columns may stand in any order, have the names of the table, and others beside them; ISO times have a zone', async () => {
  const content = '\uFEFFcreated_at,Note,item_id,external_user_id\r\n2026-11-20T10:00:00+02:00,hello,a,x\r\n';
  expect(await read(content)).toMatchObject([
    { line: 2, upvote: { person: 'x', itemId: 'a', createdAt: new Date('2026-11-20T08:00:00Z') } },
  ]);
});

test('a bad line is named with its number and reason, and costs no other line', async () => {
  const bad = [
    ',a,1700000000,UPVOTE',
    'x,,1700000000,UPVOTE',
    'x,a,yesterday,UPVOTE',
    'x,a,2026-11-20T10:00:00,UPVOTE',
    'x,a,1700000000000,UPVOTE',
    'x,a,0,UPVOTE',
    'x,a,1795200000,UPVOTE',
    'x,a,1700000000',
    'x,a,1700000000,',
    'x,"a,1700000000,UPVOTE',
    'x,a"b,1700000000,UPVOTE',
    `x,${'a'.repeat(2000)},1700000000,UPVOTE`,
    'x,a\u0000b,1700000000,UPVOTE',
  ];
  expect(await lines(...bad.flatMap((line) => [line, '', 'good,item,1700000000,UPVOTE']))).toEqual(
    [
      'it names no person',
      'it names no item',
      'its time “yesterday” is neither epoch seconds nor ISO 8601 with a zone',
      'its time “2026-11-20T10:00:00” is neither epoch seconds nor ISO 8601 with a zone',
      'its time 1700000000000 is not in seconds',
      'its time 0 lies before the year 2000',
      'its time 1795200000 lies in the future',
      'it has 3 cells, the first line 4',
      'its EVENT_TYPE is empty, not UPVOTE',
      'its quotation marks do not match',
      'its quotation marks do not match',
      'its ids are too long',
      'the id of its item holds a control character',
    ].flatMap((why, index) => [`${index * 3 + 2} ${why}`, `${index * 3 + 4} good item 2023-11-14T22:13:20.000Z`]),
  );
});

test('bytes that are not UTF-8 are refused, not changed', async () => {
  const content = Buffer.concat([
    Buffer.from(`${HEADER}\nx,caf`),
    Buffer.from([0xe9]),
    Buffer.from(',1700000000,UPVOTE'),
  ]);
  expect(await read(content)).toMatchObject([{ line: 2, refused: 'the id of its item is not UTF-8' }]);
});

test('quoted ids are read and kept as they were meant, whatever they hold', async () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((id) => id.trim() === id && !/[\p{Cc}\u2028\u2029]/u.test(id));
  await fc.assert(
    fc.asyncProperty(text, text, async (person, itemId) => {
      const quoted = (id: string) => `"${id.replaceAll('"', '""')}"`;
      const content = `USER_ID,ITEM_ID,TIMESTAMP\n${quoted(person)},${quoted(itemId)},1700000000`;
      expect(await read(content)).toMatchObject([{ upvote: { person, itemId } }]);
      await load(content);
      const externalUserId = person.replace(/^0+(?=[0-9]+$)/, '');
      const where = sql`external_user_id = ${externalUserId} and item_id = ${itemId}`;
      expect(await db.$count(upvotes, where)).toBe(1);
    }),
    { numRuns: 50 },
  );
});

test('a file without columns, without content, or without itself is refused with what to do', async () => {
  await expect(read('USER_ID,THING\n1,2')).rejects.toThrow(
    'The file has no column ITEM_ID. Its first line must name USER_ID, ITEM_ID and TIMESTAMP.',
  );
  await expect(read('')).rejects.toThrow(/is empty. Its first line names the columns\.$/);
  await expect(read('"a,b')).rejects.toThrow('Line 1 of the file names no columns');
  await expect(readPath('/nowhere/all.csv')).rejects.toThrow(
    'There is no file “/nowhere/all.csv” that I can open (ENOENT).',
  );
  await expect(readPath('/tmp')).rejects.toThrow('“/tmp” is no file.');
});

test('people are found by our id and by their id elsewhere, zeros or not; others keep the id they have', async () => {
  const alice = await addPerson(db, 'Alice');
  const bob = await addPerson(db, 'Bob');
  await db.execute(sql`update users set external_id = '42' where id = ${bob}`);
  const stranger = '01900000-0000-7000-8000-00000000000a';
  const people = [alice.toUpperCase(), '000042', '0099', stranger];
  await load([HEADER, ...people.map((who, index) => `${who},item ${index},1700000000,UPVOTE`)].join('\n'));
  const rows = await db.select().from(upvotes).orderBy(upvotes.itemId);
  expect(rows.map(({ userId, externalUserId }) => [userId, externalUserId])).toEqual([
    [alice, null],
    [bob, null],
    [null, '99'],
    [null, stranger],
  ]);
});

test('lines add up: new, there already, refused; a second time all are there, also what was taken back', async () => {
  const content = [
    HEADER,
    'x,a,1700000000,UPVOTE',
    'x,a,1700000001,UPVOTE',
    'oops',
    '',
    'x,b,1700000000,UPVOTE',
    'y,a,1700000000,UPVOTE',
    'oops',
  ].join('\n');
  const named = ['4 it has 1 cell, the first line 4', '8 it has 1 cell, the first line 4'];
  expect(await load(content)).toMatchObject({ lines: 6, created: 3, present: 1, refused: 2, isStopped: false, named });
  await db.execute(sql`update upvotes set withdrawn_at = now() where item_id = 'b'`);
  expect(await load(content)).toMatchObject({ lines: 6, created: 0, present: 4, refused: 2 });
  expect(await db.$count(upvotes, sql`withdrawn_at is not null`)).toBe(1);
});

test('stopped, it keeps what it has', async () => {
  const content = [HEADER, ...Array.from({ length: 9 }, (_, index) => `x,${index},1700000000,UPVOTE`)].join('\n');
  const signal = AbortSignal.abort();
  expect(await load(content, { signal, batchSize: 4 })).toMatchObject({ lines: 4, created: 4, isStopped: true });
  expect(await load(content)).toMatchObject({ lines: 9, created: 5, present: 4, isStopped: false });
});
