import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { recordChanges } from '../settings/audit-repository.ts';
import { lockChat } from './plan-repository.ts';

/** What emptying the plan came to. `changed`: there are `pending` posts now, another number than was confirmed. */
export type ResetResult = { kind: 'reset' | 'changed'; pending: number };

const countRow = z.array(z.object({ count: z.number() }));

export type ResetRepository = ReturnType<typeof createResetRepository>;

/** Emptying a chat's plan. Cards that are in the chat already, and the media, stay. */
export function createResetRepository({ db }: Database) {
  return {
    /** How many posts are planned. */
    async pending(chatId: number): Promise<number> {
      const rows: unknown = await db.execute(
        sql`select count(*)::int as count from queue_items where chat_id = ${chatId} and status = 'pending'`,
      );
      return countRow.parse(rows)[0]?.count ?? 0;
    },

    /**
     * Takes everything planned out of the queue, with a row in the audit log, in one transaction. `expected` is what the
     * person confirmed: when another number is planned now, nothing is changed.
     */
    async reset(chatId: number, act: { by: string | null; now: Date; expected: number }): Promise<ResetResult> {
      const { by, now, expected } = act;
      return db.transaction(async (tx) => {
        await lockChat(tx, chatId);
        const rows: unknown = await tx.execute(sql`
          with planned as (
            select id from queue_items where chat_id = ${chatId} and status = 'pending' for update
          ), cancelled as (
            update queue_items q set status = 'cancelled', failure = 'taken out of the queue by /reset'
            from planned where q.id = planned.id and (select count(*) from planned) = ${expected}
            returning q.id
          )
          select count(*)::int as count from planned`);
        const pending = countRow.parse(rows)[0]?.count ?? 0;
        if (pending !== expected) return { kind: 'changed', pending };
        if (pending > 0) {
          const change = { at: now, actorId: by, action: 'queue_reset', chatId, before: { pending } } as const;
          await recordChanges(tx, [change]);
        }
        return { kind: 'reset', pending };
      });
    },
  };
}
