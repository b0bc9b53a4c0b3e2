import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Executor } from './client.ts';

/**
 * Adds a durable job (graphile-worker) as part of `executor`, a transaction as a rule: the job exists exactly when
 * what caused it does. A job with the same `key` that has not begun is replaced, so a repeated cause makes one job.
 * It begins at once, or `delayMs` from now (the server's clock). Jobs of one `queue` run one after the other; one that
 * fails so many `attempts` is given up.
 * One job costs about as much as a decision (0.65 ms), hence never one per tap.
 */
export async function addJob(
  executor: Executor,
  task: string,
  payload: unknown,
  options: { key: string; delayMs?: number; queue?: string; attempts?: number },
): Promise<void> {
  const { key, delayMs = 0, queue = null, attempts = 10 } = options;
  await executor.execute(
    sql`select graphile_worker.add_job(${task}, payload := ${JSON.stringify(payload)}::json,
          queue_name := ${queue}, job_key := ${key}, max_attempts := ${attempts}::int,
          run_at := now() + ${Math.round(delayMs)}::bigint * interval '1 millisecond')`,
  );
}

const gathered = z.array(z.object({ payload: z.array(z.unknown()) })).length(1);

/**
 * Puts one more entry to those that wait under `key` and moves the moment at which the job gets them all to
 * `delayMs` from now (the server's clock). Returns the entries that wait, this one last.
 *
 * graphile-worker's batches: arrays under one key are joined as long as the job has not begun. One that runs already is
 * left to its entries, and this entry makes a new job. It is given no further attempt then, so such a job must be short;
 * one whose process dies at that very moment is set going again at the next start (job-worker.ts).
 */
export async function addToBatch(
  executor: Executor,
  task: string,
  entry: unknown,
  options: { key: string; delayMs: number },
): Promise<unknown[]> {
  const rows: unknown = await executor.execute(
    sql`select payload from graphile_worker.add_job(${task}, payload := ${JSON.stringify([entry])}::json,
          job_key := ${options.key}, max_attempts := 10,
          run_at := now() + ${options.delayMs}::bigint * interval '1 millisecond')`,
  );
  return gathered.parse(rows)[0]?.payload ?? [];
}
