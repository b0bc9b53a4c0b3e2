import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { MEDIA_KINDS } from '../db/schema/index.ts';
import { isEligible, type Ranking, selectionOrder } from './library-selection.ts';
import { lockChat } from './plan-repository.ts';

const claim = z.object({ id: z.string(), attempts: z.number(), chatId: z.number(), isOverdue: z.boolean() });
const claimed = z.array(claim);
/** A queue item that this process is sending now. `attempts` counts this one. `isOverdue`: the clock missed its time. */
export type Claim = z.infer<typeof claim>;

const mediumRow = z.object({
  id: z.string(),
  kind: z.enum(MEDIA_KINDS),
  telegramFileId: z.string().nullable(),
  fileName: z.string(),
  path: z.string().nullable(),
  fileSize: z.number().nullable(),
  fileModifiedAt: z.coerce.date().nullable(),
});
/** What a queue item shows, and where its file is: at Telegram (`telegramFileId`), on this machine (`path`), or both. */
export type Medium = z.infer<typeof mediumRow>;

export type DeliveryRepository = ReturnType<typeof createDeliveryRepository>;

/**
 * Claims and their ends. An item is claimed (`sending`) and committed before anything is sent, so that no crash and no
 * second process can send it twice unknowingly.
 */
export function createDeliveryRepository({ db }: Database, options: { ranking?: Ranking } = {}) {
  const { ranking } = options;
  return {
    /**
     * The earliest due item of every active chat that is not paused, at most one each. Chats in `quiet` get none, chats in
     * `catchingUp` none that was due before `overdueBefore`.
     */
    async claimDue(
      now: Date,
      chats: { quiet: readonly number[]; catchingUp: readonly number[]; overdueBefore: Date },
    ): Promise<Claim[]> {
      const at = now.toISOString();
      const ids = (list: readonly number[]) => sql`${`{${list.join(',')}}`}::bigint[]`;
      const rows: unknown = await db.execute(sql`
        update queue_items q set status = 'sending', sending_since = ${at}::timestamptz, attempts = q.attempts + 1
        from chats c cross join lateral (
          select p.id, p.scheduled_for from queue_items p
          where p.chat_id = c.id and p.status = 'pending' and p.scheduled_for <= ${at}::timestamptz
          order by p.scheduled_for, p.id limit 1 for update skip locked
        ) due
        where c.is_active and not c.is_paused and c.id <> all(${ids(chats.quiet)}) and q.id = due.id and q.status = 'pending'
          and (due.scheduled_for >= ${chats.overdueBefore.toISOString()}::timestamptz or c.id <> all(${ids(chats.catchingUp)}))
        returning q.id, q.attempts, q.chat_id as "chatId",
                  q.scheduled_for < ${chats.overdueBefore.toISOString()}::timestamptz as "isOverdue"`);
      return claimed.parse(rows);
    },

    /**
     * The chat's earliest planned item, due or not. When it was not due, the plan moves up in the same transaction: each
     * later item takes the time of the one before it, and the last time becomes free.
     */
    async claimNext(chatId: number, now: Date): Promise<Claim | undefined> {
      const at = now.toISOString();
      return db.transaction(async (tx) => {
        // Whoever plans at the same moment would put something into a time that is just being given away.
        await lockChat(tx, chatId);
        const rows: unknown = await tx.execute(sql`
          with claimed as (
            update queue_items q set status = 'sending', sending_since = ${at}::timestamptz, attempts = q.attempts + 1
            where q.status = 'pending' and q.id = (
              select p.id from queue_items p where p.chat_id = ${chatId} and p.status = 'pending'
              order by p.scheduled_for, p.id limit 1 for update skip locked)
            returning q.id, q.attempts, q.chat_id, q.scheduled_for
          ), moved_up as (
            update queue_items q set scheduled_for = later.earlier
            from (select p.id, lag(p.scheduled_for) over (order by p.scheduled_for, p.id) as earlier
                  from queue_items p, claimed
                  where p.chat_id = ${chatId} and p.status = 'pending' and claimed.scheduled_for > ${at}::timestamptz
                    and (p.scheduled_for, p.id) >= (claimed.scheduled_for, claimed.id)) later
            where q.id = later.id and later.earlier is not null
          )
          select id, attempts, chat_id as "chatId", false as "isOverdue" from claimed`);
        return claimed.parse(rows)[0];
      });
    },

    /** A new queue item for the chat from the library; undefined when nothing there may be queued. */
    async claimFromLibrary(chatId: number, userId: string, now: Date): Promise<Claim | undefined> {
      const at = sql`${now.toISOString()}::timestamptz`;
      return db.transaction(async (tx) => {
        // Two people asking at once must not get the same picture.
        await lockChat(tx, chatId);
        const rows: unknown = await tx.execute(sql`
          insert into queue_items (chat_id, media_item_id, scheduled_for, status, sending_since, attempts, added_by)
          select ${chatId}, m.id, ${at}, 'sending', ${at}, 1, ${userId}
          from media_items m where ${isEligible(sql`${chatId}`, at)}
          order by ${selectionOrder(chatId, ranking)} limit 1
          returning id, attempts, chat_id as "chatId", false as "isOverdue"`);
        return claimed.parse(rows)[0];
      });
    },

    /** The medium of a queue item. Throws when there is no such item. */
    async mediumOf(id: string): Promise<Medium> {
      const rows: unknown = await db.execute(sql`
        select m.id, m.kind, m.telegram_file_id as "telegramFileId", m.file_name as "fileName", m.path,
               m.file_size as "fileSize", m.file_modified_at as "fileModifiedAt"
        from queue_items q join media_items m on m.id = q.media_item_id where q.id = ${id}`);
      return mediumRow.parse(z.array(z.unknown()).parse(rows)[0]);
    },

    /** The card is in the chat. A decision that was faster than this keeps its status. */
    async markSent(id: string, sent: { messageId: number; version: number; at: Date }): Promise<void> {
      await db.execute(sql`
        update queue_items
        set message_id = ${sent.messageId}, sent_at = ${sent.at.toISOString()}::timestamptz, failure = null,
            waiting_since = ${sent.at.toISOString()}::timestamptz,
            rendered_version = ${sent.version}, status = case status when 'sending' then 'delivered' else status end
        where id = ${id}`);
    },

    /**
     * Back into the plan, to be tried again at the next tick. What was asked for before its time is due now: the plan
     * has moved up, and its own time belongs to the one behind it. `isCounted`: the attempt was Telegram's refusal, not
     * its silence. `mayHaveArrived`: it is labelled as a repeat then.
     */
    async release(
      id: string,
      release: { failure: string; isCounted: boolean; mayHaveArrived?: boolean; now: Date },
    ): Promise<void> {
      const { failure, isCounted, mayHaveArrived = false, now } = release;
      await db.execute(sql`
        update queue_items
        set status = 'pending', sending_since = null, failure = ${failure},
            scheduled_for = least(scheduled_for, ${now.toISOString()}::timestamptz),
            attempts = attempts - ${isCounted ? 0 : 1}::smallint, is_repeat = is_repeat or ${mayHaveArrived}
        where id = ${id} and status = 'sending'`);
    },

    /** Given up: the reason stays on the row. */
    async fail(id: string, failure: string): Promise<void> {
      await db.execute(sql`
        update queue_items set status = 'failed', failure = ${failure} where id = ${id} and status = 'sending'`);
    },

    /**
     * Sends that were begun before `before` and of which nobody knows the end (crash, no answer): claimed again as a
     * labelled repeat, once; those that were a repeat already are returned as `lost`, with status failed. `underWay`:
     * what this process is still sending.
     */
    async reclaimStuck(
      before: Date,
      now: Date,
      underWay: readonly string[],
    ): Promise<{ again: Claim[]; lost: string[] }> {
      const rows: unknown = await db.execute(sql`
        update queue_items
        set status = case when is_repeat then 'failed' else 'sending' end,
            failure = 'Telegram never said whether the card arrived',
            is_repeat = true, sending_since = ${now.toISOString()}::timestamptz, attempts = attempts + 1
        where status = 'sending' and message_id is null and sending_since < ${before.toISOString()}::timestamptz
          and id <> all(${`{${underWay.join(',')}}`}::uuid[])
        returning id, attempts, status, chat_id as "chatId", false as "isOverdue"`);
      const stuck = z.array(claim.extend({ status: z.string() })).parse(rows);
      return {
        again: stuck.filter(({ status }) => status === 'sending'),
        lost: stuck.filter(({ status }) => status === 'failed').map(({ id }) => id),
      };
    },
  };
}
