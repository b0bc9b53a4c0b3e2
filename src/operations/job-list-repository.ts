import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { JOB_OUTCOMES } from '../db/schema/index.ts';
import { LEASE_MS } from './job-run-repository.ts';

/** A run as people see it. Without an outcome it is waiting, or running when `isRunning`. */
export type JobRunView = z.infer<typeof runRow>;

const date = z.coerce.date();
const runRow = z.object({
  id: z.string(),
  job: z.string(),
  chatId: z.coerce
    .number()
    .nullable()
    .transform((id) => id ?? undefined),
  slot: date,
  cause: z.string(),
  period: z.string().nullable(),
  startedAt: date.nullable(),
  finishedAt: date.nullable(),
  attempt: z.number(),
  durationMs: z.number().nullable(),
  outcome: z.enum(JOB_OUTCOMES).nullable(),
  words: z.string().nullable(),
  isRunning: z.boolean(),
});

const COLUMNS = sql.raw(`r.id, r.job, r.chat_id as "chatId", r.slot, r.cause, r.period, r.started_at as "startedAt",
  r.finished_at as "finishedAt", r.attempt, r.duration_ms as "durationMs", r.outcome, r.words,
  r.outcome is null and r.heartbeat_at is not null as "isRunning"`);

export type JobListRepository = ReturnType<typeof createJobListRepository>;

/** What `job_runs` tells about jobs. */
export function createJobListRepository({ db }: Pick<Database, 'db'>) {
  async function read(query: ReturnType<typeof sql>): Promise<JobRunView[]> {
    const rows: unknown = await db.execute(query);
    return z.array(runRow).parse(rows);
  }

  return {
    /** The newest run of each of these jobs (names as recorded); none for a job that has not run. */
    latest(jobs: readonly string[]): Promise<JobRunView[]> {
      return read(sql`
        select ${COLUMNS} from jsonb_array_elements_text(${JSON.stringify(jobs)}::jsonb) as wanted(job)
        cross join lateral (select * from job_runs r where r.job = wanted.job and r.cause <> 'start'
          order by r.slot desc limit 1) r`);
    },

    /** The period of the newest slot of each of these jobs that stands for one. */
    async periods(jobs: readonly string[]): Promise<Map<string, string>> {
      const rows: unknown = await db.execute(sql`
        select wanted.job, r.period from jsonb_array_elements_text(${JSON.stringify(jobs)}::jsonb) as wanted(job)
        cross join lateral (select period from job_runs r where r.job = wanted.job and r.period is not null
          order by r.slot desc limit 1) r`);
      const parsed = z.array(z.object({ job: z.string(), period: z.string() })).parse(rows);
      return new Map(parsed.map(({ job, period }) => [job, period]));
    },

    /** The newest runs of these jobs, the newest first. */
    history(jobs: readonly string[], limit: number): Promise<JobRunView[]> {
      return read(sql`
        select ${COLUMNS} from job_runs r
        where r.job in (select jsonb_array_elements_text(${JSON.stringify(jobs)}::jsonb)) and r.cause <> 'start'
        order by r.slot desc limit ${limit}`);
    },

    /** One run; undefined when there is none with this id. */
    async find(id: string): Promise<JobRunView | undefined> {
      return (await read(sql`select ${COLUMNS} from job_runs r where r.id = ${id}`))[0];
    },

    /**
     * The jobs of which a run is claimed for longer than `forMs`, is due, and yet nobody works on it: never begun, or its
     * process is dead. One that waits for its next attempt is not among them.
     */
    async stuck(forMs: number): Promise<string[]> {
      const rows: unknown = await db.execute(sql`
        select distinct r.job from job_runs r
        left join graphile_worker.jobs j on j.key = 'run-clock-job:' || r.id
        where r.outcome is null
          and greatest(r.claimed_at, r.heartbeat_at, j.run_at) < now() - ${forMs}::bigint * interval '1 millisecond'
          and (r.heartbeat_at is null or r.heartbeat_at < now() - interval '${sql.raw(String(LEASE_MS))} milliseconds')`);
      return z
        .array(z.object({ job: z.string() }))
        .parse(rows)
        .map(({ job }) => job);
    },
  };
}
