import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import type { Transaction } from '../../src/db/client.ts';
import { isDatabaseFailure, sqlState } from '../../src/db/database-errors.ts';
import { prepareStatement } from '../../src/db/prepared-statement.ts';
import { retryOnConflict } from '../../src/db/retry-on-conflict.ts';
import { OutsideError } from '../../src/lib/errors.ts';
import { testDatabase } from '../support/database.ts';

const { db, open, close } = await testDatabase();
afterAll(close);

test('D06: of two transactions that deadlock both are done, one of them at its second attempt', async () => {
  await db.execute(sql`drop table if exists crossed`);
  await db.execute(sql`create table crossed as select id, 0 as done from generate_series(1, 2) id`);
  const patient = open({ lockTimeoutMs: 5000 });
  const both = Promise.withResolvers<void>();
  let attempts = 0;
  let locked = 0;
  const cross = (first: number, second: number) =>
    patient.db.transaction(async (tx) => {
      attempts += 1;
      await tx.execute(sql`update crossed set done = done + 1 where id = ${first}`);
      locked += 1;
      // Both hold their first row: now neither can go on.
      if (locked === 2) both.resolve();
      await both.promise;
      await tx.execute(sql`update crossed set done = done + 1 where id = ${second}`);
    });
  await Promise.all([cross(1, 2), cross(2, 1)]);
  expect(attempts).toBe(3);
  expect(await db.execute(sql`select id, done from crossed order by id`)).toEqual([
    { id: 1, done: 2 },
    { id: 2, done: 2 },
  ]);
});

test('D06: a single statement that loses a deadlock is sent again', async () => {
  await db.execute(sql`create table pairs as select id, 0 as done from generate_series(1, 2) id`);
  // Locks its row first, then meets the other in the middle.
  await db.execute(sql`create function touch(first int, second int) returns void language plpgsql as $$ begin
    update pairs set done = done + 1 where id = first;
    perform pg_sleep(0.3);
    update pairs set done = done + 1 where id = second; end $$`);
  const patient = open({ lockTimeoutMs: 5000 });
  const touch = prepareStatement<'first' | 'second'>(
    patient.db,
    sql`select touch(${sql.placeholder('first')}::int, ${sql.placeholder('second')}::int)`,
  );
  await Promise.all([touch.run({ first: 1, second: 2 }), touch.run({ first: 2, second: 1 })]);
  expect(await db.execute(sql`select done from pairs`)).toEqual([{ done: 2 }, { done: 2 }]);
});

test('D06: of two serializable transactions that contradict each other the loser sees what the winner did', async () => {
  await db.execute(sql`create table counters as select 0 as n`);
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  const increment = async (tx: Transaction) => {
    const [row] = await tx.execute<{ n: number }>(sql`select n from counters`);
    arrived += 1;
    if (arrived === 2) both.resolve();
    await both.promise;
    await tx.execute(sql`update counters set n = ${(row?.n ?? 0) + 1}`);
  };
  const serializable = { isolationLevel: 'serializable' } as const;
  await Promise.all([db.transaction(increment, serializable), db.transaction(increment, serializable)]);
  expect(arrived).toBe(3);
  expect(await db.execute(sql`select n from counters`)).toEqual([{ n: 2 }]);
});

test.each([
  ['40P01', 'deadlock'],
  ['40001', 'serialization failure'],
])('D06: what always ends in %s is given up after three repetitions with a clear error', async (code, words) => {
  let attempts = 0;
  const failure = await db
    .transaction(async (tx) => {
      attempts += 1;
      await tx.execute(sql.raw(`do $$ begin raise exception using errcode = '${code}'; end $$`));
    })
    .catch((error: unknown) => error);
  expect(attempts).toBe(4);
  expect(failure).toBeInstanceOf(OutsideError);
  expect(String(failure)).toContain(`The database undid the same work 4 times in favour of others (${words})`);
  expect(sqlState(failure)).toBe(code);
  expect(isDatabaseFailure(failure)).toBe(true);
});

test('any other failure is thrown at once, as it is', async () => {
  let attempts = 0;
  const work = () => {
    attempts += 1;
    return db.execute(sql`select 1 / 0`).then((rows) => rows);
  };
  expect(sqlState(await retryOnConflict(work).catch((error: unknown) => error))).toBe('22012');
  expect(attempts).toBe(1);
});
