import { existsSync } from 'node:fs';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { JobRunRepository } from './job-run-repository.ts';

/** Whether jobs may be started by this clock; asked before every tick. */
export type ClockCheck = () => Promise<boolean>;

/** Older than the first release: a machine that shows an earlier time has lost it (a Pi has no clock of its own). */
const EARLIEST = new Date('2026-01-01T00:00:00Z');
/** How long to wait for a clock that may be wrong, but need not be (platform-facts 4.3). */
const PATIENCE_MS = 120_000;
/** systemd-timesyncd, which sets the clock of a Raspberry Pi: its folder, and the file that is there when it has done so. */
const TIMESYNC = '/run/systemd/timesync';

/** Whether the machine has set its clock by the network; undefined when nobody here could say. */
export function isClockSynchronised(): boolean | undefined {
  return existsSync(TIMESYNC) ? existsSync(`${TIMESYNC}/synchronized`) : undefined;
}

/**
 * Holds jobs back after a start until the clock can be trusted. Before 2026 it never is. When it shows less than the newest
 * slot that was run, or the machine says that it has not been set, two minutes are waited; then jobs begin with a warning:
 * a slot that was run is a row, so a wrong clock repeats nothing. Once trusted it is not looked at again: a clock that jumps
 * while the bot runs holds nothing back either.
 */
export function createClockCheck(dependencies: {
  runs: Pick<JobRunRepository, 'newestSlot'>;
  isSynchronised: () => boolean | undefined;
  clock: Clock;
  monotonicMs: () => number;
  logger: Logger;
}): ClockCheck {
  const { runs, isSynchronised, clock, monotonicMs, logger } = dependencies;
  const startedMs = monotonicMs();
  let isTrusted = false;
  let warned = '';

  /** Why the clock may be wrong. */
  async function doubt(now: Date): Promise<string | undefined> {
    if (now < EARLIEST) return 'it shows a time before 2026';
    const newest = await runs.newestSlot();
    if (newest && now < newest) return 'it shows a time before the newest run of a job';
    return isSynchronised() === false ? 'the machine has not set it by the network yet' : undefined;
  }

  return async () => {
    if (isTrusted) return true;
    const now = clock.now();
    const why = await doubt(now);
    const isOver = now >= EARLIEST && monotonicMs() - startedMs >= PATIENCE_MS;
    isTrusted = why === undefined || isOver;
    if (why === undefined) {
      if (warned !== '') logger.info({ now }, 'the clock is right now: jobs begin');
    } else if (isTrusted) {
      logger.warn({ now, why }, 'the clock may be wrong; jobs begin all the same');
    } else if (warned !== why) {
      logger.warn({ now, why }, 'the clock may be wrong: jobs wait for it');
      warned = why;
    }
    return isTrusted;
  };
}
