import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, connect } from './connect.ts';
import type { DatabaseTarget } from './target.ts';

/** A connection of its own that lives as long as the advisory lock that it holds. */
export type LockSession<T> = {
  readonly sql: Connection;
  /** What `take` returned. */
  readonly taken: T;
  /** Gives the lock back by closing the connection. May be called again. */
  close(): Promise<void>;
};

export type LockSessionOptions<T> = {
  readonly applicationName: string;
  /** Takes the lock on this connection. */
  readonly take: (sql: Connection) => Promise<T>;
  /** Called once when the connection is cut later: the lock is gone. Not called after `close`. */
  readonly onCut: () => void;
  /** How often to ask over a network whether the other side is still there. Without it only a closed socket counts. */
  readonly heartbeatMs?: number;
  /** How long a statement on it, taking the lock too, may wait for a server that says nothing. */
  readonly silenceMs: number;
};

const CLOSE_DEADLINE_SECONDS = 1;

/**
 * The server looks after a silent peer too, so that the lock of a machine that lost its power is free after 40 s and
 * not after the two hours that are the kernel's default. Has no effect on a local socket.
 */
const KEEPALIVE = { tcp_keepalives_idle: 10, tcp_keepalives_interval: 10, tcp_keepalives_count: 3 };

/**
 * Connects and takes the lock. It never reconnects by itself with the lock silently lost: after `onCut` this session
 * is of no use. Throws what `take` throws, or the driver's error when the server cannot be reached; then nothing is
 * left open, and `onCut` is not called.
 */
export async function openLockSession<T>(
  target: DatabaseTarget,
  options: LockSessionOptions<T>,
): Promise<LockSession<T>> {
  let holding = false;
  let heart: NodeJS.Timeout | undefined;
  const lose = (): void => {
    if (!holding) return;
    holding = false;
    clearInterval(heart);
    void sql.end({ timeout: 0 });
    options.onCut();
  };
  const sql = connect(target, {
    applicationName: options.applicationName,
    max: 1,
    keepForEver: true,
    parameters: KEEPALIVE,
    onClose: lose,
    silence: { limitMs: options.silenceMs },
  });
  const close = async (): Promise<void> => {
    holding = false;
    clearInterval(heart);
    await sql.end({ timeout: CLOSE_DEADLINE_SECONDS });
  };
  try {
    const taken = await options.take(sql);
    holding = true;
    if (options.heartbeatMs !== undefined) heart = beat(sql, options.heartbeatMs, lose);
    return { sql, taken, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A beat that was not answered when the next one is due means that the link is dead. */
function beat(sql: Connection, everyMs: number, lose: () => void): NodeJS.Timeout {
  const ask = async (): Promise<void> => {
    const late = new AbortController();
    const answered = sql`select 1`.then(() => true).catch(() => false);
    const silence = delay(everyMs, false, { signal: late.signal, ref: false }).catch(() => false);
    if (!(await Promise.race([answered, silence]))) lose();
    late.abort();
  };
  return setInterval(() => void ask(), everyMs).unref();
}
