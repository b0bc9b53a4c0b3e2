import { createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { databaseFailureReason } from '../../src/db/database-errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { testDatabase } from '../support/database.ts';

const { db, open, close } = await testDatabase();
afterAll(close);

const options = { logger: silentLogger(), applicationName: 'test', lockTimeoutMs: 300, statementTimeoutMs: 1000 };

test('a session speaks UTC and knows its limits', async () => {
  const [row] = await db.execute(sql`
    select current_setting('TimeZone') as zone, current_setting('lock_timeout') as lock,
           current_setting('statement_timeout') as statement,
           current_setting('idle_in_transaction_session_timeout') as idle,
           current_setting('jit') as jit, current_setting('application_name') as name`);
  expect(row).toEqual({
    zone: 'UTC',
    lock: '300ms',
    statement: '10s',
    idle: '15s',
    jit: 'off',
    name: 'storyline tests',
  });
});

test('a Telegram id of 52 bits and a count come back as numbers', async () => {
  const [row] = await db.execute(sql`
    select ${-1001234567890123}::bigint as id, count(*) as count, array[${4503599627370495}::bigint] as ids`);
  expect(row).toEqual({ id: -1001234567890123, count: 1, ids: [4503599627370495] });
});

test('a number that would lose digits makes the statement fail, and the connection stays usable', async () => {
  const single = open({ max: 1 });
  const tooLarge = single.db.execute(sql`select n::bigint from generate_series(9007199254740991, 9007199254740993) n`);
  await expect(tooLarge).rejects.toMatchObject({ cause: expect.any(RangeError) });
  await expect(single.ping()).resolves.toBeUndefined();
});

test('opening a pool needs no server; a statement says that there is none', async () => {
  const database = openDatabase({ host: '/nowhere', port: 5432, user: 'x', database: 'x' }, options);
  const failure = await database.ping().catch((error: unknown) => error);
  expect(databaseFailureReason(failure)).toBe('socket does not exist');
  await database.close();
});

test('a server that accepts connections and closes them makes statements fail at once', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const database = openDatabase({ url: `postgres://x@127.0.0.1:${port}/x` }, options);
  const failure = await database.ping().catch((error: unknown) => error);
  expect(databaseFailureReason(failure)).toBe('connection was closed');
  await database.close();
  server.close();
});

test('closing a pool lets the running statement finish and may be done twice', async () => {
  const database = open();
  // Drizzle sends a statement when it is awaited, hence the `then`.
  const running = database.db.execute(sql`select pg_sleep(0.2), 1 as done`).then((rows) => rows);
  await database.ping();
  await database.close();
  await expect(running).resolves.toMatchObject([{ done: 1 }]);
  await database.close();
  expect(databaseFailureReason(await database.ping().catch((error: unknown) => error))).toBe('pool is closed');
});
