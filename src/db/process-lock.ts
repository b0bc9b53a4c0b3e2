import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../lib/clock.ts';
import type { PersonError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Connection } from './connect.ts';
import { isDatabaseFailure } from './database-errors.ts';
import { type LockSession, openLockSession } from './lock-session.ts';
import { alreadyRunning, type Holder, introduceOurselves, tryProcessLock } from './process-lock-holder.ts';
import type { DatabaseTarget } from './target.ts';

export type ProcessLock = {
  /** Lets the next one in. May be called again. */
  release(): Promise<void>;
};

export type ProcessLockOptions = {
  /** One lock per name and database: `bot`. */
  readonly name: string;
  readonly logger: Logger;
  /** Called once when another process has taken the lock while our connection was cut: stop at once. */
  readonly onLost: (error: PersonError) => void;
  /** How often to look whether the connection still lives. */
  readonly heartbeatMs?: number;
};

const HEARTBEAT_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** After this long without the lock the log says so, louder. */
const WORRY_AFTER_MS = 30_000;

/**
 * Makes this the only process that holds the lock of that name in this database; throws a PersonError that names the
 * other one when there is one.
 *
 * The lock belongs to a connection of its own. When that is cut (server restarted, backend killed, network gone) the
 * lock is taken again as soon as the database answers; if somebody else was faster, `onLost` is called. We never stop
 * trying while the database is away: another process could not get in either.
 */
export async function holdProcessLock(target: DatabaseTarget, options: ProcessLockOptions): Promise<ProcessLock> {
  const { name, logger, onLost, heartbeatMs = HEARTBEAT_MS } = options;
  const applicationName = introduceOurselves(name, systemClock.now());
  let session: LockSession<Holder | undefined> | undefined;
  let retaking: Promise<void> = Promise.resolve();
  let released = false;

  const onCut = (): void => {
    session = undefined;
    logger.warn({ lock: name }, 'the connection that holds the process lock was cut; taking it again');
    retaking = retake();
  };
  const take = (sql: Connection): Promise<Holder | undefined> => tryProcessLock(sql, name);
  const open = () => openLockSession(target, { applicationName, take, onCut, heartbeatMs, silenceMs: heartbeatMs });

  async function retake(): Promise<void> {
    const worryAt = performance.now() + WORRY_AFTER_MS;
    let worried = false;
    for (let pause = FIRST_PAUSE_MS; !released; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        if (await retakeOnce()) return;
      } catch (error) {
        if (!isDatabaseFailure(error)) throw error;
        if (!worried && performance.now() > worryAt) {
          logger.error({ lock: name, err: error }, 'the process lock could not be taken again yet');
          worried = true;
        }
      }
      await delay(pause);
    }
  }

  /** True when the matter is settled, one way or the other. */
  async function retakeOnce(): Promise<boolean> {
    const attempt = await open();
    const holder = attempt.taken;
    if (holder === undefined) {
      session = attempt;
      logger.info({ lock: name }, 'process lock taken again');
      return true;
    }
    // The server has not noticed yet that our former connection is dead.
    const isOurselves = holder.application === applicationName;
    if (isOurselves) await attempt.sql`select pg_terminate_backend(${holder.backend})`;
    await attempt.close();
    if (!isOurselves) onLost(alreadyRunning(holder));
    return !isOurselves;
  }

  const first = await open();
  if (first.taken !== undefined) {
    await first.close();
    throw alreadyRunning(first.taken);
  }
  session = first;
  return {
    release: async () => {
      released = true;
      await retaking;
      await session?.close();
    },
  };
}
