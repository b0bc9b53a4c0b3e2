import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { TestDatabase } from '../support/database.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';

/** What goes wrong while a step is under way. */
export type Fault =
  /** kill -9 as soon as the bot makes this call (which then never arrives), or when the step is over without it. */
  | { kind: 'killed at a call'; method: 'answerCallbackQuery' | 'editMessageCaption' | 'sendPhoto' | 'getChatMember' }
  | { kind: 'killed'; afterMs: number }
  /** The next statement does not reach the server; or it does, and the answer is lost. */
  | { kind: 'database cut'; when: 'before' | 'after'; times: number }
  /** Nothing comes through for so long, and nobody is told. */
  | { kind: 'database silent'; forMs: number }
  /** The server ends all connections and takes no new ones. */
  | { kind: 'database stopped'; forMs: number };

/** How the faults of the model happen to a bot behind a `door`; `restart` kills it and starts it anew. */
export function createTeamFaults(bench: {
  telegram: Simulator;
  test: TestDatabase;
  door: TcpProxy;
  restart: () => Promise<void>;
  /** Resolves when nothing is left to do. */
  quiet: () => Promise<void>;
}) {
  const { telegram, test, door, restart, quiet } = bench;
  /** Resolves when the bot made the call at which it is to be killed. */
  let reached: Promise<void> | undefined;

  /** The server as it looks when it is stopped: open connections end, new ones are refused. */
  async function stopServer(forMs: number): Promise<void> {
    const ofBot = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${test.name}
      and application_name like 'storyline%' and application_name <> 'storyline tests'`;
    await test.db.execute(sql.raw(`alter database ${test.name} connection limit 0`));
    await test.db.execute(ofBot);
    await wait(forMs);
    await test.db.execute(sql.raw(`alter database ${test.name} connection limit -1`));
  }

  return {
    /** Before the step: what only waits for it. */
    prepare(coming: Fault): void {
      switch (coming.kind) {
        case 'killed at a call': {
          const { promise, resolve } = Promise.withResolvers<void>();
          reached = promise;
          telegram.arm(
            coming.method,
            { delayMs: 600_000 },
            {
              where() {
                resolve();
                return true;
              },
            },
          );
          return;
        }
        case 'database cut':
          door.set({ kind: `cut ${coming.when}`, times: coming.times });
          return;
        case 'database silent':
          door.set({ kind: 'black hole' });
          return;
        default:
          return;
      }
    },

    /** Behind the press of a button, which is on its way. */
    async carryOut(coming: Fault): Promise<void> {
      switch (coming.kind) {
        case 'killed at a call':
          await Promise.race([reached, quiet()]);
          return restart();
        case 'killed':
          await wait(coming.afterMs);
          return restart();
        case 'database silent':
          await wait(coming.forMs);
          door.set({ kind: 'open' });
          return;
        case 'database stopped':
          return stopServer(coming.forMs);
        case 'database cut':
          return;
      }
    },
  };
}
