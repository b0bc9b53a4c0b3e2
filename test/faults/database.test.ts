import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { migrateJobs } from '../../src/db/job-worker.ts';
import { migrate } from '../../src/db/migrate.ts';
import { socketPath } from '../../src/db/server-folders.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { fastFolder } from '../support/fast-folder.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { eventually, type FaultBench, openFaultBench } from './fault-bench.ts';
import { seededRandom } from './random.ts';
import { report } from './report.ts';
import { slowSpot } from './slow-spot.ts';

const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000);
/** Everything of the bot's: neither ours nor the server's own processes. */
const OF_THE_BOT = `backend_type = 'client backend' and application_name like 'storyline%'
  and application_name not like 'storyline fault%' and application_name not like 'storyline tests%'
  and application_name not like 'storyline history%'`;

/** A bot over TCP on a server of its own, so that the server can die. */
async function benchWithServer(folder = mkdtempSync(join(fastFolder(), 'storyline-faults-'))) {
  const server = await startEmbeddedServer({ dataDir: folder, logger: silentLogger(), purpose: 'tests' });
  const target = server.connection;
  await migrate(target, { logger: silentLogger() });
  await migrateJobs(target, silentLogger());
  const door = await openTcpProxy({ toServer: () => connectTcp(socketPath(target.host)) });
  const botUrl = `postgres://${target.user}:any@127.0.0.1:${door.port}/${target.database}`;
  const bench = await openFaultBench({ target, botUrl });
  onTestFinished(async () => {
    await bench.close();
    await door.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  return { bench, server, folder };
}

type Served = { bench: FaultBench; server: EmbeddedServer };

/** Ends the bot's backends that `where` describes as soon as there are some. */
async function terminate({ sql }: FaultBench, where: string): Promise<void> {
  await eventually(async () => {
    const killed = await sql.unsafe(
      `select pg_terminate_backend(pid) from pg_stat_activity where ${OF_THE_BOT} and ${where}`,
    );
    return killed.length > 0;
  }, `a backend with ${where}`);
}

/** Load before, during and after the fault; then all must be well. Says how long it took until a tap worked again. */
async function underLoad(name: string, { bench }: Served, fault: () => Promise<void>): Promise<void> {
  await bench.bot.start();
  await bench.fill(12);
  const load = bench.load({ random: seededRandom(SEED), perSecond: 10 });
  await wait(700);
  await fault();
  const since = performance.now();
  const before = load.taps.length;
  await eventually(
    async () => load.taps.slice(before).some(({ answer }) => answer !== undefined && answer !== 'expired'),
    'a tap to be answered again',
    // Matrix D02.
    30_000,
  );
  const recoveredMs = Math.round(performance.now() - since);
  await wait(1000);
  load.stop();
  bench.countFault();
  const { problems, figures } = await bench.settle();
  report(`${name}: answers again after ${recoveredMs} ms; seed ${SEED} ${JSON.stringify(figures)}`);
  expect(problems, `seed ${SEED}`).toEqual([]);
  expect(figures.lostDecisions).toBe(0);
  expect(bench.bot.collapses()).toBe(0);
}

const BACKENDS: Readonly<Record<string, (bench: FaultBench) => Promise<void>>> = {
  'while idle': (bench) => terminate(bench, `state = 'idle'`),
  async 'in a query'(bench) {
    const spot = await slowSpot(bench.sql, { table: 'decisions', event: 'insert' });
    await spot.reached();
    await spot.endSleepers();
    await spot.remove();
  },
  async 'in a transaction'(bench) {
    // `/next` works in a transaction and waits in it for the chat, which somebody holds.
    await bench.sql.begin(async (tx) => {
      await tx`select from chats for update`;
      await terminate(bench, `wait_event_type = 'Lock' and xact_start is not null`);
    });
  },
  async 'in the commit'(bench) {
    const spot = await slowSpot(bench.sql, { table: 'decisions', event: 'insert', atCommit: true });
    await spot.reached();
    await spot.endSleepers();
    await spot.remove();
  },
  async 'all of them, ten times in three seconds'(bench) {
    for (let round = 0; round < 10; round += 1) {
      await terminate(bench, 'true');
      await wait(300);
    }
  },
};

test.each(Object.keys(BACKENDS))('D01 backends that are ended %s cost no decision', async (name) => {
  const served = await benchWithServer();
  await underLoad(`ended ${name}`, served, async () => BACKENDS[name]?.(served.bench));
});

test('D02 a server that is stopped at once and started again costs no decision', async () => {
  const served = await benchWithServer();
  await underLoad('stopped at once', served, async () => {
    const pid = served.server.pid();
    process.kill(pid ?? 0, 'SIGQUIT');
    await eventually(async () => served.server.pid() !== undefined && served.server.pid() !== pid, 'the server');
  });
});

test('a server that takes no writes for three seconds, as a standby does, costs no decision', async () => {
  const served = await benchWithServer();
  const { sql } = served.bench;
  await underLoad('read-only', served, async () => {
    await sql.unsafe('alter database storyline set default_transaction_read_only = on');
    await terminate(served.bench, 'true');
    await wait(3000);
    // The session that takes it back is one of before.
    await sql.unsafe('set default_transaction_read_only = off');
    await sql.unsafe('alter database storyline reset default_transaction_read_only');
    await terminate(served.bench, 'true');
  });
});

const DISK_MB = 220;

/** A small disk of our own; undefined where one may not be mounted. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(fastFolder(), 'storyline-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=0755`, 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}

const disk = smallDisk();

const FULL = 'D07 a disk that is full for four seconds costs no decision';

test.skipIf(disk === undefined)(
  disk === undefined ? `${FULL} (skipped: no tmpfs may be mounted here)` : FULL,
  async () => {
    const folder = join(disk ?? '', 'data');
    mkdirSync(folder);
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk ?? ''], { stdio: 'pipe' });
      rmSync(disk ?? '', { recursive: true, force: true });
    });
    const served = await benchWithServer(folder);
    const ballast = join(disk ?? '', 'ballast');
    await underLoad('disk full', served, async () => {
      // What is left in the files that there are is soon used up; then nothing can grow.
      await served.bench.sql.unsafe(
        'create table filler as select repeat(md5(n::text), 20) as text from generate_series(1, 20) n',
      );
      fillDisk(ballast);
      await served.bench.sql
        .unsafe('insert into filler select repeat(md5(n::text), 20) from generate_series(1, 100000) n')
        .catch(() => undefined);
      await wait(4000);
      rmSync(ballast);
      await eventually(async () => (await served.bench.sql`select 1`).length === 1, 'the server to answer');
    });
  },
);

function fillDisk(file: string): void {
  const { bavail, bsize } = statfsSync(join(file, '..'));
  const chunk = Buffer.alloc(1024 * 1024);
  for (let left = bavail * bsize; left > 0; left -= chunk.length) {
    try {
      writeFileSync(file, chunk.subarray(0, Math.min(left, chunk.length)), { flag: 'a' });
    } catch {
      return;
    }
  }
}
