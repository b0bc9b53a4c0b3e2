import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { holdProcessLock, type ProcessLock } from '../../src/db/process-lock.ts';
import { alreadyRunning } from '../../src/db/process-lock-holder.ts';
import { type DatabaseTarget, normaliseTarget } from '../../src/db/target.ts';
import { PersonError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { testDatabase } from '../support/database.ts';

const { target, db, close } = await testDatabase();
afterAll(close);
const patiently = { timeout: 10_000, interval: 20 };

type Lost = PersonError[];

async function hold(
  name: string,
  lost: Lost = [],
  at: DatabaseTarget = target,
  heartbeatMs = 10_000,
): Promise<ProcessLock> {
  const onLost = (error: PersonError): void => {
    lost.push(error);
  };
  const lock = await holdProcessLock(at, { name, logger: silentLogger(), onLost, heartbeatMs });
  onTestFinished(lock.release);
  return lock;
}

const holders = (name: string) => sql`from pg_stat_activity where application_name like ${`storyline ${name} %`}`;

async function cut(name: string): Promise<void> {
  await db.execute(sql`select pg_terminate_backend(pid) ${holders(name)}`);
}

test('a second process is told who holds the lock, and gets it when that one lets go', async () => {
  const first = await hold('bot');
  const refused = hold('bot');
  await expect(refused).rejects.toBeInstanceOf(PersonError);
  await expect(refused).rejects.toThrow(
    new RegExp(
      `^Storyline is already running on this database \\(process ${process.pid} on ${hostname().slice(0, 20)}.*, ` +
        'since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\)\\. ' +
        'Stop it first; terminal commands \\(npx storyline …\\) can be used beside it\\.$',
    ),
  );
  await first.release();
  await first.release();
  await expect(hold('bot')).resolves.toBeDefined();
});

test('locks of other names and other databases do not meet', async () => {
  await hold('bot-a');
  await hold('bot-b');
  const other = await testDatabase({ migrated: false });
  onTestFinished(other.close);
  const elsewhere = await hold('bot-a', [], other.target);
  await elsewhere.release();
});

test('a lock whose connection is cut is taken again, and nobody is told', async () => {
  const lost: Lost = [];
  await hold('cut', lost);
  const locked = sql`select pid from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and application_name like 'storyline cut %'`;
  const [before] = await db.execute(locked);
  await cut('cut');
  await vi.waitFor(async () => {
    const [now] = await db.execute(locked);
    expect(now?.pid).toSatisfy((pid) => pid !== undefined && pid !== before?.pid);
  }, patiently);
  await expect(hold('cut')).rejects.toThrow(/already running/);
  expect(lost).toEqual([]);
});

test('a lock that somebody else took while the connection was cut is lost, and its holder is named once', async () => {
  const lost: Lost = [];
  const sleeper = await hold('thief', lost);
  // The thief waits in the server for the moment at which the lock is free.
  const key = sql`select classid::int as a, objid::bigint as b from pg_locks l join pg_stat_activity s using (pid)
    where locktype = 'advisory' and application_name like 'storyline thief %'`;
  const [found] = await db.execute(key);
  const stealing = db.transaction(async (tx) => {
    await tx.execute(sql`set local lock_timeout = 0`);
    await tx.execute(sql`set local application_name = 'storyline thief 4711 2026-11-20T10:55:00Z attic'`);
    await tx.execute(sql`select pg_advisory_lock(${found?.a}::int, (${found?.b}::bigint::bit(32))::int)`);
    await vi.waitFor(() => expect(lost).toHaveLength(1), patiently);
  });
  await vi.waitFor(async () => {
    const waiting = await db.execute(sql`select from pg_locks where locktype = 'advisory' and not granted`);
    expect(waiting).toHaveLength(1);
  }, patiently);
  await db.execute(sql`select pg_terminate_backend(pid) ${holders('thief')} and state = 'idle'`);
  await stealing;
  expect(lost[0]?.message).toContain('(process 4711 on attic, since 2026-11-20 10:55 UTC)');
  await sleeper.release();
});

test('a link that went silent counts as cut, and the server is told to forget the old connection', async () => {
  const proxy = await silencableProxy();
  const lost: Lost = [];
  await hold('silent', lost, proxy.target, 100);
  const [before] = await db.execute(sql`select pid ${holders('silent')}`);
  proxy.silence();
  await vi.waitFor(async () => {
    const now = await db.execute(sql`select pid ${holders('silent')} and pid <> ${before?.pid}`);
    const old = await db.execute(sql`select from pg_stat_activity where pid = ${before?.pid}`);
    expect([now.length, old.length]).toEqual([1, 0]);
  }, patiently);
  expect(lost).toEqual([]);
});

test('a holder that does not introduce itself is still reported', () => {
  expect(alreadyRunning({ backend: 1, application: 'psql' }).message).toContain('(another process)');
});

/** A socket before the server's that can stop to forward what goes through it, as a dead network does. */
async function silencableProxy(): Promise<{ target: DatabaseTarget; silence(): void }> {
  const behind = socketOrAddress(normaliseTarget(target));
  const folder = mkdtempSync(join(tmpdir(), 'storyline-proxy-'));
  const links: Socket[] = [];
  const server = createServer((client) => {
    const upstream = behind.connect();
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => {}).on('data', (data) => to.write(data));
      from.on('close', () => to.destroy());
      links.push(from);
    }
  });
  await new Promise<void>((resolve) => server.listen(join(folder, '.s.PGSQL.5432'), resolve));
  onTestFinished(() => {
    for (const link of links) link.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    target: { ...behind.credentials, host: folder, port: 5432 },
    silence: () => {
      for (const link of links.splice(0)) link.removeAllListeners('data').removeAllListeners('close').pause();
    },
  };
}

/** How to reach the server behind a target, and as whom, whether it is a socket folder or an address (TEST_DATABASE_URL). */
function socketOrAddress(behind: DatabaseTarget) {
  if (!('url' in behind)) {
    const { user, database } = behind;
    const path = join(behind.host, `.s.PGSQL.${behind.port}`);
    return { credentials: { user, database }, connect: () => connectSocket(path) };
  }
  const url = new URL(behind.url);
  const password = decodeURIComponent(url.password);
  const credentials = {
    user: decodeURIComponent(url.username),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(password === '' ? {} : { password }),
  };
  return { credentials, connect: () => connectSocket(Number(url.port || '5432'), url.hostname) };
}
