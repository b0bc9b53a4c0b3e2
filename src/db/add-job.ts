import { sql } from 'drizzle-orm';
import type { Executor } from './client.ts';

/**
 * Adds a durable job (graphile-worker) as part of `executor`, a transaction as a rule: the job exists exactly when
 * what caused it does. A job with the same `key` that has not begun is replaced, so a repeated cause makes one job.
 * One job costs about as much as a decision (0.65 ms), hence never one per tap.
 */
export async function addJob(
  executor: Executor,
  task: string,
  payload: unknown,
  options: { key: string },
): Promise<void> {
  await executor.execute(
    sql`select graphile_worker.add_job(${task}, payload := ${JSON.stringify(payload)}::json,
          job_key := ${options.key}, max_attempts := 10)`,
  );
}
