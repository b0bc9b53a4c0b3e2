import { createTask, type ScheduledTask } from 'node-cron';
import type { Logger } from './lib/logger.ts';
import type { Services } from './services.ts';

/**
 * One entry of the schedule: when (cron with seconds, UTC) and what. All entries look into the database for what is
 * due, so after downtime one run does it all and nothing has to be caught up.
 */
export type ScheduleEntry = {
  name: string;
  when: string;
  run: (services: Services) => Promise<unknown>;
};

/** Everything that runs by the clock. */
export const SCHEDULE: readonly ScheduleEntry[] = [
  { name: 'render-cards', when: '*/2 * * * * *', run: ({ renderer }) => renderer.sweep() },
  { name: 'deliver-due', when: '*/5 * * * * *', run: ({ delivery }) => delivery.deliverDue() },
  {
    name: 'recover-sends',
    when: '*/30 * * * * *',
    run: ({ delivery }) => delivery.recoverStuck({ isStart: false }),
  },
  {
    name: 'look-after-waiting',
    when: '10 * * * * *',
    run: ({ lookAfterWaiting }) => lookAfterWaiting(),
  },
  { name: 'keep-plan', when: '20 5 * * * *', run: ({ keepPlan }) => keepPlan() },
  { name: 'watch-library', when: '40 6 * * * *', run: ({ pools }) => pools.watchAll() },
  { name: 'sign-of-life', when: '30 * * * * *', run: ({ downtime }) => downtime.beat() },
  {
    name: 'record-responses',
    when: '* * * * * *',
    run: ({ botResponses }) => botResponses.flush(),
  },
];

export type Schedule = {
  /** No entry begins any more; resolves when those that run have ended. */
  stop(): Promise<void>;
};

/** Starts the schedule. An entry never overlaps itself; one that fails is logged and comes again at its next time. */
export function startSchedule(services: Services, logger: Logger): Schedule {
  const running = new Set<Promise<void>>();
  const begin = ({ name, run }: ScheduleEntry): Promise<void> => {
    const work = run(services).then(
      () => {},
      (error: unknown) => logger.error({ err: error, job: name }, 'a scheduled run failed; it comes again'),
    );
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  const tasks: ScheduledTask[] = SCHEDULE.map((entry) =>
    createTask(entry.when, () => begin(entry), {
      timezone: 'UTC',
      name: entry.name,
      noOverlap: true,
      // A tick that was missed is no news: the next one looks for everything that is due.
      suppressMissedWarning: true,
      logger: cronLogger(logger),
    }),
  );
  for (const task of tasks) void task.start();

  return {
    async stop() {
      for (const task of tasks) await task.destroy();
      await Promise.all(running);
    },
  };
}

/** node-cron's own remarks (an overlap was skipped) are detail; its errors are ours. */
function cronLogger(logger: Logger) {
  return {
    info: (message: string) => logger.debug(message),
    warn: (message: string) => logger.debug(message),
    debug: (message: string | Error) => logger.trace(String(message)),
    error: (message: string | Error, error?: Error) => logger.error({ err: error ?? message }, 'the scheduler failed'),
  };
}
