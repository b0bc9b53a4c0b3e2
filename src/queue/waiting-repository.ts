import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { LABEL } from './queue-repository.ts';

const reminder = z.object({
  id: z.string(),
  chatId: z.number(),
  messageId: z.number().nullable(),
  label: z.string(),
  waitingSince: z.coerce.date(),
  /** When the card leaves the queue without a decision; null when the chat does not want that. */
  leavesAt: z.coerce.date().nullable(),
});
/** A card that has waited long enough to be mentioned once. */
export type Reminder = z.infer<typeof reminder>;

const reminders = z.array(reminder);
const ids = z.array(z.object({ id: z.string() }));

/** Cards that one run takes out of the queue; the next one is a minute away. */
const DISCARD_LIMIT = 100;

export type WaitingRepository = ReturnType<typeof createWaitingRepository>;

/**
 * What happens to cards that nobody decides. Counted from `waiting_since`, which every pause moves on; nothing happens
 * in paused chats and in those that the bot has left.
 */
export function createWaitingRepository({ db }: Database) {
  return {
    /**
     * Cards to mention now, at most one of each chat, the longest waiting first. They are marked before anything is sent,
     * so that none is mentioned twice.
     */
    async claimReminders(now: Date): Promise<Reminder[]> {
      const at = sql`${now.toISOString()}::timestamptz`;
      const rows: unknown = await db.execute(sql`
        -- Materialized, for the reason that claimDue gives: one of each chat.
        with due as materialized (
          select next.id, next.since, c.discard_after_hours from chats c cross join lateral (
            select w.id, coalesce(w.waiting_since, w.sent_at) as since from queue_items w
            where w.chat_id = c.id and w.status = 'delivered' and w.reminded_at is null
              and coalesce(w.waiting_since, w.sent_at) <= ${at} - make_interval(hours => c.remind_after_hours)
            order by since, w.id limit 1 for update skip locked
          ) next
          where c.is_active and not c.is_paused and c.remind_after_hours > 0
        )
        update queue_items q set reminded_at = ${at}
        from due, media_items m
        where q.id = due.id and m.id = q.media_item_id
        returning q.id, q.chat_id as "chatId", q.message_id as "messageId", ${LABEL} as label, due.since as "waitingSince",
          case when due.discard_after_hours > 0 then due.since + make_interval(hours => due.discard_after_hours) end as "leavesAt"`);
      return reminders.parse(rows);
    },

    /** Telegram did not take the reminder: the next run may try again. */
    async forgetReminder(id: string): Promise<void> {
      await db.execute(sql`update queue_items set reminded_at = null where id = ${id}`);
    },

    /**
     * Takes cards out of the queue that have waited too long: status cancelled, with the reason. Their media are not
     * locked, so they may be planned again. Returns which, for their cards.
     */
    async discard(now: Date): Promise<string[]> {
      const at = sql`${now.toISOString()}::timestamptz`;
      const rows: unknown = await db.execute(sql`
        update queue_items q
        set status = 'cancelled', version = q.version + 1, reject_asked_at = null, reject_asked_by = null,
            claimed_by = null, claimed_at = null, render_again_at = null,
            failure = 'nobody decided within ' || due.hours || ' h'
        from (
          select w.id, c.discard_after_hours as hours from queue_items w join chats c on c.id = w.chat_id
          where w.status = 'delivered' and c.is_active and not c.is_paused and c.discard_after_hours > 0
            and coalesce(w.waiting_since, w.sent_at) <= ${at} - make_interval(hours => c.discard_after_hours)
          order by w.sent_at limit ${DISCARD_LIMIT} for update of w skip locked
        ) due
        where q.id = due.id
        returning q.id`);
      return ids.parse(rows).map(({ id }) => id);
    },
  };
}
