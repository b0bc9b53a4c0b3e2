import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { dueSlots, isLate } from './clock-due.ts';
import { type ClockTiming, clockTargets, entryName } from './clock-jobs.ts';
import type { ClockCheck } from './clock-sanity.ts';
import type { JobPauseRepository } from './job-pause-repository.ts';
import type { ClaimState, JobRunRepository } from './job-run-repository.ts';

export type ClockTick = () => Promise<void>;

/**
 * What the clock does every minute: finds out from zone rules which slots are due, claims those that have no row yet, and
 * sets lost runs going again. Safe at any moment, in any number of processes, and with a clock that jumps: it looks at
 * what should have run by now, not at what the last tick did.
 */
export function createClockTick(dependencies: {
  entries: readonly ClockTiming[];
  runs: Pick<JobRunRepository, 'states' | 'claim' | 'hold' | 'recover'>;
  pauses: Pick<JobPauseRepository, 'all'>;
  chats: Pick<ChatRepository, 'active'>;
  check: ClockCheck;
  clock: Clock;
  logger: Logger;
}): ClockTick {
  const { entries, runs, pauses, chats, check, clock, logger } = dependencies;

  /** Paused jobs hold their slots, so that resuming makes up for none of them. */
  async function holdPaused(due: readonly ClaimState[], now: Date): Promise<ClaimState[]> {
    const paused = new Map((await pauses.all()).map((pause) => [pause.job, pause]));
    const isPaused = ({ job }: ClaimState) => paused.has(entryName(job));
    await runs.hold(due.filter(isPaused), { cause: 'clock', words: 'The job is paused.', now });
    return due.filter((claim) => !isPaused(claim));
  }

  return async () => {
    if (!(await check())) return;
    const now = clock.now();
    const targets = clockTargets(entries, await chats.active());
    const states = await runs.states(targets.flatMap((target) => dueSlots(target, now)));
    const open = states.filter(({ isTaken }) => !isTaken);
    // A job that is new here (installed, a chat that was just let in) has missed nothing.
    const isBeforeStart = ({ isKnown, slot }: ClaimState) => !isKnown && isLate(slot, now);
    const words = 'It came before the job was here.';
    await runs.hold(open.filter(isBeforeStart), { cause: 'start', words, now });
    const due = await holdPaused(
      open.filter((claim) => !isBeforeStart(claim)),
      now,
    );
    if (due.length > 0) {
      const claimed = await runs.claim(due);
      if (claimed.length > 0) logger.info({ jobs: claimed }, 'clock jobs are due');
    }
    const recovered = await runs.recover();
    if (recovered > 0) logger.warn({ runs: recovered }, 'runs of clock jobs that had lost their process begin again');
  };
}
