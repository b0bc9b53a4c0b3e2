/*
 * The export for Personalize against a bare COPY of the same lines into a file, and with marking against that COPY and one
 * UPDATE; and the most memory at the full number of rows and at five times as many. Used by bench.ts; writes into a
 * database and a folder of its own (6 GB for the full amount).
 */
import { execFile } from 'node:child_process';
import { createWriteStream, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { exportForPersonalize } from '../../src/item-interactions/personalize-export.ts';
import type { Amount } from './bench.ts';
import { readLimitFile } from './limit-file.ts';
import { amountResult, type Result, timeResult } from './result.ts';
import { type BenchDatabase, type BenchServer, temporaryFolder } from './server.ts';
import { takeTurns } from './take-turns.ts';

const ROUNDS = 5;
/** The larger amount for memory, in times of the smaller. */
const MORE = 5;

export async function measureExports(server: BenchServer, amount: Amount): Promise<Result[]> {
  const bench = await server.createDatabase();
  const folder = temporaryFolder();
  try {
    await load(bench, 1, amount.rows);
    const results = [
      ...(await measureTimes(bench, folder, amount)),
      amountResult(`export of ${amount.rows} rows: most memory`, await peakMb(bench, folder), 'MB', 200),
    ];
    const small = await peakMb(bench, folder);
    await load(bench, amount.rows + 1, amount.rows * MORE);
    const large = await peakMb(bench, folder);
    const growth = { figure: `export of ${amount.rows * MORE} rows: most memory`, measured: `${large.toFixed(0)} MB` };
    const ratio = large / small;
    return [...results, { ...growth, limit: `${small.toFixed(0)} MB`, ratio, goal: '≤ 1.1 x', isOk: ratio <= 1.1 }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await server.dropDatabase(bench);
  }
}

/** Three types, twenty thousand people, half of them known by an external id only; in no order of time. */
async function load({ sql }: BenchDatabase, first: number, last: number): Promise<void> {
  await sql`
    insert into users (external_id, first_name)
    select 'linked-' || n, 'Person' from generate_series(1, 1000) as n on conflict do nothing`;
  await sql`
    insert into item_interactions (user_id, external_user_id, item_id, event_type, event_value, occurred_at, source)
    select case when n % 2 = 0 then person.ids[1 + n / 2 % 1000] end,
           case when n % 2 = 1 then 'p' || n % 20000 end,
           'item-' || n / 3 % 100000, (array['UPVOTE', 'CLICK', 'POSTED'])[1 + n % 3], 1,
           timestamptz '2025-01-01' + (n * 7919::bigint % 31536000) * interval '1 second', 'bench'
    from generate_series(${first}::int, ${last}::int) as n, (select array_agg(id) as ids from users) as person
    on conflict do nothing`;
  await sql`vacuum analyze item_interactions`;
}

async function measureTimes(bench: BenchDatabase, folder: string, amount: Amount): Promise<Result[]> {
  const client = new pg.Client({ connectionString: bench.url });
  await client.connect();
  const request = { range: { since: null, until: null }, format: 'personalize', withReadiness: false } as const;
  const paths = { byHand: join(folder, 'by-hand.csv'), ours: join(folder, 'ours.csv') };
  const unmark = async () => {
    await bench.sql`update item_interactions set synced_at = null where synced_at is not null`;
    await bench.sql`vacuum item_interactions`;
  };
  const byHand = () =>
    pipeline(
      client.query(copyTo(readLimitFile('personalize-export'))),
      createWriteStream(paths.byHand, { flush: true }),
    );
  const ours = (markSynced: boolean) =>
    exportForPersonalize({ target: bench.target, now: new Date() }, { ...request, path: paths.ours, markSynced });
  try {
    const plain = await takeTurns({ limit: byHand, ours: () => ours(false) }, { rounds: amount.isQuick ? 2 : ROUNDS });
    if (statSync(paths.byHand).size !== statSync(paths.ours).size) throw new Error('the files are not the same');

    // Unmarking is no part of either: it is done before each and its time is taken off.
    const times = { limit: [] as number[], ours: [] as number[] };
    for (let round = 0; round < (amount.isQuick ? 1 : 3); round += 1) {
      for (const name of round % 2 === 0 ? (['limit', 'ours'] as const) : (['ours', 'limit'] as const)) {
        await unmark();
        const before = performance.now();
        if (name === 'ours') await ours(true);
        else {
          await byHand();
          await client.query(readLimitFile('personalize-mark'));
        }
        times[name].push(performance.now() - before);
      }
    }
    const middle = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
    return [
      timeResult('export for Personalize / COPY', plain, 2),
      timeResult('the same marked / COPY and UPDATE', { ours: middle(times.ours), limit: middle(times.limit) }, 1.3),
    ];
  } finally {
    await client.end();
  }
}

async function peakMb(bench: BenchDatabase, folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-semi-space-size=2', new URL('export-once.ts', import.meta.url).pathname],
    { env: { ...process.env, BENCH_TARGET: bench.url, BENCH_FILE: join(folder, 'once.csv') } },
  );
  return Number(stdout);
}
