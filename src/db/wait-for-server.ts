import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../lib/logger.ts';
import { openDatabase } from './client.ts';
import { isDatabaseFailure } from './database-errors.ts';
import { noDatabase } from './no-database.ts';
import { type DatabaseTarget, describeTarget } from './target.ts';

/** A server that starts together with us (docker compose, a Pi after a power cut) gets this long. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 1_000;

/**
 * Waits for an outside server that may be starting too. Throws PersonError with the reason when it does not come in
 * time, or at once when `signal` is aborted.
 */
export async function waitForServer(
  target: DatabaseTarget,
  { logger, signal }: { logger: Logger; signal: AbortSignal },
): Promise<DatabaseTarget> {
  const options = {
    logger,
    applicationName: 'storyline start',
    max: 1,
    lockTimeoutMs: 1_000,
    statementTimeoutMs: 5_000,
  };
  const probe = openDatabase(target, options);
  const until = performance.now() + PATIENCE_MS;
  try {
    for (;;) {
      try {
        await probe.ping();
        return target;
      } catch (error) {
        if (!isDatabaseFailure(error) || performance.now() > until || signal.aborted) throw noDatabase(target, error);
        logger.warn({ database: describeTarget(target) }, 'the database does not answer yet; trying again');
        await wait(PAUSE_MS, undefined, { signal }).catch(() => {});
      }
    }
  } finally {
    await probe.close();
  }
}
