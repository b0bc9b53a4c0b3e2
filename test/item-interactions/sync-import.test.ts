import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { itemInteractions, upvotes } from '../../src/db/schema/index.ts';
import { type SyncOptions, syncUserInteractions } from '../../src/item-interactions/sync-command.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { PROJECT, startProcess } from '../support/bot-process.ts';
import { addPerson } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { fastFolder } from '../support/fast-folder.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let alice = '';
beforeEach(async () => {
  await db.execute(sql`truncate users, upvotes, item_interactions cascade`);
  alice = await addPerson(db, 'Alice');
});

function upvoteMany(count: number) {
  return db.execute(sql`insert into upvotes (user_id, item_id, created_at)
    select ${alice}, 'item ' || n, '2026-11-20'::timestamptz + n * interval '1 second' from generate_series(1, ${count}) n`);
}

/** Runs the command as the terminal does, without a process. What it throws is in `error`. */
async function run(
  options: Partial<SyncOptions>,
  ground: { isTTY?: boolean; signal?: AbortSignal; over?: typeof database.database } = {},
) {
  let words = '';
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      words += String(chunk);
      done();
    },
  });
  const lines: string[] = [];
  const error = await syncUserInteractions(
    {
      database: ground.over ?? database.database,
      target: database.target,
      print: (line) => void lines.push(line),
      stderr: Object.assign(stderr, { isTTY: ground.isTTY ?? false, columns: 80 }),
      signal: ground.signal ?? new AbortController().signal,
    },
    { mode: 'import', ...options },
  ).then(
    () => undefined,
    (failure: unknown) => (failure instanceof Error ? `${failure.name}: ${failure.message}` : failure),
  );
  return { lines, words: stripVTControlCharacters(words), error };
}

test("an import says what came of each source, and the sum in the seed's words", async () => {
  await upvoteMany(3);
  await db.insert(upvotes).values([{ itemId: 'nobody' }, { userId: alice }]);
  const ids = await db.execute<{ id: string }>(
    sql`select id from upvotes where user_id is null or item_id is null order by created_at, id`,
  );
  expect(await run({})).toEqual({
    error: undefined,
    lines: [
      'upvotes: 5 processed, 3 created, 0 already there, 2 skipped',
      'decisions: 0 processed, 0 created, 0 already there, 0 skipped',
      'reactions: 0 processed, 0 created, 0 already there, 0 skipped',
      'Import complete: 5 processed, 3 created, 2 skipped',
    ],
    words: [
      `upvotes: skipped 1 row without a person: ${ids[0]?.id}`,
      `upvotes: skipped 1 row without an item: ${ids[1]?.id}`,
      '5 of 5 rows (100 %), 3 new',
      '',
    ].join('\n'),
  });
  await db.execute(sql`update upvotes set withdrawn_at = now() where item_id = 'item 1'`);
  expect((await run({ source: 'upvotes' })).lines).toEqual([
    'upvotes: 4 processed, 0 created, 2 already there, 2 skipped, 1 removed (taken back since)',
    'Import complete: 4 processed, 0 created, 2 skipped',
  ]);
});

test('on a terminal there is a bar', async () => {
  await upvoteMany(5);
  const { words } = await run({ batchSize: '2' }, { isTTY: true });
  expect(words).toMatch(/=+ 100% 5\/5 rows, 5 new/);
});

test('programs get one object', async () => {
  await upvoteMany(2);
  const { lines } = await run({ json: true, source: 'upvotes' });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      processed: 2,
      created: 2,
      present: 0,
      skipped: 0,
      removed: 0,
      sources: [{ source: 'upvotes', processed: 2, created: 2, present: 0, skipped: 0, removed: 0, reasons: [] }],
      isStopped: false,
      seconds: expect.any(Number),
    },
  ]);
});

test('values that cannot be are named, and change nothing', async () => {
  await upvoteMany(1);
  const wrong: [Partial<SyncOptions>, string][] = [
    [{ mode: 'both' }, '“both” is no mode. Choose import or export.'],
    [{ source: 'votes' }, '“votes” is no source. Choose upvotes, decisions, reactions or all.'],
    [{ batchSize: '0' }, '“0” is no batch size. Choose a whole number from 1 to 100000.'],
    [{ batchSize: '1e9' }, '“1e9” is no batch size. Choose a whole number from 1 to 100000.'],
    [{ startDate: '2026-02-30' }, 'Invalid date: 2026-02-30. Use YYYY-MM-DD'],
    [{ startDate: '2026-11-21', endDate: '2026-11-20' }, 'start-date must be before end-date'],
    [
      { fromCsv: 'x.csv', source: 'decisions' },
      '--from-csv loads upvotes. Leave --source out, or say --source upvotes.',
    ],
  ];
  for (const [options, words] of wrong) {
    expect(await run(options)).toEqual({ error: `PersonError: ${words}`, lines: [], words: '' });
  }
  expect(await db.$count(itemInteractions)).toBe(0);
});

test('upvotes of a file are loaded and imported at once; bad lines are named', async () => {
  const folder = mkdtempSync(join(fastFolder(), 'storyline-upvotes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'upvotes.csv');
  writeFileSync(path, `USER_ID,ITEM_ID,TIMESTAMP\n${alice},a,1700000000\n,b,1700000000\n0042,c,1700000000\n`);
  expect(await run({ fromCsv: path })).toEqual({
    error: undefined,
    lines: [
      `${path}: 3 lines read, 2 new, 0 already there, 1 refused`,
      'upvotes: 2 processed, 2 created, 0 already there, 0 skipped',
      'decisions: 0 processed, 0 created, 0 already there, 0 skipped',
      'reactions: 0 processed, 0 created, 0 already there, 0 skipped',
      'Import complete: 2 processed, 2 created, 0 skipped',
    ],
    words: 'line 3: it names no person\n1 of 1 kB (100 %), 2 new\n2 of 2 rows (100 %), 2 new\n',
  });
});

test('asked to stop it says how far it came', async () => {
  await upvoteMany(4);
  const { error, lines } = await run({ batchSize: '2', source: 'upvotes' }, { signal: AbortSignal.abort() });
  expect(error).toBe('PersonError: Stopped after 0 of 4 rows. Run it again to go on: what is in stays in.');
  expect(lines.at(-1)).toBe('Import stopped: 0 processed, 0 created, 0 skipped');
});

test('a database that goes away is told with how far it came', async () => {
  await upvoteMany(4);
  const proxy = await openDatabaseProxy(database.target);
  const over = openDatabase(
    { url: proxy.url() },
    { logger: silentLogger(), applicationName: 'cut', lockTimeoutMs: 300, statementTimeoutMs: 10_000 },
  );
  onTestFinished(() => over.close());
  void proxy.swallowAnswerTo('insert into item_interactions');
  const { error } = await run({ source: 'upvotes' }, { over });
  expect(error).toBe(
    'OutsideError: The database failed after 0 of 4 rows: connection was closed. What is in stays in; run it again to go on.',
  );
});

test('the terminal command is interrupted by Ctrl-C, ends with 1, and goes on when it is run again', async () => {
  await upvoteMany(4000);
  const env = { DATABASE_URL: database.url };
  const command = ['sync-user-interactions', '--mode', 'import', '--batch-size', '5'];
  const running = startProcess(process.execPath, [join(PROJECT, 'src/cli.ts'), ...command], { env });
  await vi.waitUntil(async () => (await db.$count(itemInteractions)) > 0, { timeout: 50_000, interval: 20 });
  running.kill('SIGINT');
  expect(await running.ended()).toMatchObject({ code: 1 });
  expect(running.stderr()).toMatch(/^Stopped after \d+ of 4000 rows\. Run it again to go on: what is in stays in\.$/m);
  const imported = await db.$count(itemInteractions);
  expect(running.stdout()).toContain(`Import stopped: ${imported} processed, ${imported} created, 0 skipped`);

  expect((await run({ source: 'upvotes' })).lines.at(-1)).toBe(
    `Import complete: 4000 processed, ${4000 - imported} created, 0 skipped`,
  );
  expect(await db.$count(itemInteractions)).toBe(4000);
});
