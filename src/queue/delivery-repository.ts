import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { MEDIA_KINDS } from '../db/schema/index.ts';
import { isEligible, SELECTION_ORDER } from './library-selection.ts';

const claimed = z.array(z.object({ id: z.string(), attempts: z.number() }));
/** A queue item that this process is sending now. `attempts` counts this one. */
export type Claim = z.infer<typeof claimed>[number];

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
export function createDeliveryRepository({ db }: Database) {
  return {
    /**
     * The earliest due item of every active chat but those in `quietChats`, at most one each: after downtime the plan
     * catches up one per tick.
     */
    async claimDue(now: Date, quietChats: readonly number[]): Promise<Claim[]> {
      const at = now.toISOString();
      const rows: unknown = await db.execute(sql`
        update queue_items q set status = 'sending', sending_since = ${at}::timestamptz, attempts = q.attempts + 1
        from chats c cross join lateral (
          select p.id from queue_items p
          where p.chat_id = c.id and p.status = 'pending' and p.scheduled_for <= ${at}::timestamptz
          order by p.scheduled_for, p.id limit 1 for update skip locked
        ) due
        where c.is_active and c.id <> all(${`{${quietChats.join(',')}}`}::bigint[]) and q.id = due.id and q.status = 'pending'
        returning q.id, q.attempts`);
      return claimed.parse(rows);
    },

    /** The chat's earliest planned item, due or not. */
    async claimNext(chatId: number, now: Date): Promise<Claim | undefined> {
      const rows: unknown = await db.execute(sql`
        update queue_items q set status = 'sending', sending_since = ${now.toISOString()}::timestamptz, attempts = q.attempts + 1
        where q.status = 'pending' and q.id = (
          select p.id from queue_items p where p.chat_id = ${chatId} and p.status = 'pending'
          order by p.scheduled_for, p.id limit 1 for update skip locked)
        returning q.id, q.attempts`);
      return claimed.parse(rows)[0];
    },

    /** A new queue item for the chat from the library; undefined when nothing there may be queued. */
    async claimFromLibrary(chatId: number, userId: string, now: Date): Promise<Claim | undefined> {
      const at = sql`${now.toISOString()}::timestamptz`;
      return db.transaction(async (tx) => {
        // Two people asking at once must not get the same picture.
        await tx.execute(sql`select from chats where id = ${chatId} for update`);
        const rows: unknown = await tx.execute(sql`
          insert into queue_items (chat_id, media_item_id, scheduled_for, status, sending_since, attempts, added_by)
          select ${chatId}, m.id, ${at}, 'sending', ${at}, 1, ${userId}
          from media_items m where ${isEligible(sql`${chatId}`, at)}
          order by ${SELECTION_ORDER} limit 1
          returning id, attempts`);
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
            rendered_version = ${sent.version}, status = case status when 'sending' then 'delivered' else status end
        where id = ${id}`);
    },

    /** Back into the plan, to be tried again at the next tick. `isCounted`: the attempt was Telegram's refusal, not its silence. */
    async release(id: string, failure: string, isCounted: boolean): Promise<void> {
      await db.execute(sql`
        update queue_items
        set status = 'pending', sending_since = null, failure = ${failure},
            attempts = attempts - ${isCounted ? 0 : 1}::smallint
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
        returning id, attempts, status`);
      const stuck = z.array(z.object({ id: z.string(), attempts: z.number(), status: z.string() })).parse(rows);
      return {
        again: stuck.filter(({ status }) => status === 'sending'),
        lost: stuck.filter(({ status }) => status === 'failed').map(({ id }) => id),
      };
    },
  };
}
