import { sql } from 'drizzle-orm';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { type Db, openDatabase } from '../../src/db/client.ts';
import { isDatabaseFailure } from '../../src/db/database-errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { testDatabase } from '../support/database.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { until } from '../support/until.ts';

const { db, target, close } = await testDatabase({ migrated: false });
afterAll(close);
await db.execute(sql`create table written (name text)`);

/** Without parameters: the driver sends further statements behind such a one and does not wait for its answer. */
const SLOW = sql`select pg_sleep(20)`;
/** With parameters: the driver waits for their types, and keeps what comes meanwhile. */
const SLOW_WITH_PARAMETER = sql`select pg_sleep(${20})`;
const write = (name: string) => sql`insert into written values (${name})`;

/** Where in a transaction the link is reset. Nothing of what it writes may remain. */
const PLACES: Readonly<Record<string, (work: { db: Db; reset: () => Promise<void> }) => Promise<unknown>>> = {
  'in a statement': async ({ db, reset }) => Promise.all([db.execute(SLOW), reset()]),
  'in a statement of a transaction': ({ db, reset }) =>
    db.transaction(async (tx) => {
      await tx.execute(write('first'));
      await Promise.all([tx.execute(SLOW), reset()]);
    }),
  'in a statement with parameters of a transaction': ({ db, reset }) =>
    db.transaction((tx) => Promise.all([tx.execute(SLOW_WITH_PARAMETER), reset()])),
  'in the second of three statements that were sent at once': ({ db, reset }) =>
    db.transaction((tx) =>
      Promise.all([tx.execute(write('first')), tx.execute(SLOW), tx.execute(write('third')), reset()]),
    ),
  'in a transaction within a transaction': ({ db, reset }) =>
    db.transaction((tx) => tx.transaction((inner) => Promise.all([inner.execute(SLOW), reset()]))),
};

test.each(Object.entries(PLACES))(
  'D01: a link that is reset %s ends that piece of work, and its connection serves the next one',
  async (_, run) => {
    const proxy = await openDatabaseProxy(target);
    // One connection, so that what is wrong with it shows.
    const database = openDatabase(
      { url: proxy.url() },
      { logger: silentLogger(), applicationName: 'reset', max: 1, lockTimeoutMs: 1000, statementTimeoutMs: 30_000 },
    );
    onTestFinished(() => database.close());
    const reset = async () => {
      await until(async () =>
        db.execute(sql`select from pg_stat_activity where application_name = 'reset' and wait_event = 'PgSleep'`),
      );
      proxy.reset();
    };
    const failure = await run({ db: database.db, reset }).then(
      () => 'it did not fail',
      (error: unknown) => error,
    );
    expect(isDatabaseFailure(failure)).toBe(true);
    for (const n of [1, 2, 3]) {
      expect(await database.db.execute(sql`select ${n}::int as n`)).toEqual([{ n }]);
      expect(await database.db.transaction((tx) => tx.execute(sql`select ${n}::int + 10 as n`))).toEqual([
        { n: n + 10 },
      ]);
    }
    expect(await db.execute(sql`select name from written`)).toEqual([]);
  },
);
