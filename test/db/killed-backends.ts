/**
 * Run by killed-backends.test.ts in a process of its own: what the driver does when a backend dies ended the whole
 * process before it was patched. Prints one line of JSON for each case.
 *
 *     node killed-backends.ts <address of an empty database>
 */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { connect } from '../../src/db/connect.ts';
import { databaseFailureReason } from '../../src/db/database-errors.ts';

const VICTIM = 'storyline victim';
const url = process.argv[2] ?? '';
const admin = connect({ url }, { applicationName: 'storyline killer', max: 1 });

/** The pool says so when a connection has closed. */
let closed = 0;
const logger = pino(
  { level: 'debug' },
  {
    write: () => {
      closed += 1;
    },
  },
);

/** Kills every connection of the pool, and returns when the pool knows. */
async function kill(): Promise<void> {
  const before = closed;
  const killed = await admin`
    select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${VICTIM}`;
  while (closed < before + killed.length) await turn();
}

async function killWhileItSleeps(): Promise<void> {
  for (let found = 0; found === 0; ) {
    const sleeping = await admin`
      select from pg_stat_activity where application_name = ${VICTIM} and wait_event = 'PgSleep'`;
    found = sleeping.length;
  }
  await kill();
}

const insert = (name: string) => sql`insert into written values (${name})`;

/** Each fails at the place that its name tells. Nothing of what they insert may remain. */
const cases: Record<string, (database: Database) => Promise<unknown>> = {
  idle: async ({ ping }) => {
    await ping();
    await kill();
  },
  'in a transaction': ({ db }) =>
    db.transaction(async (tx) => {
      await tx.execute(insert('first'));
      await kill();
      await tx.execute(insert('second'));
    }),
  'in a transaction, its connection taken by others meanwhile': ({ db, ping }) =>
    db.transaction(async (tx) => {
      await tx.execute(insert('first'));
      await kill();
      await ping();
      await tx.execute(insert('second'));
    }),
  'in a transaction that goes on in spite of failures': ({ db }) =>
    db.transaction(async (tx) => {
      await tx.execute(insert('first'));
      await kill();
      await tx.execute(insert('second')).catch(() => undefined);
      await Promise.allSettled([tx.execute(insert('third')), tx.execute(insert('fourth'))]);
    }),
  'in a query': ({ db }) => Promise.all([db.execute(sql`select pg_sleep(${30})`), killWhileItSleeps()]),
  'in a query of a transaction': ({ db }) =>
    db.transaction((tx) => Promise.all([tx.execute(sql`select pg_sleep(${30})`), killWhileItSleeps()])),
  'before commit': ({ db }) =>
    db.transaction(async (tx) => {
      await tx.execute(insert('first'));
      await kill();
    }),
  'at commit': async ({ db }) => {
    const transaction = db.transaction(async (tx) => {
      await tx.execute(insert('first'));
      await tx.execute(sql`insert into slow_at_commit values (1)`);
    });
    await Promise.all([transaction, killWhileItSleeps()]);
  },
  'in thirty transactions at once': async ({ db }) => {
    const work = Array.from({ length: 30 }, () =>
      db.transaction(async (tx) => {
        await tx.execute(insert('first'));
        await tx.execute(sql`select pg_sleep(${30})`);
      }),
    );
    const settled = Promise.allSettled(work);
    const killing = setInterval(() => void kill(), 20);
    await killWhileItSleeps();
    const failed = (await settled).find((one) => one.status === 'rejected');
    clearInterval(killing);
    throw failed?.reason;
  },
};

async function outcome(name: string, run: (database: Database) => Promise<unknown>): Promise<unknown> {
  // One connection, so that what is wrong with it shows.
  const database = openDatabase(
    { url },
    { logger, applicationName: VICTIM, max: 1, lockTimeoutMs: 1000, statementTimeoutMs: 60_000 },
  );
  const failure = await run(database).then(
    () => 'none',
    (error: unknown) => (databaseFailureReason(error) === undefined ? String(error) : 'of the database'),
  );
  const answers = await Promise.allSettled(Array.from({ length: 10 }, database.ping));
  const healthy = answers.every((answer) => answer.status === 'fulfilled');
  await delay(20);
  const written = await admin`select name from written`;
  await database.close();
  return { name, failure, healthy, written: written.map((row) => row.name) };
}

await admin`create table written (name text)`;
await admin`create table slow_at_commit (id int)`;
await admin`
  create function sleep() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return null; end $$`;
await admin`
  create constraint trigger sleep after insert on slow_at_commit deferrable initially deferred
  for each row execute function sleep()`;
for (const [name, run] of Object.entries(cases)) {
  process.stdout.write(`${JSON.stringify(await outcome(name, run))}\n`);
}
await admin.end();
