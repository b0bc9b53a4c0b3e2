import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { addJob } from '../db/add-job.ts';
import type { Database, Executor, Transaction } from '../db/client.ts';
import { jobRuns } from '../db/schema/index.ts';
import type { JobOutcome } from '../lib/job-run.ts';
import { recordChanges } from '../settings/audit-repository.ts';

/** The durable job (graphile-worker) that carries out one row of `job_runs`; its payload is `{ run: <id> }`. */
export const RUN_CLOCK_JOB_TASK = 'run-clock-job';

/** A slot that may be due. `job` is the name under which it is recorded, with the chat where there is one. */
export type SlotClaim = { job: string; chatId: number | undefined; slot: Date; period: string };

/**
 * What is known of a claim before it is made. `isKnown`: the job has an earlier row. `isTaken`: slot or period was run or held,
 * or it lies in the two days before the job was there.
 */
export type ClaimState = SlotClaim & { isTaken: boolean; isKnown: boolean };

/** A run as it begins. */
export type StartedRun = {
  id: string;
  job: string;
  chatId: number | undefined;
  slot: Date;
  isByPerson: boolean;
  attempt: number;
};

export type StartResult =
  | { kind: 'started'; run: StartedRun }
  /** It is over, or its row is gone: nothing to do. */
  | { kind: 'over' }
  /** Somebody runs it, or another run of the job that must end before: look again then. */
  | { kind: 'busy'; againInMs: number }
  /** Its slot came while the run before it was still going: skipped, and recorded so. */
  | { kind: 'overlapped'; run: Omit<StartedRun, 'attempt'> }
  /** Its process has died as often as it may be tried: failed, and recorded so. */
  | { kind: 'exhausted'; run: Omit<StartedRun, 'attempt'> };

/** How a run ended. `failed` is said by who ran it; the rest by the job. */
export type RunEnd = { outcome: JobOutcome['outcome'] | 'failed'; words: string | undefined } & Pick<
  JobOutcome,
  'figures'
> & { now: Date; durationMs: number };

/**
 * A running job gives a sign of life every ten seconds; after three that did not come its process is dead. With the time
 * for the next look (the tick's minute) a killed job runs again within 90 s.
 */
export const LEASE_MS = 30_000;
export const HEARTBEAT_MS = 10_000;
/** How long a run waits for another run of its job that began before it, between looks. */
const WAIT_MS = 5_000;
/** A durable job is taken and begun within milliseconds; one that is neither after this long was lost with its process. */
const LOST_SECONDS = 60;
/** Any number will do; together with a job's name it makes starting two runs of one job a matter of turns. */
const START_LOCK = 7404;
const PRUNE_BATCH = 5_000;

const claimRow = z.object({ index: z.number(), isTaken: z.boolean(), isKnown: z.boolean() });
const idRow = z.object({ id: z.string() });
const startRow = z.object({
  job: z.string(),
  slot: z.coerce.date(),
  chatId: z.coerce.number().nullable(),
  cause: z.string(),
  attempt: z.number(),
  outcome: z.string().nullable(),
  silentMs: z.number().nullable(),
  otherStartedAt: z.coerce.date().nullable(),
  otherSlot: z.coerce.date().nullable(),
});

export type JobRunRepository = ReturnType<typeof createJobRunRepository>;

/**
 * Claiming, starting and ending runs. Times that people see are the caller's; signs of life are by the server's clock, and
 * one from the future is none, so that a clock that jumps holds nothing up.
 */
export function createJobRunRepository({ db }: Pick<Database, 'db'>) {
  /** Whether `heartbeat_at` of this row is a living run's. */
  const isAlive = (row: string) =>
    sql.raw(`(${row}.heartbeat_at > clock_timestamp() - interval '${LEASE_MS} milliseconds'
      and ${row}.heartbeat_at < clock_timestamp() + interval '${LEASE_MS} milliseconds')`);

  function addRun(executor: Executor, id: string, delayMs = 0): Promise<void> {
    return addJob(executor, RUN_CLOCK_JOB_TASK, { run: id }, { key: `${RUN_CLOCK_JOB_TASK}:${id}`, delayMs });
  }

  async function end(tx: Executor, id: string, outcome: 'skipped' | 'failed', words: string, now: Date): Promise<void> {
    await tx.execute(sql`
      update job_runs set outcome = ${outcome}, words = ${words}, finished_at = ${now.toISOString()}::timestamptz,
        heartbeat_at = null where id = ${id}`);
  }

  async function readStart(tx: Transaction, id: string) {
    const rows: unknown = await tx.execute(sql`
      select r.job, r.slot, r.chat_id as "chatId", r.cause, r.attempt, r.outcome,
             case when ${isAlive('r')} then extract(epoch from clock_timestamp() - r.heartbeat_at)::float8 * 1000 end as "silentMs",
             o.started_at as "otherStartedAt", o.slot as "otherSlot"
      from job_runs r
      left join lateral (select started_at, slot from job_runs o
        where o.job = r.job and o.id <> r.id and o.outcome is null and ${isAlive('o')} limit 1) o on true
      where r.id = ${id}`);
    return z.array(startRow).parse(rows)[0];
  }

  return {
    /** What is known of these slots; one question for all of them. */
    async states(claims: readonly SlotClaim[]): Promise<ClaimState[]> {
      if (claims.length === 0) return [];
      const asked = claims.map(({ job, slot, period }, index) => ({ index, job, slot, period }));
      const rows: unknown = await db.execute(sql`
        select c.index,
               exists (select from job_runs r where r.job = c.job and (r.slot = c.slot or r.period = c.period
                 or r.cause = 'start' and c.slot between r.finished_at - interval '2 days' and r.finished_at)) as "isTaken",
               exists (select from job_runs r where r.job = c.job and r.slot < c.slot) as "isKnown"
        from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as c(index int, job text, slot timestamptz, period text)`);
      const states = new Map(
        z
          .array(claimRow)
          .parse(rows)
          .map(({ index, ...state }) => [index, state]),
      );
      return claims.flatMap((claim, index) => {
        const state = states.get(index);
        return state ? [{ ...claim, ...state }] : [];
      });
    },

    /**
     * Claims slots: each becomes a row and a durable job, in one transaction, and only for who comes first. Returns the
     * names of the jobs that were claimed here.
     */
    claim(claims: readonly SlotClaim[]): Promise<string[]> {
      return db.transaction(async (tx) => {
        const rows = await tx
          .insert(jobRuns)
          .values(claims.map((claim) => ({ ...claim, chatId: claim.chatId ?? null, claimedAt: sql`now()` })))
          .onConflictDoNothing()
          .returning({ id: jobRuns.id, job: jobRuns.job });
        for (const { id } of rows) await addRun(tx, id);
        return rows.map(({ job }) => job);
      });
    },

    /** Holds slots that nobody runs: of a paused job, with the reason, or from before the job was there (`start`). */
    async hold(
      claims: readonly SlotClaim[],
      { cause, words, now }: { cause: 'clock' | 'start'; words: string; now: Date },
    ): Promise<void> {
      if (claims.length === 0) return;
      const row = { cause, words, outcome: 'skipped' as const, claimedAt: sql`now()`, finishedAt: now };
      await db
        .insert(jobRuns)
        .values(
          claims.map(({ job, chatId, slot, period }) => ({
            ...row,
            job,
            chatId: chatId ?? null,
            slot,
            // What nobody made up for does not stand in the way of another time on the same day.
            period: cause === 'clock' ? period : null,
          })),
        )
        .onConflictDoNothing();
    },

    /** A person wants a run now: a row whose slot is now, its durable job and the audit row, in one transaction. */
    request(wanted: { job: string; chatId: number | undefined; by: string | null; now: Date }): Promise<string> {
      const { job, chatId, by, now } = wanted;
      return db.transaction(async (tx) => {
        for (let slot = now.getTime(); ; slot += 1) {
          const [row] = await tx
            .insert(jobRuns)
            .values({
              job,
              chatId: chatId ?? null,
              slot: new Date(slot),
              cause: 'person',
              requestedBy: by,
              claimedAt: sql`now()`,
            })
            .onConflictDoNothing()
            .returning({ id: jobRuns.id });
          if (!row) continue;
          await addRun(tx, row.id);
          await recordChanges(tx, [
            {
              at: now,
              actorId: by,
              action: 'job_requested',
              ...(chatId === undefined ? {} : { chatId }),
              after: { job },
            },
          ]);
          return row.id;
        }
      });
    },

    /**
     * Takes a run, if it is to run now: nobody runs it, and no other run of the same job goes on. Two processes come one
     * after the other, so one job never overlaps itself.
     */
    start(id: string, { now, attempts }: { now: Date; attempts: (job: string) => number }): Promise<StartResult> {
      return db.transaction(async (tx): Promise<StartResult> => {
        await tx.execute(sql`
          select pg_advisory_xact_lock(${START_LOCK}, hashtext(job)) from job_runs where id = ${id}`);
        const row = await readStart(tx, id);
        if (!row || row.outcome !== null) return { kind: 'over' };
        if (row.silentMs !== null) return { kind: 'busy', againInMs: Math.max(0, LEASE_MS - row.silentMs) + 1_000 };
        const { job, slot } = row;
        const run = { id, job, slot, chatId: row.chatId ?? undefined, isByPerson: row.cause === 'person' };
        if (row.otherStartedAt && row.otherSlot) {
          if (slot <= row.otherStartedAt) return { kind: 'busy', againInMs: WAIT_MS };
          await end(tx, id, 'skipped', 'The run before it was still going.', now);
          return { kind: 'overlapped', run };
        }
        if (row.attempt >= attempts(job)) {
          await end(tx, id, 'failed', `Its process ended ${row.attempt} times before it was done.`, now);
          return { kind: 'exhausted', run };
        }
        await tx.execute(sql`
          update job_runs set started_at = ${now.toISOString()}::timestamptz, heartbeat_at = clock_timestamp(),
            attempt = attempt + 1 where id = ${id}`);
        return { kind: 'started', run: { ...run, attempt: row.attempt + 1 } };
      });
    },

    /** Looks at the run again after a while: adds its durable job anew. */
    again: (id: string, delayMs: number): Promise<void> => addRun(db, id, delayMs),

    /** A sign of life. False: the run is no longer ours, somebody else has taken it for dead. */
    async beat({ id, attempt }: Pick<StartedRun, 'id' | 'attempt'>): Promise<boolean> {
      const rows = await db.execute(sql`
        update job_runs set heartbeat_at = clock_timestamp()
        where id = ${id} and attempt = ${attempt} and outcome is null and heartbeat_at is not null returning id`);
      return rows.length > 0;
    },

    /** Writes how a run ended. False: it is no longer ours, and nothing was written. */
    async finish({ id, attempt }: Pick<StartedRun, 'id' | 'attempt'>, finished: RunEnd): Promise<boolean> {
      const figures = finished.figures ? JSON.stringify(finished.figures) : null;
      const rows = await db.execute(sql`
        update job_runs set outcome = ${finished.outcome}, words = ${finished.words ?? null}, figures = ${figures}::jsonb,
          finished_at = ${finished.now.toISOString()}::timestamptz, duration_ms = ${Math.round(finished.durationMs)},
          heartbeat_at = null
        where id = ${id} and attempt = ${attempt} and outcome is null returning id`);
      return rows.length > 0;
    },

    /**
     * Gives a run back that is to be tried again after `delayMs`, together with the durable job that does so. With
     * `isCounted: false` (the process stops) it was no attempt. Does nothing when the run is no longer ours.
     */
    giveBack(
      { id, attempt }: Pick<StartedRun, 'id' | 'attempt'>,
      { words, isCounted, delayMs }: { words: string; isCounted: boolean; delayMs: number },
    ): Promise<void> {
      return db.transaction(async (tx) => {
        const rows = await tx.execute(sql`
          update job_runs set heartbeat_at = null, claimed_at = now(), words = ${words},
            attempt = attempt - ${isCounted ? 0 : 1}
          where id = ${id} and attempt = ${attempt} and outcome is null returning id`);
        if (rows.length > 0) await addRun(tx, id, delayMs);
      });
    },

    /**
     * Sets going again what nobody runs any more: runs whose process gives no sign of life, and those whose durable job was
     * lost with its process (graphile-worker keeps such jobs locked for four hours). Returns how many.
     */
    recover(): Promise<number> {
      return db.transaction(async (tx) => {
        const rows: unknown = await tx.execute(sql`
          select id from job_runs r
          where outcome is null and claimed_at < now() - make_interval(secs => ${LOST_SECONDS})
            and (heartbeat_at is null or not ${isAlive('r')})
            and not exists (select from graphile_worker.jobs j
              where j.key = ${`${RUN_CLOCK_JOB_TASK}:`} || r.id and j.locked_at is null and j.attempts < j.max_attempts)
          for update skip locked`);
        const lost = z.array(idRow).parse(rows);
        for (const { id } of lost) await addRun(tx, id);
        return lost.length;
      });
    },

    /** The newest slot of all that the clock has made; undefined when there is none. */
    async newestSlot(): Promise<Date | undefined> {
      const rows: unknown = await db.execute(sql`select max(slot) as slot from job_runs where cause = 'clock'`);
      return z.array(z.object({ slot: z.coerce.date().nullable() })).parse(rows)[0]?.slot ?? undefined;
    },

    /**
     * Forgets runs whose slot lies before `before`, of these jobs (names of the schedule) or of all but these. The last
     * row of a job is kept: without any it would count as new. Returns how many went.
     */
    async prune({
      before,
      of,
      except,
    }: {
      before: Date;
      of?: readonly string[];
      except?: readonly string[];
    }): Promise<number> {
      const names = of ?? except ?? [];
      const isMeant = sql`split_part(job, ':', 1) in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))`;
      let pruned = 0;
      for (let rows = PRUNE_BATCH; rows === PRUNE_BATCH; pruned += rows) {
        const gone = await db.execute(sql`
          delete from job_runs where id in (
            select id from job_runs r where slot < ${before.toISOString()}::timestamptz and outcome is not null
              and ${of ? isMeant : sql`not ${isMeant}`}
              and exists (select from job_runs newer where newer.job = r.job and newer.slot > r.slot)
            limit ${PRUNE_BATCH})
          returning id`);
        rows = gone.length;
      }
      return pruned;
    },
  };
}
