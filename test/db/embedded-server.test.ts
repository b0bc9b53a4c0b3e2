import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { isRunning } from '../../src/db/proc.ts';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { dataDirectory, useServer } from '../support/embedded.ts';

const logger = silentLogger();
const patiently = { timeout: 15_000, interval: 50 };
const limits = { logger, applicationName: 'test', lockTimeoutMs: 300, statementTimeoutMs: 5000 };

test('two processes that start at once on an empty folder share one server, and the last one out stops it', async () => {
  const dataDir = dataDirectory();
  const [one, two] = await Promise.all([useServer(dataDir), useServer(dataDir)]);
  expect(one.started).toMatchObject({ event: 'started', pid: expect.any(Number) });
  expect(two.started.pid).toBe(one.started.pid);
  expect(await one.child.tell('query')).toEqual(await two.child.tell('query'));
  expect(readdirSync(join(dataDir, 'postgres')).sort()).toEqual(['data', 'server.log', 'socket']);

  expect(await one.child.tell('stop')).toEqual({ event: 'stopped' });
  expect(isRunning(Number(two.started.pid))).toBe(true);
  expect(await two.child.tell('query')).toMatchObject({ event: 'answer' });
  expect(await two.child.tell('stop')).toEqual({ event: 'stopped' });
  expect(serverPid(serverFolders(dataDir))).toBeUndefined();
});

test('three processes that stop at once leave no server behind', async () => {
  const dataDir = dataDirectory();
  const users = await Promise.all([useServer(dataDir), useServer(dataDir), useServer(dataDir)]);
  await Promise.all(users.map(({ child }) => child.tell('stop')));
  expect(serverPid(serverFolders(dataDir))).toBeUndefined();
});

test('a process that starts while the last one stops the server gets a server', async () => {
  const dataDir = dataDirectory();
  const first = await useServer(dataDir);
  const [, second] = await Promise.all([first.child.tell('stop'), useServer(dataDir)]);
  expect(await second.child.tell('query')).toMatchObject({ event: 'answer' });
});

test('a process killed with -9 leaves the server running, and the next one finds it', async () => {
  const dataDir = dataDirectory();
  const first = await useServer(dataDir);
  first.child.kill('SIGKILL');
  await first.child.ended();
  const second = await useServer(dataDir);
  expect(second.started.pid).toBe(first.started.pid);
  expect(await second.child.tell('stop')).toEqual({ event: 'stopped' });
  expect(isRunning(Number(first.started.pid))).toBe(false);
});

test('Ctrl-C reaches the process, not the server', async () => {
  const dataDir = dataDirectory();
  const { child, started } = await useServer(dataDir);
  child.killGroup('SIGINT');
  await child.ended();
  expect(isRunning(Number(started.pid))).toBe(true);
  const next = await useServer(dataDir);
  expect(next.started.pid).toBe(started.pid);
});

test('a server that is killed is started again, for all who use it, and their pools work again', async () => {
  const dataDir = dataDirectory();
  const { child } = await useServer(dataDir);
  const server = await startEmbeddedServer({ dataDir, logger });
  const { db, close } = openDatabase(server.connection, limits);
  await db.execute(sql`create table kept as select generate_series(1, 1000) as n`);
  const before = server.pid() ?? 0;

  process.kill(before, 'SIGKILL');
  await vi.waitFor(async () => {
    expect(server.pid()).toSatisfy((pid) => pid !== undefined && pid !== before);
    expect(await db.execute(sql`select count(*) as n from kept`)).toMatchObject([{ n: 1000 }]);
    expect(await child.tell('query')).toMatchObject({ event: 'answer', pid: server.pid() });
    const shares = await db.execute(sql`select from pg_locks where locktype = 'advisory' and mode = 'ShareLock'`);
    expect(shares).toHaveLength(2);
  }, patiently);

  await close();
  await server.stop();
  expect(isRunning(serverPid(serverFolders(dataDir)) ?? 0)).toBe(true);
  await child.tell('stop');
  expect(serverPid(serverFolders(dataDir))).toBeUndefined();
});

test('a server that somebody stops is started again', async () => {
  const server = await startEmbeddedServer({ dataDir: dataDirectory(), logger });
  const before = server.pid() ?? 0;
  process.kill(before, 'SIGINT');
  await vi.waitFor(() => expect(server.pid()).toSatisfy((pid) => pid !== undefined && pid !== before), patiently);
  await server.stop();
  expect(server.pid()).toBeUndefined();
});

test('stopping while the server cannot be started again ends quietly and soon', async () => {
  const dataDir = dataDirectory();
  const server = await startEmbeddedServer({ dataDir, logger });
  renameSync(join(dataDir, 'postgres', 'data', 'global'), join(dataDir, 'postgres', 'lost'));
  process.kill(server.pid() ?? 0, 'SIGKILL');
  const log = join(dataDir, 'postgres', 'server.log');
  await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toMatch(/could not find the database system/), patiently);
  const before = performance.now();
  await server.stop();
  expect(performance.now() - before).toBeLessThan(5000);
});

test('stopping while the server is dead ends quietly and leaves no server behind', async () => {
  const server = await startEmbeddedServer({ dataDir: dataDirectory(), logger });
  process.kill(server.pid() ?? 0, 'SIGKILL');
  await server.stop();
  await server.stop();
  expect(server.pid()).toBeUndefined();
});

test('a cut watch connection takes its share again, so the server outlives the others', async () => {
  const dataDir = dataDirectory();
  const { child } = await useServer(dataDir);
  const server = await startEmbeddedServer({ dataDir, logger });
  const { db, close } = openDatabase(server.connection, limits);
  const watchers = sql`from pg_stat_activity where application_name = 'storyline server watch (process)'`;
  const [before] = await db.execute(sql`select pid ${watchers}`);
  await db.execute(sql`select pg_terminate_backend(${before?.pid})`);
  await vi.waitFor(async () => {
    const [now] = await db.execute(sql`select pid ${watchers} and pid <> ${before?.pid}`);
    expect(now).toBeDefined();
  }, patiently);
  await child.tell('stop');
  expect(await db.execute(sql`select 1 as one`)).toMatchObject([{ one: 1 }]);
  await close();
  await server.stop();
});

test('the server runs with durability on, checksums, UTC, UTF8 and no port', async () => {
  const server = await startEmbeddedServer({ dataDir: dataDirectory(), logger });
  const { db, close } = openDatabase(server.connection, limits);
  const names = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'data_checksums',
    'listen_addresses',
    'log_timezone',
  ];
  const rows = await db.execute(sql`select name, setting from pg_settings where name in ${names}`);
  expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    data_checksums: 'on',
    listen_addresses: '',
    log_timezone: 'UTC',
  });
  const [encoding] = await db.execute(
    sql`select pg_encoding_to_char(encoding) as encoding, datcollate as locale from pg_database
        where datname = current_database()`,
  );
  expect(encoding).toEqual({ encoding: 'UTF8', locale: 'C' });
  await close();
  await server.stop();
});
