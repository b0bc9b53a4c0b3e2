import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { findServerFiles, linkLibraries } from '../../src/db/server-files.ts';
import { serverFolders, socketPath } from '../../src/db/server-folders.ts';
import { settingsFile } from '../../src/db/server-settings.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { dataDirectory, useServer } from '../support/embedded.ts';

const logger = silentLogger();
const NOBODY = 65_534;
/** An empty PATH: the program that opens a namespace is not found. */
const WITHOUT_UNSHARE = { PATH: '/nowhere' };
const isRoot = process.geteuid?.() === 0;

async function startAndStop(dataDir: string): Promise<void> {
  const server = await startEmbeddedServer({ dataDir, logger });
  expect(server.pid()).toBeDefined();
  await server.stop();
}

test('a data directory whose path is too long for a socket gets a short folder for it, the same for every process', async () => {
  const dataDir = dataDirectory(join('a folder, with "signs" and \'quotes\'', 'x'.repeat(120), 'data'));
  const server = await startEmbeddedServer({ dataDir, logger });
  expect(Buffer.byteLength(socketPath(server.connection.host))).toBeLessThanOrEqual(107);
  expect(statSync(server.connection.host).mode & 0o777).toBe(0o700);
  const { child, started } = await useServer(dataDir);
  expect(started).toMatchObject({ event: 'started', pid: server.pid(), host: server.connection.host });
  await child.tell('stop');
  await server.stop();
  expect(existsSync(server.connection.host)).toBe(false);
});

test('a path of 107 bytes is not too long, and signs in it do no harm', async () => {
  const parent = dirname(dataDirectory());
  const empty = Buffer.byteLength(socketPath(join(parent, 'postgres', 'socket'))) + 1;
  const dataDir = join(parent, `,'"\\ ü`.padEnd(107 - empty - 1, 'x'));
  const folders = serverFolders(dataDir);
  expect(Buffer.byteLength(socketPath(folders.socket))).toBe(107);
  expect(folders.socket.startsWith(dataDir)).toBe(true);
  await startAndStop(dataDir);
});

test('a socket folder that others may enter is refused', async () => {
  const dataDir = dataDirectory();
  mkdirSync(serverFolders(dataDir).socket, { recursive: true, mode: 0o755 });
  await expect(startEmbeddedServer({ dataDir, logger })).rejects.toThrow(/is open to others/);
});

test('what a start that was killed left behind is removed by the next', async () => {
  const dataDir = dataDirectory();
  const { home } = serverFolders(dataDir);
  mkdirSync(join(home, 'data.new-999999-1', 'base'), { recursive: true, mode: 0o700 });
  await startAndStop(dataDir);
  expect(readdirSync(home).sort()).toEqual(['data', 'server.log', 'socket']);
});

test('a postmaster.pid with the pid of a live stranger does not stop the server from starting', async () => {
  const dataDir = dataDirectory();
  await startAndStop(dataDir);
  const { cluster, socket } = serverFolders(dataDir);
  const stale = `${process.pid}\n${cluster}\n1\n5432\n${socket}\n\n  1 1\nready\n`;
  writeFileSync(join(cluster, 'postmaster.pid'), stale, { mode: 0o600 });
  writeFileSync(`${socketPath(socket)}.lock`, stale, { mode: 0o600 });
  await startAndStop(dataDir);
});

test('a postmaster.pid with the pid of a zombie does not stop the server from starting', async () => {
  const dataDir = dataDirectory();
  await startAndStop(dataDir);
  const { cluster, socket } = serverFolders(dataDir);
  // The shell's child ends later (a shell would bury it), and the sleep that took the shell's place never asks after it.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill());
  const zombie = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  await vi.waitFor(() => expect(readFileSync(`/proc/${zombie}/stat`, 'utf8')).toContain(') Z '), { timeout: 5_000 });
  writeFileSync(join(cluster, 'postmaster.pid'), `${zombie}\n${cluster}\n1\n5432\n${socket}\n\n  1 1\nready\n`);
  await startAndStop(dataDir);
});

test('a cluster of another PostgreSQL version is left alone and the way out is named', async () => {
  const dataDir = dataDirectory();
  await startAndStop(dataDir);
  writeFileSync(join(serverFolders(dataDir).cluster, 'PG_VERSION'), '17\n');
  await expect(startEmbeddedServer({ dataDir, logger })).rejects.toThrow(
    /made by PostgreSQL 17, .* brings PostgreSQL 18/,
  );
});

test('a server that cannot start is reported with what it said', async () => {
  const settings = { shared_buffers: 'plenty' };
  const start = startEmbeddedServer({ dataDir: dataDirectory(), logger, settings, patienceMs: 500 });
  await expect(start).rejects.toThrow(/does not start: .*invalid value for parameter "shared_buffers"/);
});

test('libraries that lack their links get them once, also twice at a time', () => {
  const { folder } = findServerFiles();
  const copy = dataDirectory();
  mkdirSync(join(copy, 'native', 'lib'), { recursive: true });
  const list = join(copy, 'native', 'pg-symlinks.json');
  writeFileSync(list, readFileSync(join(folder, 'native', 'pg-symlinks.json')));
  linkLibraries(copy);
  linkLibraries(copy);
  const made = readdirSync(join(copy, 'native', 'lib'));
  expect(made).toContain('libicui18n.so.60');
  expect(made.length).toBeGreaterThan(10);
});

test('libraries that cannot be linked are reported with what to do', () => {
  const copy = dataDirectory();
  mkdirSync(join(copy, 'native'), { recursive: true });
  symlinkSync('/proc/sys', join(copy, 'native', 'lib'));
  const list = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' }];
  writeFileSync(join(copy, 'native', 'pg-symlinks.json'), JSON.stringify(list));
  expect(() => linkLibraries(copy)).toThrow(/Start Storyline once as the user who ran "npm ci"/);
});

test('values in the settings file keep their quotes and backslashes', () => {
  const folders = serverFolders('/data');
  expect(settingsFile(folders, { search_path: `it's \\ "quoted"` })).toContain(`search_path = 'it''s \\\\ "quoted"'\n`);
});

test.runIf(isRoot)("root starts a server that is not root, in folders that stay root's", async () => {
  const dataDir = dataDirectory();
  const server = await startEmbeddedServer({ dataDir, logger });
  expect(statSync(serverFolders(dataDir).cluster).uid).toBe(0);
  expect(readFileSync(`/proc/${server.pid()}/status`, 'utf8')).toMatch(/^CapEff:\t0+$/m);
  await server.stop();
});

test.runIf(isRoot)(
  'an ordinary user starts a server, and root can use it beside them and start it for them',
  async () => {
    const dataDir = dataDirectory();
    mkdirSync(dataDir, { recursive: true });
    for (const folder of [dataDir, dirname(dataDir)]) chownSync(folder, NOBODY, NOBODY);
    const { child, started } = await useServer(dataDir, { as: NOBODY });
    expect(started).toMatchObject({ event: 'started' });
    expect(statSync(`/proc/${started.pid}`).uid).toBe(NOBODY);
    const beside = await startEmbeddedServer({ dataDir, logger });
    expect(beside.pid()).toBe(started.pid);
    await child.tell('stop');
    await beside.stop();
    expect(existsSync(join(serverFolders(dataDir).cluster, 'postmaster.pid'))).toBe(false);

    const again = await startEmbeddedServer({ dataDir, logger });
    expect(statSync(`/proc/${again.pid()}`).uid).toBe(NOBODY);
    await again.stop();
  },
);

test.runIf(isRoot)('where root may not open a namespace, the server runs as nobody', async () => {
  const dataDir = dataDirectory();
  chmodSync(dirname(dataDir), 0o755);
  const { child, started } = await useServer(dataDir, { env: WITHOUT_UNSHARE });
  expect(started).toMatchObject({ event: 'started' });
  expect(statSync(`/proc/${started.pid}`).uid).toBe(NOBODY);
  expect(await child.tell('query')).toMatchObject({ event: 'answer' });
  expect(await child.tell('stop')).toEqual({ event: 'stopped' });
});

test.runIf(isRoot)('where nobody can reach the data directory either, root is told what to do', async () => {
  const { started } = await useServer(dataDirectory(), { env: WITHOUT_UNSHARE });
  expect(started).toMatchObject({
    event: 'failed',
    error: expect.stringContaining('Start Storyline as an ordinary user'),
  });
});

test.runIf(isRoot)('an ordinary user is told when the database belongs to somebody else', async () => {
  const dataDir = dataDirectory();
  await startAndStop(dataDir);
  for (const folder of [dataDir, dirname(dataDir)]) chownSync(folder, NOBODY, NOBODY);
  const { started } = await useServer(dataDir, { as: NOBODY });
  expect(started).toMatchObject({
    event: 'failed',
    error: expect.stringContaining('belongs to another user (number 0)'),
  });
});
