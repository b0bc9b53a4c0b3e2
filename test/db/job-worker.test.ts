import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addJob, addToBatch } from '../../src/db/add-job.ts';
import { migrateJobs, startJobWorker } from '../../src/db/job-worker.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

const logger = silentLogger();
const KEY = 'album:1:2';
let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await migrateJobs(database.target, logger);
});
afterEach(() => database.close());

const add = (entry: unknown, delayMs: number) => addToBatch(database.db, 'gather', entry, { key: KEY, delayMs });
const jobs = () => database.db.execute(sql`select * from graphile_worker.jobs order by id`);

/** Runs jobs until `count` were done. Returns their payloads, in order. */
async function done(count: number): Promise<unknown[]> {
  const payloads: unknown[] = [];
  const run = async (payload: unknown) => void payloads.push(payload);
  const worker = await startJobWorker({ target: database.target, jobs: { gather: run, other: run }, logger });
  await until(async () => (payloads.length >= count ? [true] : []));
  await worker.stop();
  return payloads;
}

test('entries under one key are one job, which gets all of them', async () => {
  expect(await add('a', 3_600_000)).toEqual(['a']);
  expect(await add('b', 3_600_000)).toEqual(['a', 'b']);
  expect(await add('c', 0)).toEqual(['a', 'b', 'c']);
  expect(await done(1)).toEqual([['a', 'b', 'c']]);
  expect(await jobs()).toHaveLength(0);
});

test('a job whose process was killed runs at the next start', async () => {
  await addJob(database.db, 'other', { id: 1 }, { key: 'one' });
  await database.db.execute(
    sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'dead', attempts = 1`,
  );
  expect(await done(1)).toEqual([{ id: 1 }]);
});

test('a job that was killed after a later entry had taken its attempts away runs at the next start all the same', async () => {
  await add('a', 0);
  await database.db.execute(
    sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'dead', attempts = 1`,
  );
  expect(await add('late', 0)).toEqual(['late']);
  expect(await jobs()).toMatchObject([
    { key: null, attempts: 10 },
    { key: KEY, attempts: 0 },
  ]);
  expect((await done(2)).sort()).toEqual([['a'], ['late']]);
  expect(await jobs()).toHaveLength(0);
});

// Found by test/faults: the worker does not wait for the statement that says so.
test('a job that ends while the worker stops is done, and does not come again', async () => {
  for (let round = 0; round < 10; round += 1) {
    await addJob(database.db, 'other', { round }, { key: `round ${round}` });
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const other = async () => {
      begun.resolve();
      await end.promise;
    };
    const worker = await startJobWorker({ target: database.target, jobs: { other }, logger });
    await begun.promise;
    const stopped = worker.stop();
    end.resolve();
    await stopped;
    expect(await jobs()).toEqual([]);
  }
});
