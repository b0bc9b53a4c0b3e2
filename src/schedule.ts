import { createTask, type ScheduledTask } from 'node-cron';
import type { ClockJob } from './lib/job-run.ts';
import type { Logger } from './lib/logger.ts';
import { CLOCK_JOB_DEFAULTS, type ClockJobEntry, type ClockTiming } from './operations/clock-jobs.ts';
import type { DiskSpace } from './operations/disk-space.ts';
import { createPartsJob, type JobPart } from './operations/job-parts.ts';
import type { PoolService } from './queue/pool-service.ts';
import type { Services } from './services.ts';

/**
 * One sweep: looks into the database for what is due, so after downtime one run does it all and nothing has to be caught
 * up. `everySeconds` goes by a clock that never jumps; `cron` by the machine's, in UTC.
 */
export type ScheduleEntry<Needs = Services> = {
  name: string;
  when: { everySeconds: number } | { cron: string };
  run: (services: Needs) => Promise<unknown>;
};

/** What is looked for all the time. */
export const SCHEDULE: readonly ScheduleEntry[] = [
  { name: 'render-cards', when: { everySeconds: 2 }, run: ({ renderer }) => renderer.sweep() },
  { name: 'deliver-due', when: { everySeconds: 5 }, run: ({ delivery }) => delivery.deliverDue() },
  {
    name: 'recover-sends',
    when: { everySeconds: 30 },
    run: ({ delivery }) => delivery.recoverStuck({ isStart: false }),
  },
  { name: 'look-after-waiting', when: { everySeconds: 60 }, run: ({ lookAfterWaiting }) => lookAfterWaiting() },
  { name: 'sign-of-life', when: { everySeconds: 60 }, run: ({ downtime }) => downtime.beat() },
  { name: 'record-responses', when: { everySeconds: 1 }, run: ({ botResponses }) => botResponses.flush() },
  { name: 'start-jobs', when: { cron: '* * * * *' }, run: ({ clockTick }) => clockTick() },
  { name: 'watch-jobs', when: { everySeconds: 60 }, run: ({ watchJobs }) => watchJobs() },
  // These two look after what jobs need in order to be begun at all, so they are none.
  { name: 'watch-database', when: { everySeconds: 15 }, run: ({ databaseWatch }) => databaseWatch.look() },
  { name: 'watch-disk', when: { everySeconds: 60 }, run: ({ disk }) => disk.watch() },
  { name: 'tell-alerts', when: { everySeconds: 30 }, run: ({ tellAlerts }) => tellAlerts() },
];

/** What clock jobs need. Written out, since the services are built with them. */
export type ClockServices = {
  dailyDigest: ClockJob;
  weeklyTeamReport: ClockJob;
  watchActivity: ClockJob;
  disk: Pick<DiskSpace, 'isDiskTooFull'>;
  keepPlan: () => Promise<number>;
  pools: Pick<PoolService, 'watchAll'>;
  pruneJobRuns: ClockJob;
  nightlyImport: ClockJob;
  /** What `stats-job` and `export-job` are made of. */
  statistics: readonly JobPart[];
  exporters: readonly JobPart[];
};

export type ClockJobDefinition = Omit<ClockTiming, keyof typeof CLOCK_JOB_DEFAULTS> &
  Partial<ClockTiming> & { run: (services: ClockServices) => ClockJob };

const HOUR = 60;
const DAY = 24 * HOUR;
/** Jobs that look at what is so now: a late look does as well as one in time, older ones would see the same. */
const LATEST = { policy: 'last', maxAgeMinutes: DAY } as const;

/**
 * Every job that has a time of its own: once for each slot, recorded in `job_runs`, in whatever process (operations/clock-tick.ts).
 * Reports run at the chat's time in the chat's zone, everything else in UTC.
 */
export const CLOCK_JOBS: readonly ClockJobDefinition[] = [
  {
    name: 'daily-digest',
    summary: 'the report of yesterday into the chat',
    when: ({ reportTime: at }) => ({ kind: 'daily', at }),
    catchUp: LATEST,
    run: ({ dailyDigest }) => dailyDigest,
  },
  {
    name: 'weekly-team-report',
    summary: 'the report of last week into the chat',
    when: ({ reportTime: at }) => ({ kind: 'weekly', weekday: 1, at }),
    catchUp: { policy: 'last', maxAgeMinutes: 6 * DAY },
    run: ({ weeklyTeamReport }) => weeklyTeamReport,
  },
  {
    name: 'stats-job',
    summary: 'figures that are kept ready',
    when: { kind: 'daily', at: '03:10' },
    catchUp: LATEST,
    deadlineMinutes: 60,
    run: ({ statistics }) =>
      createPartsJob(statistics, { whenEmpty: 'Nothing to compute: all figures are read as they are asked for.' }),
  },
  {
    name: 'nightly-import',
    summary: 'takes item interactions in',
    when: { kind: 'daily', at: '02:40' },
    catchUp: LATEST,
    deadlineMinutes: 120,
    run: ({ nightlyImport }) => nightlyImport,
  },
  {
    name: 'export-job',
    summary: 'exports for other programs',
    when: { kind: 'weekly', weekday: 1, at: '04:20' },
    catchUp: { policy: 'last', maxAgeMinutes: 6 * DAY },
    deadlineMinutes: 120,
    run: ({ exporters, disk }) => exportJob(exporters, disk),
  },
  {
    name: 'keep-plan',
    summary: 'fills the plans from the library',
    when: { kind: 'interval', minutes: HOUR, offset: 5 },
    catchUp: LATEST,
    keptDays: 30,
    run:
      ({ keepPlan }) =>
      async () => {
        const planned = await keepPlan();
        if (planned === 0) return { outcome: 'skipped', words: 'Nothing to plan.' };
        return { outcome: 'done', words: `${planned} planned`, figures: { planned } };
      },
  },
  {
    name: 'watch-library',
    summary: 'says when the library runs short',
    when: { kind: 'interval', minutes: HOUR, offset: 6 },
    catchUp: LATEST,
    keptDays: 30,
    run:
      ({ pools }) =>
      async () => {
        await pools.watchAll();
        return { outcome: 'done' };
      },
  },
  {
    name: 'watch-activity',
    summary: 'says what is unusual in the team',
    when: { kind: 'interval', minutes: HOUR, offset: 10 },
    catchUp: LATEST,
    keptDays: 30,
    run: ({ watchActivity }) => watchActivity,
  },
  {
    name: 'prune-job-runs',
    summary: 'forgets old runs of jobs',
    when: { kind: 'daily', at: '04:10' },
    catchUp: LATEST,
    run: ({ pruneJobRuns }) => pruneJobRuns,
  },
];

/** When the jobs run, with the defaults filled in; enough for whoever only looks. */
export function clockTimings(): (ClockTiming & Pick<ClockJobDefinition, 'run'>)[] {
  return CLOCK_JOBS.map((job) => ({ ...CLOCK_JOB_DEFAULTS, ...job }));
}

/** The jobs with what they do. */
export function clockJobEntries(services: ClockServices): ClockJobEntry[] {
  return clockTimings().map((job) => ({ ...job, run: job.run(services) }));
}

/** Exports stop before the disk is full, so that the database keeps what is left. */
function exportJob(exporters: readonly JobPart[], disk: Pick<DiskSpace, 'isDiskTooFull'>): ClockJob {
  const parts = createPartsJob(exporters, { whenEmpty: 'No export is set up.' });
  return async (run) =>
    exporters.length > 0 && (await disk.isDiskTooFull())
      ? { outcome: 'skipped', words: 'The disk is almost full.' }
      : parts(run);
}

export type Schedule = {
  /** No entry begins any more; resolves when those that run have ended. */
  stop(): Promise<void>;
};

/** How often to compare the machine's clock with one that never jumps, and which difference is a jump. */
const JUMP_LOOK_MS = 5_000;
const JUMP_MS = 2_000;

/**
 * Starts the sweeps. An entry never overlaps itself; one that fails is logged and comes again at its next time.
 *
 * Sweeps go by timers and not by cron: node-cron waits for a moment of the machine's clock, so one that is put back an hour
 * silences it for an hour, and one that a Pi without a battery puts forward a day costs seconds of missed beats for each
 * entry (measured, 4.6.0). Only the tick wants the minute itself; its task is made anew after a jump.
 */
export function startSchedule<Needs>(
  services: Needs,
  entries: readonly ScheduleEntry<Needs>[],
  logger: Logger,
): Schedule {
  const running = new Map<string, Promise<void>>();
  const timers: NodeJS.Timeout[] = [];
  let tasks: ScheduledTask[] = [];

  const begin = ({ name, run }: ScheduleEntry<Needs>): void => {
    if (running.has(name)) return;
    const work = run(services).then(
      () => {},
      (error: unknown) => logger.error({ err: error, job: name }, 'a scheduled run failed; it comes again'),
    );
    running.set(
      name,
      work.finally(() => running.delete(name)),
    );
  };

  function startTasks(): void {
    tasks = entries.flatMap((entry) => {
      if (!('cron' in entry.when)) return [];
      const options = {
        timezone: 'UTC',
        name: entry.name,
        // A tick that was missed is no news: the next one looks for everything that is due.
        suppressMissedWarning: true,
        // A blocked loop delays the tick; it does not cost one.
        missedExecutionTolerance: 30_000,
        logger: cronLogger(logger),
      };
      return [createTask(entry.when.cron, () => begin(entry), options)];
    });
    for (const task of tasks) void task.start();
  }

  let wallMinusMonotonic = Date.now() - performance.now();
  function lookForJump(): void {
    const difference = Date.now() - performance.now();
    const jumpedMs = Math.round(difference - wallMinusMonotonic);
    wallMinusMonotonic = difference;
    if (Math.abs(jumpedMs) < JUMP_MS) return;
    logger.warn({ jumpedMs }, 'the clock of the machine has jumped');
    for (const task of tasks) void task.destroy();
    startTasks();
    for (const entry of entries) if ('cron' in entry.when) begin(entry);
  }

  for (const entry of entries) {
    if ('everySeconds' in entry.when) timers.push(setInterval(() => begin(entry), entry.when.everySeconds * 1_000));
  }
  startTasks();
  timers.push(setInterval(lookForJump, JUMP_LOOK_MS));

  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      for (const task of tasks) await task.destroy();
      await Promise.all(running.values());
    },
  };
}

/** node-cron's own remarks are detail; its errors are ours. */
function cronLogger(logger: Logger) {
  return {
    info: (message: string) => logger.debug(message),
    warn: (message: string) => logger.debug(message),
    debug: (message: string | Error) => logger.trace(String(message)),
    error: (message: string | Error, error?: Error) => logger.error({ err: error ?? message }, 'the scheduler failed'),
  };
}
