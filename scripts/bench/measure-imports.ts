/*
 * The import of item interactions in batches of 1000 against one hand-written statement over the same upvotes, and its
 * most memory at the full number of rows and at five times as many. Used by bench.ts; writes into a database of its own
 * (5 GB for the full amount).
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Amount } from './bench.ts';
import { readLimitStatement, runLimit } from './limit-file.ts';
import { amountResult, type Result, timeResult } from './result.ts';
import type { BenchDatabase, BenchServer } from './server.ts';
import { median } from './take-turns.ts';

/** The larger amount for memory, in times of the smaller. */
const MORE = 5;
const PEOPLE = 20_000;

export async function measureImports(server: BenchServer, { rows, isQuick }: Amount): Promise<Result[]> {
  const bench = await server.createDatabase();
  try {
    await load(bench, 1, rows);
    const times = { limit: [] as number[], ours: [] as number[] };
    const peaks: number[] = [];
    for (let round = 0; round < (isQuick ? 1 : 5); round += 1) {
      for (const name of round % 2 === 0 ? (['limit', 'ours'] as const) : (['ours', 'limit'] as const)) {
        await empty(bench);
        if (name === 'limit') times.limit.push(await importByHand(bench));
        else {
          const { ms, peakMb } = await importOnce(bench);
          times.ours.push(ms);
          peaks.push(peakMb);
        }
        await checkCount(bench);
      }
    }
    const small = median(peaks);
    await load(bench, rows + 1, rows * MORE);
    await empty(bench);
    const { peakMb: large } = await importOnce(bench);
    const ratio = large / small;
    return [
      timeResult(
        `import of ${rows} upvotes / one statement`,
        { ours: median(times.ours), limit: median(times.limit) },
        1.25,
      ),
      amountResult('  most memory', small, 'MB', 200),
      {
        figure: `  most memory for ${rows * MORE}`,
        measured: `${large.toFixed(0)} MB`,
        limit: `${small.toFixed(0)} MB`,
        ratio,
        goal: '≤ 1.1 x',
        isOk: ratio <= 1.1,
      },
    ];
  } finally {
    await server.dropDatabase(bench);
  }
}

/**
 * Upvotes in the order in which they were given, of twenty thousand people on fifty thousand items; one in fifty was taken
 * back, one in a thousand names nobody. Person and item are spread so that no pair comes twice.
 */
async function load({ sql }: BenchDatabase, first: number, last: number): Promise<void> {
  await sql`
    insert into users (external_id, first_name)
    select 'person-' || n, 'Person' from generate_series(1, ${PEOPLE}::int) as n on conflict do nothing`;
  await sql`
    insert into upvotes (user_id, item_id, created_at, withdrawn_at)
    select case when n % 1000 <> 7 then person.ids[1 + (n * 7919::bigint + n / ${PEOPLE}) % ${PEOPLE}] end,
           md5((n / ${PEOPLE} * 1000 + n % 1000)::text)::uuid::text,
           timestamptz '2025-01-01' + n * interval '5 seconds', case when n % 50 = 3 then now() end
    from generate_series(${first}::int, ${last}::int) as n, (select array_agg(id) as ids from users) as person
    on conflict do nothing`;
  await sql`vacuum (analyze) upvotes`;
  await sql`analyze users`;
}

/** As it was before, for the server's log and cache too. */
async function empty({ sql }: BenchDatabase): Promise<void> {
  await sql`truncate item_interactions`;
  await sql`checkpoint`;
}

async function importByHand({ sql }: BenchDatabase): Promise<number> {
  const statement = readLimitStatement('item-import');
  const before = performance.now();
  await runLimit(sql, statement);
  return performance.now() - before;
}

/** In a process of its own, which is not part of the time. */
async function importOnce(bench: BenchDatabase): Promise<{ created: number; ms: number; peakMb: number }> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--max-semi-space-size=2', new URL('import-once.ts', import.meta.url).pathname],
    { env: { ...process.env, BENCH_TARGET: bench.url } },
  );
  return JSON.parse(stdout);
}

async function checkCount({ sql }: BenchDatabase): Promise<void> {
  const [row] = await sql<{ wanted: number; found: number }[]>`
    select (select count(*) from upvotes where withdrawn_at is null and user_id is not null)::float8 as wanted,
           (select count(*) from item_interactions)::float8 as found`;
  if (row?.wanted !== row?.found) throw new Error(`imported ${row?.found} of ${row?.wanted} rows`);
}
