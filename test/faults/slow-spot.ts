import type { Connection } from '../../src/db/connect.ts';
import { eventually } from './fault-bench.ts';

/** A place in the database at which whoever comes by sleeps. */
export type SlowSpot = {
  /** Resolves when somebody sleeps there. */
  reached(): Promise<void>;
  /** Ends the connections that sleep there, as a power cut does; nothing of theirs is committed. */
  endSleepers(): Promise<void>;
  /** Waits until nobody sleeps there any more, and takes the place away. */
  remove(): Promise<void>;
};

/**
 * Puts a sleep before the rows that `when` (over `old` and `new`) describes are written or deleted, or, with `atCommit`, into the
 * commit of their transaction. Works for one spot at a time in a database.
 */
export async function slowSpot(
  sql: Connection,
  spot: { table: string; event: 'insert' | 'update' | 'delete'; when?: string; seconds?: number; atCommit?: boolean },
): Promise<SlowSpot> {
  const { table, event, when = 'true', seconds = 9, atCommit = false } = spot;
  const condition = `if ${when} then perform pg_sleep(${seconds}); end if;
    return ${event === 'delete' ? 'old' : 'new'};`;
  await sql.unsafe(
    `create or replace function wait_here() returns trigger language plpgsql as $$ begin ${condition} end $$`,
  );
  await sql.unsafe(
    atCommit
      ? `create constraint trigger wait_here after ${event} on ${table} deferrable initially deferred
         for each row execute function wait_here()`
      : `create trigger wait_here before ${event} on ${table} for each row execute function wait_here()`,
  );
  const sleepers = () => sql<{ pid: number }[]>`
    select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`;
  return {
    reached: () => eventually(async () => (await sleepers()).length > 0, 'somebody to reach the slow spot'),
    async endSleepers() {
      for (const { pid } of await sleepers()) await sql`select pg_terminate_backend(${pid})`;
    },
    async remove() {
      await eventually(async () => (await sleepers()).length === 0, 'the sleepers to wake up');
      await sql.unsafe(`drop trigger wait_here on ${table}`);
    },
  };
}
