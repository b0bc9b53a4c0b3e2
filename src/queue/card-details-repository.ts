import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { displayName } from '../users/user-repository.ts';

const detailsRow = z
  .object({
    fileName: z.string(),
    category: z.string().nullable(),
    timesPosted: z.number(),
    lastPostedAt: z.coerce.date().nullable(),
    duplicates: z.number(),
    addedAt: z.coerce.date(),
    adder: z
      .object({
        firstName: z.string().nullable(),
        lastName: z.string().nullable(),
        username: z.string().nullable(),
        telegramUserId: z.number().nullable(),
      })
      .nullable(),
    scheduledFor: z.coerce.date(),
    isLockedForever: z.boolean(),
    lockedUntil: z.coerce.date().nullable(),
  })
  .transform(({ adder, ...row }) => ({ ...row, addedBy: adder && displayName(adder) }));

/** What is known about a card's medium and its place in the plan. `duplicates`: other items with the same content. */
export type CardDetails = z.infer<typeof detailsRow>;

export type CardDetailsRepository = ReturnType<typeof createCardDetailsRepository>;

export function createCardDetailsRepository({ db }: Database) {
  return {
    /** The details of a card of this chat; undefined when there is none. */
    async find(queueItemId: string, chatId: number, now: Date): Promise<CardDetails | undefined> {
      const rows: unknown = await db.execute(sql`
        select m.file_name as "fileName", m.category, m.times_posted as "timesPosted", m.last_posted_at as "lastPostedAt",
               (select count(*)::int from media_items o where o.sha256 = m.sha256 and o.id <> m.id) as duplicates,
               m.created_at as "addedAt",
               case when u.id is not null then jsonb_build_object('firstName', u.first_name, 'lastName', u.last_name,
                 'username', u.username, 'telegramUserId', u.telegram_user_id) end as adder,
               q.scheduled_for as "scheduledFor",
               coalesce(locks.forever, false) as "isLockedForever", locks.until as "lockedUntil"
        from queue_items q
        join media_items m on m.id = q.media_item_id
        left join users u on u.id = m.added_by
        cross join lateral (
          select bool_or(l.locked_until is null) as forever, max(l.locked_until) as until from media_locks l
          where l.media_item_id = m.id and l.replaced_by is null
            and (l.locked_until is null or l.locked_until > ${now.toISOString()}::timestamptz)
        ) locks
        where q.id = ${queueItemId}::uuid and q.chat_id = ${chatId}`);
      return z.array(detailsRow).parse(rows)[0];
    },
  };
}
