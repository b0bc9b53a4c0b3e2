import { DrizzleQueryError, sql } from 'drizzle-orm';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import {
  DRIVER_FAILURES,
  databaseFailureReason,
  isDatabaseFailure,
  isLockTimeout,
  SERVER_FAILURES,
  SYSTEM_FAILURES,
  sqlState,
} from '../../src/db/database-errors.ts';
import { OutsideError, PersonError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { testDatabase } from '../support/database.ts';

const { db, open, close } = await testDatabase();
afterAll(close);

const caught = (work: PromiseLike<unknown>) => Promise.resolve(work).catch((error: unknown) => error);
const fromServer = (code: string) => Object.assign(new Error('refused'), { code, severity: 'ERROR' });
const wrapped = (cause: Error) => new DrizzleQueryError('select 1', [], cause);

describe('the tables', () => {
  test.each(Object.entries(SERVER_FAILURES))('the server says %s: %s', (code, reason) => {
    const full = code.length === 5 ? code : `${code}000`;
    expect(databaseFailureReason(wrapped(fromServer(full)))).toBe(reason);
  });
  test.each(Object.entries(DRIVER_FAILURES))('the driver says %s: %s', (code, reason) => {
    expect(databaseFailureReason(Object.assign(new Error(), { code }))).toBe(reason);
  });
  test.each(Object.entries(SYSTEM_FAILURES))('the system says %s: %s', (code, reason) => {
    const error = Object.assign(new Error(), { code });
    expect(databaseFailureReason(wrapped(error))).toBe(reason);
    expect(databaseFailureReason(Object.assign(error, { query: 'select 1', parameters: [] }))).toBe(reason);
  });
  test.each(['22001', '22P02', '23505', '23503', '25P02', '42601', '42P01', '55P03', 'P0001', '0A000'])(
    'the server says %s: our mistake',
    (code) => expect(isDatabaseFailure(wrapped(fromServer(code)))).toBe(false),
  );
});

test('what other systems fail with is not the database', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  expect(isDatabaseFailure(new TypeError('fetch failed', { cause: refused }))).toBe(false);
  expect(isDatabaseFailure(new OutsideError('telegram', 'down', { retryable: true, cause: refused }))).toBe(false);
  expect(isDatabaseFailure(new OutsideError('postgres', 'down', { retryable: true }))).toBe(true);
  for (const other of [undefined, null, 'text', new PersonError('no'), new Error('x', { cause: 'y' })]) {
    expect(isDatabaseFailure(other)).toBe(false);
  }
});

test('an error that is its own cause ends', () => {
  const error = new Error('loop');
  error.cause = error;
  expect(isDatabaseFailure(error)).toBe(false);
});

test('real mistakes of ours', async () => {
  expect(sqlState(await caught(db.execute(sql`select * from nowhere`)))).toBe('42P01');
  expect(isDatabaseFailure(await caught(db.execute(sql`select 1 / 0`)))).toBe(false);
  expect(isDatabaseFailure(await caught(db.execute(sql`select 'x'::int`)))).toBe(false);
});

test('D05: a row locked elsewhere is a lock timeout and not a failure', async () => {
  await db.execute(sql`create table locked as select 1 as id`);
  await db.transaction(async (tx) => {
    await tx.execute(sql`update locked set id = 1`);
    const failure = await caught(db.execute(sql`update locked set id = 2`));
    expect(isLockTimeout(failure)).toBe(true);
    expect(isDatabaseFailure(failure)).toBe(false);
  });
});

test('a statement that takes too long, a transaction that waits too long, and a server that is not there are failures', async () => {
  const hasty = open({ statementTimeoutMs: 50 });
  expect(databaseFailureReason(await caught(hasty.db.execute(sql`select pg_sleep(5)`)))).toBe(
    'statement took too long or was cancelled',
  );
  const idle = db.transaction(async (tx) => {
    await tx.execute(sql`set local idle_in_transaction_session_timeout = 20`);
    const [self] = await tx.execute(sql`select pg_backend_pid() as pid`);
    await vi.waitFor(async () => {
      expect(await db.execute(sql`select from pg_stat_activity where pid = ${self?.pid}`)).toHaveLength(0);
    });
    await tx.execute(sql`select 1`);
  });
  expect(isDatabaseFailure(await caught(idle))).toBe(true);
  const limits = { logger: silentLogger(), applicationName: 'x', lockTimeoutMs: 1, statementTimeoutMs: 1 };
  for (const url of ['postgres://x@127.0.0.1:1/x', 'postgres://x@localhost:1/x', 'postgres://x@/x?host=/nowhere']) {
    const nowhere = openDatabase({ url }, limits);
    expect(isDatabaseFailure(await caught(nowhere.db.execute(sql`select 1`)))).toBe(true);
    expect(isDatabaseFailure(await caught(nowhere.db.transaction((tx) => tx.execute(sql`select 1`))))).toBe(true);
    await nowhere.close();
  }
});
