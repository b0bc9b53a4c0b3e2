import { setTimeout as wait } from 'node:timers/promises';
import { type LogFunctionFactory, run, runMigrations, type TaskList, Logger as WorkerLogger } from 'graphile-worker';
import pg from 'pg';
import type { Logger } from '../lib/logger.ts';
import { ServerSocket } from './server-socket.ts';
import { type DatabaseTarget, normaliseTarget } from './target.ts';

/** What a durable job does. `isLast`: there will be no further attempt. Throwing means: try again later. */
export type Job = (payload: unknown, run: { attempt: number; isLast: boolean }) => Promise<void>;

export type JobWorker = {
  /** Lets running jobs finish and stops. May be called again. */
  stop(): Promise<void>;
};

/** Uploads are fetched over the network one or two at a time; a Pi's line holds no more. */
const CONCURRENCY = 2;
/** New jobs are announced by NOTIFY; this is only for those that wait: for their next attempt, or for the rest of an album. */
const POLL_MS = 1_000;
/**
 * graphile-worker's own statements take milliseconds. Beyond this its connection is dead, and it opens another. That a job
 * is done, or has failed, is then said again (patches/graphile-worker+0.18.0.patch: without it that one statement is
 * never repeated, and its failure, which nobody catches, ends this process; half-open-link.test.ts).
 */
const SILENCE_MS = 15_000;
/** A migration may wait for another process that migrates, and rewrite a table. */
const MIGRATION_SILENCE_MS = 600_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** At a stop: how long to wait for the worker's last statements, and how often to look. */
const LAST_STATEMENTS_MS = 3_000;
const LOOK_MS = 5;

/** graphile-worker talks to `pg`; its pool is small, since jobs use the services' own. */
function openPool(target: DatabaseTarget, logger: Logger, silenceMs: number): pg.Pool {
  const plain = normaliseTarget(target);
  const where = 'url' in plain ? { connectionString: plain.url } : plain;
  const pool = new pg.Pool({
    ...where,
    max: CONCURRENCY + 1,
    application_name: 'storyline jobs',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    stream: () => new ServerSocket({ limitMs: silenceMs }),
  });
  // A connection that is cut emits an error, which would end the process if nobody listened; the pool opens another.
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection of the job worker was cut');
  pool.on('error', onError);
  pool.on('connect', (client) => void client.on('error', onError));
  return pool;
}

/**
 * Waits until the pool has nothing to do. graphile-worker does not wait for the statement by which it says that a job is
 * done (`completeJob`): a pool that ended meanwhile left the job to the next start, which answered an upload once more.
 */
async function statementsOf(pool: pg.Pool): Promise<void> {
  const limit = performance.now() + LAST_STATEMENTS_MS;
  do await wait(LOOK_MS);
  while ((pool.waitingCount > 0 || pool.idleCount < pool.totalCount) && performance.now() < limit);
}

/** graphile-worker's own tables; idempotent. Must be done before the first job is added. */
export async function migrateJobs(target: DatabaseTarget, logger: Logger): Promise<void> {
  const pool = openPool(target, logger, MIGRATION_SILENCE_MS);
  try {
    await runMigrations({ pgPool: pool, logger: workerLogger(logger) });
  } finally {
    await pool.end();
  }
}

/**
 * Sets free what a killed process left locked (graphile-worker itself waits four hours). A job that got an entry too
 * late while it ran has lost its key and its further attempts (add-job.ts, `addToBatch`); killed in that state it would
 * never run again, so it is given one more.
 */
async function freeLockedJobs(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ cut: string[] | null }>(
    `select array_agg(id) as cut from graphile_worker.jobs
     where locked_by is not null and key is null and attempts >= max_attempts`,
  );
  await pool.query(
    `select graphile_worker.force_unlock_workers(array_agg(distinct locked_by))
     from graphile_worker.jobs where locked_by is not null having count(*) > 0`,
  );
  const cut = rows[0]?.cut;
  if (cut)
    await pool.query('select graphile_worker.reschedule_jobs($1::bigint[], run_at := now(), attempts := 0)', [cut]);
}

/**
 * Runs durable jobs. The caller holds the process lock, so jobs that a killed process left locked are its own and are
 * set free at once.
 */
export async function startJobWorker(options: {
  target: DatabaseTarget;
  jobs: Readonly<Record<string, Job>>;
  logger: Logger;
  /** How long a statement of the worker's may stay without a word from the server before its connection is cut. */
  silenceMs?: number;
}): Promise<JobWorker> {
  const { target, jobs, logger, silenceMs = SILENCE_MS } = options;
  const pool = openPool(target, logger, silenceMs);
  await freeLockedJobs(pool);
  const taskList: TaskList = Object.fromEntries(
    Object.entries(jobs).map(([name, job]) => [
      name,
      async (payload, { job: { attempts, max_attempts } }) =>
        job(payload, { attempt: attempts, isLast: attempts >= max_attempts }),
    ]),
  );
  const runner = await run({
    pgPool: pool,
    taskList,
    concurrency: CONCURRENCY,
    pollInterval: POLL_MS,
    noHandleSignals: true,
    logger: workerLogger(logger),
  });
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    await runner.stop();
    await statementsOf(pool);
    await pool.end();
  }

  return {
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function workerLogger(logger: Logger): WorkerLogger {
  const factory: LogFunctionFactory = () => (level, message, meta) => {
    // What graphile-worker calls info (a job done, a worker started) is detail to an operator.
    const ours = level === 'error' ? 'error' : level === 'warning' ? 'warn' : 'debug';
    logger[ours](meta ? { jobs: Object.keys(meta) } : {}, message);
  };
  return new WorkerLogger(factory);
}
