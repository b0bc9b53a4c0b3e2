import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { displayName } from '../users/user-repository.ts';
import { LABEL } from './queue-repository.ts';

const person = z
  .object({
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    username: z.string().nullable(),
    telegramUserId: z.number().nullable(),
  })
  .nullable()
  .transform((row) => row && displayName(row));

const historyRow = z.object({
  at: z.coerce.date(),
  what: z.enum(['posted', 'skipped', 'rejected', 'failed', 'cancelled']),
  reason: z.string().nullable(),
  isOneOfMany: z.boolean(),
  label: z.string(),
  messageId: z.number().nullable(),
  by: person,
  undoneBy: person,
  isUndone: z.boolean(),
});

/**
 * One end of a card: a decision (undone or not), a card that could not be sent (`failed`), or one that nobody decided in
 * time (`cancelled`); for these two `reason` is the failure and `at` the last try, or the end of the chat's patience.
 */
export type HistoryEntry = z.infer<typeof historyRow>;

export type HistoryRepository = ReturnType<typeof createHistoryRepository>;

const nameOf = (alias: string) =>
  sql.raw(`case when ${alias}.id is not null then jsonb_build_object('firstName', ${alias}.first_name,
    'lastName', ${alias}.last_name, 'username', ${alias}.username, 'telegramUserId', ${alias}.telegram_user_id) end`);

/**
 * From when a card's end without a decision is counted, over `queue_items q`; within one chat and status it is in the order
 * of the ends, and queue_items_undecided_end_idx has it. A card that failed was never there, so it never waited.
 */
const FROM = sql.raw('coalesce(q.waiting_since, q.sending_since, q.scheduled_for)');

export function createHistoryRepository({ db }: Database) {
  return {
    /**
     * How the last cards of a chat ended, the newest first. Keys are in order of writing (UUID v7), so the newest
     * decisions, undone ones too, are found from the primary key's end, whatever the length of the history; for cards
     * without a decision there is an index, and a question for each of their two ends that is in its order.
     */
    async last(chatId: number, limit: number, now: Date): Promise<HistoryEntry[]> {
      const at = sql`${now.toISOString()}::timestamptz`;
      const rows: unknown = await db.execute(sql`
        with decided as (
          select d.queue_item_id, d.decided_at as at, d.decision as what, d.reason, d.source = 'approve_all' as many,
                 d.user_id, d.undone_by, d.undone_at is not null as undone
          from decisions d where d.chat_id = ${chatId} order by d.id desc limit ${limit}
        ), failed as (
          select q.id, least(${at}, coalesce(q.sending_since, q.scheduled_for)) as at,
                 q.status, q.failure, false, null::uuid, null::uuid, false
          from queue_items q where q.chat_id = ${chatId} and q.status = 'failed'
          order by ${FROM} desc limit ${limit}
        ), discarded as (
          select q.id, least(${at}, ${FROM} + make_interval(hours => c.discard_after_hours)) as at,
                 q.status, q.failure, false, null::uuid, null::uuid, false
          from queue_items q join chats c on c.id = q.chat_id
          where q.chat_id = ${chatId} and q.status = 'cancelled' and q.sent_at is not null
          order by ${FROM} desc limit ${limit}
        )
        select e.at, e.what, e.reason, e.many as "isOneOfMany", ${LABEL} as label, q.message_id as "messageId",
               ${nameOf('u')} as by, ${nameOf('v')} as "undoneBy", e.undone as "isUndone"
        from (select * from decided union all select * from failed union all select * from discarded) e
        join queue_items q on q.id = e.queue_item_id
        join media_items m on m.id = q.media_item_id
        left join users u on u.id = e.user_id
        left join users v on v.id = e.undone_by
        order by e.at desc, e.queue_item_id desc
        limit ${limit}`);
      return z.array(historyRow).parse(rows);
    },
  };
}
