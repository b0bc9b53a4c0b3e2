import { asc, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../src/db/client.ts';
import { chats, jobRuns } from '../../src/db/schema/index.ts';
import type { ClockJob } from '../../src/lib/job-run.ts';
import { type Logger, silentLogger } from '../../src/lib/logger.ts';
import { CLOCK_JOB_DEFAULTS, type ClockJobEntry } from '../../src/operations/clock-jobs.ts';
import { createClockRunJob } from '../../src/operations/clock-run-job.ts';
import { createClockCheck } from '../../src/operations/clock-sanity.ts';
import { createClockTick } from '../../src/operations/clock-tick.ts';
import { createJobListRepository } from '../../src/operations/job-list-repository.ts';
import { createJobPauseRepository } from '../../src/operations/job-pause-repository.ts';
import { createJobRunRepository, RUN_CLOCK_JOB_TASK } from '../../src/operations/job-run-repository.ts';
import { createJobsService } from '../../src/operations/jobs-service.ts';
import { createWatchJobs } from '../../src/operations/watch-jobs.ts';
import { createChatRepository } from '../../src/settings/chat-repository.ts';
import type { TestDatabase } from './database.ts';

export const DONE: ClockJob = async () => ({ outcome: 'done' });

/** A job of the schedule for tests: daily at 09:00 UTC, the last slot is made up for, unless said otherwise. */
export function clockJob(changes: Partial<ClockJobEntry> = {}): ClockJobEntry {
  return {
    ...CLOCK_JOB_DEFAULTS,
    name: 'morning',
    summary: 'a job of a test',
    when: { kind: 'daily', at: '09:00' },
    catchUp: { policy: 'last', maxAgeMinutes: 1440 },
    run: DONE,
    ...changes,
  };
}

/** One process as far as the clock is concerned: its tick, and a job worker that runs what is due when it is told to. */
export function startClockwork(
  test: TestDatabase,
  entries: readonly ClockJobEntry[],
  options: { now: string; database?: Database; logger?: Logger; isSynchronised?: () => boolean | undefined },
) {
  const { database = test.database, logger = silentLogger() } = options;
  let now = new Date(options.now);
  let monotonicMs = 0;
  const clock = { now: () => now };
  const told: string[] = [];
  const raised = new Set<string>();
  const alerts = {
    raise: async ({ key, text }: { key: string; text: unknown }) => {
      if (!raised.has(key)) told.push(String(text));
      raised.add(key);
      return true;
    },
    clear: async ({ key, text }: { key: string; text: unknown }) => {
      if (raised.delete(key)) told.push(String(text));
      return true;
    },
    raised: async () => [...raised].map((name) => ({ name })),
  };
  const runs = createJobRunRepository(database);
  const list = createJobListRepository(database);
  const pauses = createJobPauseRepository(database);
  const chatRows = createChatRepository(database);
  const shared = {
    entries,
    runs,
    list,
    pauses,
    chats: chatRows,
    alerts,
    clock,
    monotonicMs: () => monotonicMs,
    logger,
  };
  const check = createClockCheck({ ...shared, isSynchronised: options.isSynchronised ?? (() => undefined) });
  const clockRuns = createClockRunJob(shared);
  const task = `${RUN_CLOCK_JOB_TASK}:`;

  /** The runs whose durable jobs are to begin now; `all`: also those that wait for their next attempt. */
  async function waiting({ all = false } = {}): Promise<string[]> {
    const rows: unknown = await database.db.execute(sql`
      select substr(key, ${task.length + 1}) as id from graphile_worker.jobs
      where locked_at is null and key like ${`${task}%`} and (run_at <= now() or ${all}) order by id`);
    return z
      .array(z.object({ id: z.string() }))
      .parse(rows)
      .map(({ id }) => id);
  }

  return {
    runs,
    pauses,
    chats: chatRows,
    clockRuns,
    told,
    tick: createClockTick({ ...shared, check }),
    watch: createWatchJobs(shared),
    service: createJobsService(shared),
    set: (at: string) => {
      now = new Date(at);
    },
    now: () => now,
    pass(milliseconds: number) {
      monotonicMs += milliseconds;
      now = new Date(now.getTime() + milliseconds);
    },
    waiting,
    /** What the job worker does: takes each durable job out of its queue and carries it out. */
    async work(which: { all?: boolean } = {}) {
      for (const id of await waiting(which)) {
        await database.db.execute(sql`select graphile_worker.remove_job(${task + id})`);
        await clockRuns.job({ run: id }, { attempt: 1, isLast: false });
      }
    },
    /** `morning 2026-11-20T09:00 done`, oldest first, without what was before the job was there. */
    async lines(): Promise<string[]> {
      const rows = await test.db.select().from(jobRuns).orderBy(asc(jobRuns.slot), asc(jobRuns.job));
      return rows
        .filter(({ cause }) => cause !== 'start')
        .map(({ job, slot, outcome }) => `${job} ${slot.toISOString().slice(0, 16)} ${outcome ?? '-'}`);
    },
  };
}

export type Clockwork = ReturnType<typeof startClockwork>;

/** A team chat with its report time and zone. */
export async function addChat(test: TestDatabase, id: number, timeZone: string, reportTime = '09:00'): Promise<void> {
  await test.db.insert(chats).values({ id, title: `Team ${-id}`, timeZone, reportTime });
}

/** What a process that was killed leaves behind: its durable jobs are gone or locked, and its last sign of life is old. */
export async function ageRuns(test: TestDatabase, seconds: number): Promise<void> {
  await test.db.execute(sql`
    update job_runs set heartbeat_at = heartbeat_at - make_interval(secs => ${seconds}),
      claimed_at = claimed_at - make_interval(secs => ${seconds}) where outcome is null`);
}
