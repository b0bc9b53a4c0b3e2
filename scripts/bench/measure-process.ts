/*
 * Figures of the process: from spawning it to the first 200 of /healthz on existing data, its memory when idle, the
 * memory of the embedded server, and, for information, what doing nothing costs. Used by bench.ts; everything lies in
 * temporary folders. With another server the bot uses that one, and the figures of the embedded server are left out.
 */
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { openDatabase } from '../../src/db/client.ts';
import { connect } from '../../src/db/connect.ts';
import { startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { migrateJobs } from '../../src/db/job-worker.ts';
import { migrate } from '../../src/db/migrate.ts';
import { processesIn } from '../../src/db/proc.ts';
import { serverFolders } from '../../src/db/server-folders.ts';
import type { DatabaseTarget } from '../../src/db/target.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Amount } from './bench.ts';
import { CHAT_ID, createTeam, deliverCards } from './deliver-cards.ts';
import { createPeople, loadActivity } from './load-activity.ts';
import { cpuSeconds, proportionalMb, residentMb } from './process-facts.ts';
import { amountResult, type Result } from './result.ts';
import { type RunningBot, runBot } from './run-bot.ts';
import { type BenchServer, temporaryFolder } from './server.ts';
import { median } from './take-turns.ts';

const IDLE_BEFORE_MS = 10_000;
/** A year of a team of five: 30 cards a day, each with a tap and some answers. */
const EXISTING_ROWS = 50_000;
/** As the pools in app.ts. */
const MAIN_POOL = 6;
const REPORTS_POOL = 2;

export async function measureProcess(server: BenchServer, { isQuick }: Amount): Promise<Result[]> {
  const folder = temporaryFolder();
  const telegram = await startSimulator({ clock: createSettableClock({ ticking: true }), keepHistory: false });
  const alice = telegram.createPerson({ first_name: 'Alice', username: 'alice', id: 101 });
  telegram.createGroup({ title: 'Team', id: CHAT_ID, members: [alice], botIsAdministrator: true });
  const external = server.kind === 'external' ? await server.createDatabase() : undefined;
  const start = () =>
    runBot(folder, {
      BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      ADMIN_TELEGRAM_IDS: String(alice.id),
      TEAM_CHAT_ID: String(CHAT_ID),
      ...(external ? { DATABASE_URL: external.url } : {}),
    });
  let bot: RunningBot | undefined;
  try {
    const first = await start();
    await first.stop();
    if (external) await fill(external.target);
    else await withServer(folder, fill);

    const starts: number[] = [];
    for (let round = 0; round < (isQuick ? 2 : 7); round += 1) {
      await bot?.stop();
      bot = await start();
      starts.push(bot.startMs);
    }
    if (!bot) throw new Error('unreachable');
    const results = [
      amountResult(`start: spawn to healthy`, median(starts) / 1000, 's', 3),
      amountResult('  the slowest', Math.max(...starts) / 1000, 's'),
      amountResult('  the first, on an empty folder', first.startMs / 1000, 's'),
    ];
    results.push(...(await idle(bot, external?.target ?? embeddedTarget(folder), folder, isQuick ? 10_000 : 60_000)));
    if (!external) results.push(await freshServer());
    return results;
  } finally {
    await bot?.stop();
    await telegram.stop();
    if (external) await server.dropDatabase(external);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Memory of the bot after ten seconds of nothing to do; then what nothing costs. */
async function idle(bot: RunningBot, target: DatabaseTarget, folder: string, watchMs: number): Promise<Result[]> {
  await wait(IDLE_BEFORE_MS);
  const client = connect(target, { applicationName: 'storyline bench', max: 1 });
  const backends = () => processesIn(serverFolders(folder).cluster);
  const look = async () => {
    const [row] = await client<{ transactions: number }[]>`
      select sum(xact_commit + xact_rollback)::int as transactions from pg_stat_database where datname = current_database()`;
    return {
      transactions: row?.transactions ?? 0,
      resident: residentMb(bot.pid),
      cpu: cpuSeconds([bot.pid]),
      serverCpu: cpuSeconds(backends()),
      at: performance.now(),
    };
  };
  try {
    const before = await look();
    await wait(watchMs);
    const after = await look();
    const seconds = (after.at - before.at) / 1000;
    return [
      amountResult('memory: bot, idle (RSS)', before.resident, 'MB', 170),
      amountResult(`  ${Math.round(seconds)} s later`, after.resident, 'MB'),
      amountResult('  transactions a minute, idle', ((after.transactions - before.transactions) * 60) / seconds, ''),
      amountResult('  CPU of the bot, idle', ((after.cpu - before.cpu) * 100) / seconds, '%'),
      amountResult('  CPU of the embedded server, idle', ((after.serverCpu - before.serverCpu) * 100) / seconds, '%'),
      amountResult('  embedded server beside the idle bot (PSS)', proportionalMb(backends()), 'MB'),
    ];
  } finally {
    await client.end();
  }
}

/** The embedded server just after its creation, every connection of the bot's pools open and used once. */
async function freshServer(): Promise<Result> {
  const folder = temporaryFolder();
  try {
    return await withServer(folder, async (target) => {
      await migrate(target, { logger: silentLogger() });
      await migrateJobs(target, silentLogger());
      const open = (max: number) =>
        openDatabase(target, {
          logger: silentLogger(),
          applicationName: 'storyline bench',
          max,
          lockTimeoutMs: 300,
          statementTimeoutMs: 10_000,
        });
      const pools = [open(MAIN_POOL), open(REPORTS_POOL)];
      await Promise.all(
        [MAIN_POOL, REPORTS_POOL].flatMap((max, pool) =>
          Array.from({ length: max }, () => pools[pool]?.db.execute(sql`select count(*), pg_sleep(0.3) from users`)),
        ),
      );
      const megabytes = proportionalMb(processesIn(serverFolders(folder).cluster));
      await Promise.all(pools.map((pool) => pool.close()));
      return amountResult('memory: embedded server, fresh, pools open (PSS)', megabytes, 'MB', 60);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function embeddedTarget(folder: string): DatabaseTarget {
  return { host: serverFolders(folder).socket, port: 5432, user: 'storyline', database: 'storyline' };
}

async function withServer<T>(folder: string, work: (target: DatabaseTarget) => Promise<T>): Promise<T> {
  const server = await startEmbeddedServer({ dataDir: folder, logger: silentLogger(), purpose: 'bench' });
  try {
    return await work(server.connection);
  } finally {
    await server.stop();
  }
}

async function fill(target: DatabaseTarget): Promise<void> {
  const client = connect(target, { applicationName: 'storyline bench', max: 1 });
  try {
    await createTeam(client);
    await deliverCards(client, 1000);
    await client`update queue_items set status = 'posted'`;
    const until = new Date();
    const year = { since: new Date(until.getTime() - 365 * 86_400_000), until, count: EXISTING_ROWS };
    await loadActivity(client, [year], await createPeople(client));
  } finally {
    await client.end();
  }
}
