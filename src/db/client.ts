import { sql } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { OutsideError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { connect } from './connect.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import * as schema from './schema/index.ts';
import type { DatabaseTarget } from './target.ts';

/** Drizzle over the pool, with the schema. */
export type Db = PostgresJsDatabase<typeof schema>;
/** What `db.transaction` hands to its callback. */
export type Transaction = Parameters<Parameters<Db['transaction']>[0]>[0];
/** Something that runs statements: the pool, or a transaction. */
export type Executor = Db | Transaction;

export type Database = {
  readonly db: Db;
  /** Asks the server for an answer. Throws OutsideError when it does not come within two seconds. */
  ping(): Promise<void>;
  /** Lets running statements finish for at most five seconds, then cuts them. May be called again. */
  close(): Promise<void>;
};

export type DatabaseOptions = {
  readonly logger: Logger;
  readonly applicationName: string;
  /** Connections at most. */
  readonly max?: number;
  /** After waiting this long for a lock a statement fails with 55P03 (`isLockTimeout`). */
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** How much longer than that to wait for a server that says nothing at all, before the connection is given up. */
  readonly silenceGraceMs?: number;
};

/** Six: one update at a time needs one or two, HTTP and jobs run beside it; each costs the server 3.3 MB. */
const DEFAULT_CONNECTIONS = 6;
const IDLE_IN_TRANSACTION_MS = 15_000;
const PING_DEADLINE_MS = 2_000;
const CLOSE_DEADLINE_SECONDS = 5;
/** The server ends a statement itself; what it says then, and whatever its disk takes for a commit, gets this long. */
const SILENCE_GRACE_MS = 5_000;
const QUIET_MS = 60_000;

/**
 * Opens a pool. Nothing is connected before the first statement, so this never fails for want of a server.
 * A server that goes away and comes back needs no new pool: statements fail meanwhile (`isDatabaseFailure`), the
 * next one after its return connects again. Every statement has an end on our side too: one that the server leaves
 * without a word beyond its time limit fails, and so does its transaction (ServerSocket).
 * A transaction that gave way to another (deadlock, serialization) is done again, so its callback changes nothing
 * outside of it (`retryOnConflict`).
 */
export function openDatabase(target: DatabaseTarget, options: DatabaseOptions): Database {
  const limitMs = options.statementTimeoutMs + (options.silenceGraceMs ?? SILENCE_GRACE_MS);
  const client = connect(target, {
    applicationName: options.applicationName,
    max: options.max ?? DEFAULT_CONNECTIONS,
    silence: {
      limitMs,
      quietMs: Math.max(QUIET_MS, limitMs),
      onSilent: () => options.logger.info({ application: options.applicationName, limitMs }, 'cut a silent connection'),
    },
    parameters: {
      lock_timeout: options.lockTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    },
    onClose: () => options.logger.debug({ application: options.applicationName }, 'database connection closed'),
  });
  const db = drizzle({ client, schema });
  const transaction = db.transaction.bind(db);
  db.transaction = (work, config) => retryOnConflict(() => transaction(work, config));
  return {
    db,
    ping: () => withDeadline(db.execute(sql`select 1`), PING_DEADLINE_MS),
    close: () => client.end({ timeout: CLOSE_DEADLINE_SECONDS }),
  };
}

async function withDeadline(work: PromiseLike<unknown>, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new OutsideError('postgres', `did not answer within ${deadlineMs} ms`, { retryable: true })),
      deadlineMs,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
