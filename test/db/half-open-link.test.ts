import { createServer, type Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { databaseFailureReason, isDatabaseFailure } from '../../src/db/database-errors.ts';
import { type JobWorker, startJobWorker } from '../../src/db/job-worker.ts';
import { migrate } from '../../src/db/migrate.ts';
import { prepareStatement } from '../../src/db/prepared-statement.ts';
import { holdProcessLock } from '../../src/db/process-lock.ts';
import { ServerSocket } from '../../src/db/server-socket.ts';
import { takeServerUse } from '../../src/db/server-use.ts';
import { withDatabase } from '../../src/db/target.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { testDatabase } from '../support/database.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { until } from '../support/until.ts';

const { db, target, close } = await testDatabase();
afterAll(close);

const LIMIT_MS = 400;
const CLOSED = 'connection was closed';

async function throughProxy(): Promise<{ database: Database; proxy: Awaited<ReturnType<typeof openDatabaseProxy>> }> {
  const proxy = await openDatabaseProxy(target);
  const database = openDatabase(
    { url: proxy.url() },
    {
      logger: silentLogger(),
      applicationName: 'half-open',
      lockTimeoutMs: 300,
      statementTimeoutMs: 300,
      silenceGraceMs: 100,
    },
  );
  onTestFinished(() => database.close());
  return { database, proxy };
}

/** What it failed with, and after how many milliseconds. */
async function failureOf(work: PromiseLike<unknown>): Promise<{ error: unknown; ms: number }> {
  const before = performance.now();
  const error = await Promise.resolve(work).then(
    () => 'it did not fail',
    (failure: unknown) => failure,
  );
  return { error, ms: performance.now() - before };
}

test('D03: on a half-open link every statement fails at its deadline, and all work again on new connections', async () => {
  const { database, proxy } = await throughProxy();
  const prepared = prepareStatement<'n'>(database.db, sql`select ${sql.placeholder('n')}::int as n`);
  await Promise.all([1, 2, 3].map((n) => prepared.run({ n })));
  proxy.blackHole();
  const failures = await Promise.all([
    failureOf(prepared.run({ n: 1 })),
    failureOf(database.db.execute(sql`select 1`)),
    failureOf(database.db.transaction((tx) => tx.execute(sql`select 1`))),
  ]);
  for (const { error, ms } of failures) {
    expect(databaseFailureReason(error)).toBe(CLOSED);
    expect(ms).toBeGreaterThan(LIMIT_MS - 50);
    expect(ms).toBeLessThan(LIMIT_MS * 3);
  }
  proxy.open();
  expect(await prepared.run({ n: 7 })).toEqual([{ n: 7 }]);
  expect(await database.db.transaction((tx) => tx.execute(sql`select 8 as n`))).toMatchObject([{ n: 8 }]);
});

test('D03: a transaction whose link dies in the middle fails at its next statement and leaves nothing behind', async () => {
  await db.execute(sql`create table halves (id int)`);
  const { database, proxy } = await throughProxy();
  const { error, ms } = await failureOf(
    database.db.transaction(async (tx) => {
      await tx.execute(sql`insert into halves values (1)`);
      proxy.blackHole();
      await tx.execute(sql`insert into halves values (2)`);
    }),
  );
  proxy.open();
  expect(isDatabaseFailure(error)).toBe(true);
  expect(ms).toBeLessThan(LIMIT_MS * 3);
  expect(await db.execute(sql`select id from halves`)).toHaveLength(0);
  await database.ping();
});

test('D03: a commit whose answer never comes fails at its deadline, its outcome unknown to us', async () => {
  await db.execute(sql`create table commits (id int)`);
  const { database, proxy } = await throughProxy();
  const { error } = await failureOf(
    database.db.transaction(async (tx) => {
      await tx.execute(sql`insert into commits values (1)`);
      proxy.blackHole();
    }),
  );
  proxy.open();
  expect(databaseFailureReason(error)).toBe(CLOSED);
  await database.ping();
});

test('a statement that is slow within its limit is not cut, and neither is a connection that has nothing to do', async () => {
  const { database } = await throughProxy();
  const pid = async () => (await database.db.execute(sql`select pg_backend_pid() as pid`))[0]?.pid;
  const before = await pid();
  await database.db.execute(sql`select pg_sleep(0.1)`);
  // Three limits without a word, passed by another connection.
  await db.execute(sql`select pg_sleep(${(LIMIT_MS * 3) / 1000}::float)`);
  expect(await pid()).toBe(before);
});

test('an answer that breaks off in the middle is given up after the quiet time', async () => {
  const server = createServer((client) => client.on('error', () => {}).write('half an ans'));
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const cut = new Promise<void>((onSilent) => {
    const socket = new ServerSocket({ limitMs: 100, quietMs: 200, onSilent });
    socket.connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1').resume();
  });
  await cut;
});

test('D03: a process lock behind a half-open link is taken again when the link is whole', async () => {
  const proxy = await openDatabaseProxy(target);
  const lost = vi.fn();
  const options = { name: 'half-open', logger: silentLogger(), onLost: lost, heartbeatMs: 250 };
  const lock = await holdProcessLock({ url: proxy.url() }, options);
  const holders = async () => {
    const rows = await db.execute<{ pid: number }>(
      sql`select l.pid from pg_locks l join pg_stat_activity a on a.pid = l.pid
          where l.locktype = 'advisory' and l.granted and a.application_name like 'storyline half-open %'`,
    );
    return rows.map(({ pid }) => pid);
  };
  const [before] = await holders();
  proxy.blackHole();
  // Several attempts end in the black hole first.
  await db.execute(sql`select pg_sleep(1)`);
  proxy.open();
  await until(async () => (await holders()).filter((pid) => pid !== before));
  expect(lost).not.toHaveBeenCalled();
  await lock.release();
});

test('D03: the job worker does jobs again after a half-open link', async () => {
  const proxy = await openDatabaseProxy(target);
  const done: unknown[] = [];
  const jobs = { note: async (payload: unknown) => void done.push(payload) };
  let worker: JobWorker | undefined;
  onTestFinished(() => worker?.stop());
  worker = await startJobWorker({ target: { url: proxy.url() }, jobs, logger: silentLogger(), silenceMs: LIMIT_MS });
  const add = (n: number) => db.execute(sql`select graphile_worker.add_job('note', ${JSON.stringify({ n })}::json)`);
  await add(1);
  await until(async () => done);
  proxy.blackHole();
  await add(2);
  await db.execute(sql`select pg_sleep(${(LIMIT_MS * 2) / 1000}::float)`);
  expect(done).toEqual([{ n: 1 }]);
  proxy.open();
  await until(async () => done.slice(1), 15_000);
  expect(done).toEqual([{ n: 1 }, { n: 2 }]);
});

test.each(['done', 'failed'] as const)(
  'D03: a job that is %s when the link goes dead is noted so when it is whole, and runs once',
  async (end) => {
    const proxy = await openDatabaseProxy(target);
    const runs: unknown[] = [];
    let worker: JobWorker | undefined;
    onTestFinished(() => worker?.stop());
    const jobs = {
      cut: async () => {
        runs.push(end);
        proxy.blackHole();
        if (end === 'failed') throw new Error('as it should');
      },
    };
    worker = await startJobWorker({ target: { url: proxy.url() }, jobs, logger: silentLogger(), silenceMs: LIMIT_MS });
    await db.execute(sql`select graphile_worker.add_job('cut', '{}'::json, max_attempts := 1)`);
    await until(async () => runs);
    await db.execute(sql`select pg_sleep(${(LIMIT_MS * 3) / 1000}::float)`);
    proxy.open();
    const left = sql`select locked_by, last_error from graphile_worker.jobs where task_identifier = 'cut'`;
    await until(async () => {
      const [row] = await db.execute(left);
      return (end === 'done' ? row === undefined : row?.locked_by === null) ? [true] : [];
    }, 15_000);
    expect(runs).toEqual([end]);
    await db.execute(sql`select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs`);
  },
);

test('D03: a start does not wait for ever for a server that leaves its question about migrations without an answer', async () => {
  const fresh = await testDatabase();
  onTestFinished(fresh.close);
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = fresh.db.transaction(async (tx) => {
    await tx.execute(sql`lock table drizzle.__drizzle_migrations`);
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const { error, ms } = await failureOf(migrate(fresh.target, { logger: silentLogger(), questionSilenceMs: LIMIT_MS }));
  expect(databaseFailureReason(error)).toBe(CLOSED);
  expect(ms).toBeLessThan(LIMIT_MS * 4);
  held.resolve();
  await holding;
  expect(await migrate(fresh.target, { logger: silentLogger(), questionSilenceMs: LIMIT_MS })).toEqual([]);
});

/** The lock of those who use a server, which is not the tests' alone (src/db/server-use.ts). */
const USE_LOCK = 7_403_000;

test.runIf('host' in target)('D03: joining a server that says nothing ends', async () => {
  if (!('host' in target)) return;
  const maintenance = openDatabase(withDatabase(target, 'postgres'), {
    logger: silentLogger(),
    applicationName: 'wants the server alone',
    lockTimeoutMs: 20_000,
    statementTimeoutMs: 20_000,
  });
  onTestFinished(() => maintenance.close());
  // Whoever wants it alone waits for those who have it, and all who come later wait behind.
  const alone = maintenance.db.execute(sql`select pg_advisory_lock(${USE_LOCK})`).catch(() => 'cancelled');
  const waiting = sql`from pg_stat_activity where application_name = 'wants the server alone' and wait_event = 'advisory'`;
  await until(async () => db.execute(sql`select ${waiting}`));
  const onCut = vi.fn();
  const { error, ms } = await failureOf(
    takeServerUse(target, { purpose: 'half-open', onCut, silenceMs: LIMIT_MS }).then(({ close }) => close()),
  );
  expect(isDatabaseFailure(error)).toBe(true);
  expect(ms).toBeLessThan(LIMIT_MS * 4);
  expect(onCut).not.toHaveBeenCalled();
  await db.execute(sql`select pg_cancel_backend(pid) ${waiting}`);
  expect(await alone).toBe('cancelled');
});

test('a socket that is destroyed is not watched any longer', async () => {
  const server = createServer((client: Socket) => client.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const onSilent = vi.fn();
  const socket = new ServerSocket({ limitMs: 50, onSilent });
  socket.connect(port, '127.0.0.1').write('hello?');
  socket.destroy();
  await db.execute(sql`select pg_sleep(0.2)`);
  expect(onSilent).not.toHaveBeenCalled();
});
