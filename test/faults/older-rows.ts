import { sql } from 'drizzle-orm';
import type { Db } from '../../src/db/client.ts';

/**
 * Makes everything that has a time so many milliseconds older, for a process whose clock is the machine's: what it sees is
 * what it would see that much later. What is planned keeps its time.
 */
export async function makeOlder(db: Db, ms: number): Promise<void> {
  const by = sql.raw(`interval '${ms} milliseconds'`);
  await db.transaction(async (tx) => {
    await tx.execute(sql`update queue_items set sending_since = sending_since - ${by}, sent_at = sent_at - ${by},
      waiting_since = waiting_since - ${by}, claimed_at = claimed_at - ${by}, reject_asked_at = reject_asked_at - ${by},
      render_again_at = render_again_at - ${by}`);
    await tx.execute(sql`update decisions set decided_at = decided_at - ${by}, undone_at = undone_at - ${by},
      previous_last_posted_at = previous_last_posted_at - ${by}`);
    await tx.execute(sql`update media_locks set locked_at = locked_at - ${by}, locked_until = locked_until - ${by}`);
    await tx.execute(sql`update media_items set last_posted_at = last_posted_at - ${by}`);
    await tx.execute(sql`update approvals set voted_at = voted_at - ${by}`);
    await tx.execute(sql`update chat_members set checked_at = checked_at - ${by}`);
    await tx.execute(sql`update user_interactions set created_at = created_at - ${by}, context = case
      when context ? 'claimed_since' then context || jsonb_build_object('claimed_since',
        (context->>'claimed_since')::timestamptz - ${by}) else context end`);
  });
}
