import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlState } from '../../src/db/database-errors.ts';
import { prepareStatement } from '../../src/db/prepared-statement.ts';
import { users } from '../../src/db/schema/index.ts';
import { testDatabase } from '../support/database.ts';

const { db, open, close } = await testDatabase();
afterAll(close);
beforeAll(async () => {
  await db.execute(sql`create table notes (id int primary key, note text)`);
});

const insert = prepareStatement<'id' | 'note'>(
  db,
  sql`insert into notes values (${sql.placeholder('id')}, ${sql.placeholder('note')}) returning id, note`,
);

test('runs with the values of its placeholders and returns rows', async () => {
  expect(await insert.run({ id: 1, note: "it's" })).toEqual([{ id: 1, note: "it's" }]);
  expect(await insert.run({ id: 2, note: null })).toEqual([{ id: 2, note: null }]);
  expect(insert.text).toBe('insert into notes values ($1, $2) returning id, note');
});

test('the server keeps the statement and its plan', async () => {
  const single = open({ max: 1 });
  const statement = prepareStatement<'n'>(single.db, sql`select ${sql.placeholder('n')}::int + 41 as n`);
  for (let time = 0; time < 10; time += 1) expect(await statement.run({ n: 1 })).toEqual([{ n: 42 }]);
  const kept = await single.db.execute(
    sql`select generic_plans, custom_plans from pg_prepared_statements where statement = ${statement.text}`,
  );
  expect(kept).toMatchObject([{ generic_plans: 5, custom_plans: 5 }]);
});

test('inside a transaction it is part of the transaction', async () => {
  const attempt = db.transaction(async (tx) => {
    await insert.run({ id: 10, note: 'rolled back' }, tx);
    expect(await tx.execute(sql`select note from notes where id = 10`)).toMatchObject([{ note: 'rolled back' }]);
    throw new Error('changed my mind');
  });
  await expect(attempt).rejects.toThrow('changed my mind');
  await db.transaction((tx) => insert.run({ id: 11, note: 'kept' }, tx));
  expect(await db.execute(sql`select id from notes where id in (10, 11)`)).toMatchObject([{ id: 11 }]);
});

test('takes every kind of value', async () => {
  const statement = prepareStatement<'n' | 'big' | 'yes' | 'at' | 'list' | 'json' | 'nothing'>(
    db,
    sql`select ${sql.placeholder('n')}::int as n, ${sql.placeholder('big')}::bigint as big,
               ${sql.placeholder('yes')}::boolean as yes, ${sql.placeholder('at')}::timestamptz as at,
               ${sql.placeholder('list')}::bigint[] as list, ${sql.placeholder('json')}::text::jsonb as json,
               ${sql.placeholder('nothing')}::text as nothing`,
  );
  const values = { n: 1, big: -1001234567890123, yes: true, list: [1, 4503599627370495], nothing: null };
  const at = new Date('2026-11-20T10:55:00Z');
  const json = { items: ['a "quoted" one'] };
  expect(await statement.run({ ...values, at, json: JSON.stringify(json) })).toEqual([
    { ...values, at: '2026-11-20 10:55:00+00', json },
  ]);
});

test('knows tables and columns of the schema', async () => {
  const statement = prepareStatement<'id'>(
    db,
    sql`select count(*) as found from ${users} where ${users.telegramUserId} = ${sql.placeholder('id')}`,
  );
  expect(await statement.run({ id: 4503599627370495 })).toEqual([{ found: 0 }]);
});

test('a failure carries the SQLSTATE, and the statement works again afterwards', async () => {
  const failure = await insert.run({ id: 1, note: 'twice' }).catch((error: unknown) => error);
  expect(sqlState(failure)).toBe('23505');
  expect(await insert.run({ id: 20, note: 'after' })).toHaveLength(1);
});

test('goes on when the table has changed since it was prepared', async () => {
  const single = open({ max: 1 });
  await single.db.execute(sql`create table changing (a int)`);
  await single.db.execute(sql`insert into changing values (1)`);
  const statement = prepareStatement(single.db, sql`select * from changing`);
  for (let time = 0; time < 6; time += 1) await statement.run({});
  await single.db.execute(sql`alter table changing add column b int default 2`);
  expect(await statement.run({})).toEqual([{ a: 1, b: 2 }]);
});

test('goes on after its connection was replaced', async () => {
  const single = open({ max: 1, applicationName: 'replaced' });
  const statement = prepareStatement<'n'>(single.db, sql`select ${sql.placeholder('n')}::int as n`);
  expect(await statement.run({ n: 1 })).toEqual([{ n: 1 }]);
  await single.db.execute(sql`select pg_terminate_backend(pg_backend_pid())`).catch(() => undefined);
  expect(await statement.run({ n: 2 })).toEqual([{ n: 2 }]);
});
