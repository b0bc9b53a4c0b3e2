import { z } from 'zod';
import type { Job } from '../db/job-worker.ts';
import type { Clock } from '../lib/clock.ts';
import type { JobOutcome } from '../lib/job-run.ts';
import type { Logger } from '../lib/logger.ts';
import type { Alerts } from './alerts.ts';
import { isLate } from './clock-due.ts';
import { CLOCK_JOB_DEFAULTS, type ClockJobEntry, entryName, retryDelay } from './clock-jobs.ts';
import { isFinal, JobTooLong, jobErrorWords } from './job-error-words.ts';
import { HEARTBEAT_MS, type JobRunRepository, type StartedRun } from './job-run-repository.ts';

const payloadOf = z.object({ run: z.string() });

/** A job that goes on after its deadline gets this long to notice. */
const GRACE_MS = 30_000;
/** At a stop there is less time: the process itself ends after 18 s (main.ts). */
const STOP_GRACE_MS = 8_000;
/** From this attempt on the admins hear of a failure; the ones before are over within seconds as a rule. */
const TOLD_ATTEMPT = 3;
const MINUTE_MS = 60_000;

export type ClockRunJob = {
  /** The durable job that carries out one row of `job_runs`. */
  job: Job;
  /** Calls `listener` when this run is over, if this process ends it. */
  onEnd(runId: string, listener: () => void): void;
  /** The process stops: every running job is told so, gives up and comes again at the next start. May be called again. */
  interrupt(): Promise<void>;
};

/** Thrown into a job's signal. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Carries out runs of clock jobs: takes the run (nobody else has it), gives signs of life while the job works, ends it at
 * its deadline, and writes down what came of it. A failure is a row, a line in the log and, when it lasts, an alert; it is
 * tried again later by a durable job of its own, which is added together with the row.
 */
export function createClockRunJob(dependencies: {
  entries: readonly ClockJobEntry[];
  runs: JobRunRepository;
  alerts: Pick<Alerts, 'raise' | 'clear'>;
  clock: Clock;
  monotonicMs: () => number;
  logger: Logger;
}): ClockRunJob {
  const { runs, alerts, clock, monotonicMs, logger } = dependencies;
  const entries = new Map(dependencies.entries.map((entry) => [entry.name, entry]));
  const stopping = new AbortController();
  const listeners = new Map<string, () => void>();

  const attempts = (job: string) => entries.get(entryName(job))?.attempts ?? CLOCK_JOB_DEFAULTS.attempts;

  function ended(id: string): void {
    listeners.get(id)?.();
    listeners.delete(id);
  }

  /** The job's work, until it ends, its deadline and grace are over, or somebody else has taken the run. */
  async function work(entry: ClockJobEntry, run: StartedRun, lost: AbortSignal): Promise<JobOutcome> {
    const deadline = new AbortController();
    const tooLong = new JobTooLong(`It was not done within ${entry.deadlineMinutes} min.`);
    const signal = AbortSignal.any([deadline.signal, stopping.signal, lost]);
    signal.throwIfAborted();
    const givenUp = Promise.withResolvers<never>();
    let grace: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => deadline.abort(tooLong), entry.deadlineMinutes * MINUTE_MS);
    signal.addEventListener('abort', () => {
      grace = setTimeout(() => givenUp.reject(signal.reason), stopping.signal.aborted ? STOP_GRACE_MS : GRACE_MS);
    });
    const now = clock.now();
    const { job, slot, chatId, isByPerson } = run;
    try {
      const isLateNow = !isByPerson && isLate(slot, now);
      return await Promise.race([entry.run({ job, slot, chatId, isLate: isLateNow, now, signal }), givenUp.promise]);
    } catch (error) {
      // Whatever a job throws because it was stopped, the reason is what stopped it.
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      clearTimeout(grace);
    }
  }

  /** Gives signs of life until it is stopped; `lost` when the run is no longer ours. */
  function keepAlive(run: StartedRun): { lost: AbortSignal; stop: () => void } {
    const lost = new AbortController();
    const timer = setInterval(() => {
      runs.beat(run).then(
        (isOurs) => {
          if (!isOurs) lost.abort(new Interrupted('another process has taken the run'));
        },
        (error: unknown) => logger.warn({ err: error, job: run.job }, 'a running job could not give a sign of life'),
      );
    }, HEARTBEAT_MS);
    return { lost: lost.signal, stop: () => clearInterval(timer) };
  }

  async function fail(entry: ClockJobEntry, run: StartedRun, error: unknown, durationMs: number): Promise<void> {
    const words = jobErrorWords(error);
    const isOver = isFinal(error) || run.attempt >= entry.attempts;
    const more = { job: run.job, slot: run.slot, attempt: run.attempt };
    logger.error({ err: error, ...more }, isOver ? 'a clock job failed' : 'a clock job failed; it is tried again');
    const now = clock.now();
    if (isOver) await runs.finish(run, { outcome: 'failed', words, now, durationMs });
    else await runs.giveBack(run, { words, isCounted: true, delayMs: retryDelay(run.attempt) });
    if (isOver || run.attempt >= TOLD_ATTEMPT) await tellFailure(run, words, isOver);
    if (isOver) ended(run.id);
  }

  async function tellFailure(run: Pick<StartedRun, 'job' | 'chatId' | 'slot'>, words: string, isOver: boolean) {
    const name = entryName(run.job);
    const more = isOver ? '/jobs has a button that runs it again.' : 'It is tried again by itself; /jobs shows it.';
    await alerts.raise({
      key: `job:${name}`,
      ...(run.chatId === undefined ? {} : { chatId: run.chatId }),
      text: `❌ The job ${name} failed: ${words} ${more}`,
      detail: { job: run.job, slot: run.slot.toISOString(), words },
    });
  }

  async function succeed(run: StartedRun, result: JobOutcome, durationMs: number): Promise<void> {
    const { outcome, words, figures } = result;
    const end = { outcome, words, ...(figures ? { figures } : {}), now: clock.now(), durationMs };
    if (!(await runs.finish(run, end))) {
      logger.warn({ job: run.job, slot: run.slot }, 'a clock job ended that another process has taken over');
      return;
    }
    logger.info(
      { job: run.job, slot: run.slot, outcome, durationMs: Math.round(durationMs), figures },
      'a clock job ended',
    );
    const name = entryName(run.job);
    const chat = run.chatId === undefined ? {} : { chatId: run.chatId };
    await alerts.clear({ key: `job:${name}`, ...chat, text: `✅ The job ${name} works again.` });
    ended(run.id);
  }

  async function carryOut(run: StartedRun): Promise<void> {
    const entry = entries.get(entryName(run.job));
    if (!entry) {
      const words = 'This version knows no such job.';
      await runs.finish(run, { outcome: 'skipped', words, now: clock.now(), durationMs: 0 });
      return ended(run.id);
    }
    const startedMs = monotonicMs();
    const life = keepAlive(run);
    try {
      const result = await work(entry, run, life.lost);
      await succeed(run, result, monotonicMs() - startedMs);
    } catch (error) {
      if (stopping.signal.aborted && error === stopping.signal.reason) {
        await runs.giveBack(run, { words: 'The bot was stopped meanwhile.', isCounted: false, delayMs: 0 });
      } else if (life.lost.aborted) {
        logger.warn({ job: run.job, slot: run.slot }, 'another process has taken over a clock job');
      } else {
        await fail(entry, run, error, monotonicMs() - startedMs);
      }
    } finally {
      life.stop();
    }
  }

  return {
    async job(payload) {
      const { run: id } = payloadOf.parse(payload);
      if (stopping.signal.aborted) return runs.again(id, 0);
      const result = await runs.start(id, { now: clock.now(), attempts });
      switch (result.kind) {
        case 'started':
          return carryOut(result.run);
        case 'busy':
          return runs.again(id, result.againInMs);
        case 'overlapped':
          logger.warn(
            { job: result.run.job, slot: result.run.slot },
            'a clock job was skipped: the run before goes on',
          );
          return ended(id);
        case 'exhausted':
          logger.error(
            { job: result.run.job, slot: result.run.slot },
            'a clock job failed: its process ended each time',
          );
          await tellFailure(result.run, 'its process ended each time before it was done.', true);
          return ended(id);
        case 'over':
          return ended(id);
      }
    },
    onEnd(runId, listener) {
      listeners.set(runId, listener);
    },
    async interrupt() {
      stopping.abort(new Interrupted('the process stops'));
    },
  };
}
