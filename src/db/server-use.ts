import { connect } from './connect.ts';
import { sqlState } from './database-errors.ts';
import { openLockSession } from './lock-session.ts';
import { type SocketTarget, withDatabase } from './target.ts';

/** Our share in a server that several processes use. */
export type ServerUse = {
  /**
   * Gives the share back. True when nobody else has one: then this process must stop the server, and others that come
   * at this moment wait until it is gone.
   */
  leave(): Promise<boolean>;
  close(): Promise<void>;
};

/**
 * Every process holds this lock shared for as long as it uses the server. Who can take it alone on leaving was the
 * last. (Counting connections instead does not work: three processes that left together all saw the others, and
 * nobody stopped the server.) It is held in the maintenance database, so ours can be dropped and restored.
 */
const USE_LOCK = 7_403_000;
const MAINTENANCE_DATABASE = 'postgres';

/**
 * The server is on this machine, so only one that is frozen, or whose disk is, says nothing for so long. The lock is
 * waited for while the last user stops the server, which gets a minute for it (server-process.ts) and cuts us then.
 */
const SILENCE_MS = 90_000;

/**
 * Takes a share in the running server and makes sure that our database exists in it. `onCut` tells that the share was
 * lost: the server died, or somebody ended this connection. Throws the driver's error when the server is not there, or
 * says nothing for `silenceMs`.
 */
export async function takeServerUse(
  target: SocketTarget,
  options: { readonly purpose: string; readonly onCut: () => void; readonly silenceMs?: number },
): Promise<ServerUse> {
  const { purpose, onCut, silenceMs = SILENCE_MS } = options;
  const session = await openLockSession(withDatabase(target, MAINTENANCE_DATABASE), {
    applicationName: `storyline server watch (${purpose})`,
    take: async (sql) => {
      await sql`select pg_advisory_lock_shared(${USE_LOCK})`;
      const found = await sql`select from pg_database where datname = ${target.database}`;
      if (found.length === 0) await createDatabase(target, silenceMs);
    },
    onCut,
    silenceMs,
  });
  return {
    leave: async () => {
      await session.sql`select pg_advisory_unlock_shared(${USE_LOCK})`;
      const [row] = await session.sql<{ last: boolean }[]>`select pg_try_advisory_lock(${USE_LOCK}) as last`;
      return row?.last === true;
    },
    close: session.close,
  };
}

/**
 * Two first starts may create it at once; the slower one is told so in one of two ways. On a connection that ends
 * afterwards: what this work needs (9 MB) would stay with the one that watches for months.
 */
async function createDatabase(target: SocketTarget, silenceMs: number): Promise<void> {
  const sql = connect(withDatabase(target, MAINTENANCE_DATABASE), {
    applicationName: 'storyline server watch',
    max: 1,
    silence: { limitMs: silenceMs },
  });
  try {
    await sql`create database ${sql(target.database)}`;
  } catch (error) {
    if (sqlState(error) !== '42P04' && sqlState(error) !== '23505') throw error;
  } finally {
    await sql.end();
  }
}
