import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { jobPauses, users } from '../db/schema/index.ts';
import { recordChanges } from '../settings/audit-repository.ts';

/** A job that stands still, since when, and by whom (undefined: in the terminal, or somebody who is gone). */
export type JobPause = { job: string; since: Date; by: string | undefined };

const pauseRow = z.object({ job: z.string(), since: z.coerce.date(), by: z.string().nullable() });

export type JobPauseRepository = ReturnType<typeof createJobPauseRepository>;

/** Which jobs an admin has stopped, in every chat and process. */
export function createJobPauseRepository({ db }: Pick<Database, 'db'>) {
  return {
    /** Everything that is paused. */
    async all(): Promise<JobPause[]> {
      const rows = await db
        .select({ job: jobPauses.job, since: jobPauses.pausedAt, by: users.firstName })
        .from(jobPauses)
        .leftJoin(users, eq(users.id, jobPauses.pausedBy));
      return rows.map((row) => {
        const { by, ...pause } = pauseRow.parse(row);
        return { ...pause, by: by ?? undefined };
      });
    },

    /** Pauses a job, with the audit row. False: it is paused already. */
    pause(job: string, { by, now }: { by: string | null; now: Date }): Promise<boolean> {
      return db.transaction(async (tx) => {
        const rows = await tx
          .insert(jobPauses)
          .values({ job, pausedAt: now, pausedBy: by })
          .onConflictDoNothing()
          .returning({ job: jobPauses.job });
        if (rows.length === 0) return false;
        await recordChanges(tx, [{ at: now, actorId: by, action: 'job_paused', after: { job } }]);
        return true;
      });
    },

    /** Lets a job go on, with the audit row. False: it is not paused. */
    resume(job: string, { by, now }: { by: string | null; now: Date }): Promise<boolean> {
      return db.transaction(async (tx) => {
        const rows = await tx.delete(jobPauses).where(eq(jobPauses.job, job)).returning({ job: jobPauses.job });
        if (rows.length === 0) return false;
        await recordChanges(tx, [{ at: now, actorId: by, action: 'job_resumed', before: { job } }]);
        return true;
      });
    },
  };
}
