import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Executor, Transaction } from '../db/client.ts';
import { MEDIA_KINDS } from '../db/schema/index.ts';
import type { InteractionDraft, Outcome } from '../telegram/bot-context.ts';
import { isEligible, type Ranking, selectionOrder } from './library-selection.ts';
import { lockChat } from './plan-repository.ts';

const claim = z.object({ id: z.string(), attempts: z.number(), chatId: z.number(), isOverdue: z.boolean() });
const claimed = z.array(claim);
/** A queue item that this process is sending now. `attempts` counts this one. `isOverdue`: the clock missed its time. */
export type Claim = z.infer<typeof claim>;

const askedClaims = z.array(claim.extend({ fileName: z.string() }));
const asked = z.array(
  z.object({
    queueItemId: z.string().nullable(),
    outcome: z.enum(['done', 'noop', 'denied', 'failed', 'vote']) satisfies z.ZodType<Outcome>,
  }),
);

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
export function createDeliveryRepository(
  { db }: Database,
  options: {
    ranking?: Ranking;
    /** Writes down who asked for a card; undefined when that is written down already. */
    record: (draft: InteractionDraft, executor: Executor) => Promise<object | undefined>;
  },
) {
  const { ranking, record } = options;

  /**
   * Who asked is written down in the transaction of the claim, with the card: the same update, delivered again, leads to
   * it (`askedBefore`) and claims nothing. Whatever became of the card is corrected behind it.
   */
  async function claimAsked(tx: Transaction, rows: unknown, asking: InteractionDraft | undefined) {
    const [row] = askedClaims.parse(rows);
    if (!row || !asking) return row;
    const { fileName, ...claimed } = row;
    const facts = { success: true, queue_item_id: row.id, media_filename: fileName };
    const isNew = await record({ ...asking, context: { ...asking.context, ...facts } }, tx);
    if (!isNew) throw new Error(`${asking.deliveryKey} has asked for a card already`);
    return claimed;
  }

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
        -- Materialized: as a part of the join it may run once for each row of queue_items, and then it passes over what this
        -- very statement has claimed and comes to the next one: two cards of one chat at once (found by the team model).
        with due as materialized (
          select next.id from chats c cross join lateral (
            select p.id, p.scheduled_for from queue_items p
            where p.chat_id = c.id and p.status = 'pending' and p.scheduled_for <= ${at}::timestamptz
            order by p.scheduled_for, p.id limit 1 for update skip locked
          ) next
          where c.is_active and not c.is_paused and c.id <> all(${ids(chats.quiet)})
            and (next.scheduled_for >= ${chats.overdueBefore.toISOString()}::timestamptz or c.id <> all(${ids(chats.catchingUp)}))
        )
        update queue_items q set status = 'sending', sending_since = ${at}::timestamptz, attempts = q.attempts + 1
        from due where q.id = due.id and q.status = 'pending'
        returning q.id, q.attempts, q.chat_id as "chatId",
                  q.scheduled_for < ${chats.overdueBefore.toISOString()}::timestamptz as "isOverdue"`);
      return claimed.parse(rows);
    },

    /**
     * The chat's earliest planned item, due or not. When it was not due, the plan moves up in the same transaction: each
     * later item takes the time of the one before it, and the last time becomes free. `asking` is recorded with it.
     */
    async claimNext(chatId: number, now: Date, asking?: InteractionDraft): Promise<Claim | undefined> {
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
            returning q.id, q.attempts, q.chat_id, q.scheduled_for, q.media_item_id
          ), moved_up as (
            update queue_items q set scheduled_for = later.earlier
            from (select p.id, lag(p.scheduled_for) over (order by p.scheduled_for, p.id) as earlier
                  from queue_items p, claimed
                  where p.chat_id = ${chatId} and p.status = 'pending' and claimed.scheduled_for > ${at}::timestamptz
                    and (p.scheduled_for, p.id) >= (claimed.scheduled_for, claimed.id)) later
            where q.id = later.id and later.earlier is not null
          )
          select c.id, c.attempts, c.chat_id as "chatId", false as "isOverdue", m.file_name as "fileName"
          from claimed c join media_items m on m.id = c.media_item_id`);
        return claimAsked(tx, rows, asking);
      });
    },

    /**
     * A new queue item for the chat from the library; undefined when nothing there may be queued. Nobody has added it:
     * whoever asks for a card may approve it where four eyes are wanted. `asking` is recorded with it.
     */
    async claimFromLibrary(chatId: number, now: Date, asking?: InteractionDraft): Promise<Claim | undefined> {
      const at = sql`${now.toISOString()}::timestamptz`;
      return db.transaction(async (tx) => {
        // Two people asking at once must not get the same picture.
        await lockChat(tx, chatId);
        const rows: unknown = await tx.execute(sql`
          insert into queue_items (chat_id, media_item_id, scheduled_for, status, sending_since, attempts)
          select ${chatId}, m.id, ${at}, 'sending', ${at}, 1
          from media_items m where ${isEligible(sql`${chatId}`, at)}
          order by ${selectionOrder(chatId, ranking)} limit 1
          returning id, attempts, chat_id as "chatId", false as "isOverdue",
                    (select m.file_name from media_items m where m.id = media_item_id) as "fileName"`);
        return claimAsked(tx, rows, asking);
      });
    },

    /**
     * What is written down of an update that asks for a card; undefined when it is new. `queueItemId`: the card that was
     * claimed for it; null when there was none, and then its person has been told.
     */
    async askedBefore(deliveryKey: string): Promise<z.infer<typeof asked>[number] | undefined> {
      const rows: unknown = await db.execute(sql`
        select context->>'queue_item_id' as "queueItemId", coalesce(context->>'outcome', 'done') as outcome
        from user_interactions where delivery_key = ${deliveryKey}`);
      return asked.parse(rows)[0];
    },

    /**
     * Claims an item that was claimed before and did not arrive: put back into the plan, or sent by a process that died
     * (then as a labelled repeat, once). Undefined when neither is so. The caller knows that it does not send it itself.
     */
    async claimAgain(id: string, now: Date): Promise<Claim | undefined> {
      const rows: unknown = await db.execute(sql`
        update queue_items q
        set status = 'sending', sending_since = ${now.toISOString()}::timestamptz, attempts = q.attempts + 1,
            is_repeat = q.is_repeat or q.status = 'sending'
        where q.id = ${id}::uuid
          and (q.status = 'pending' or (q.status = 'sending' and q.message_id is null and not q.is_repeat))
        returning q.id, q.attempts, q.chat_id as "chatId", false as "isOverdue"`);
      return claimed.parse(rows)[0];
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
     * labelled repeat, once; those that were a repeat already are returned as `lost`, with status failed. Where somebody
     * has tapped meanwhile, the tap has told which message it is: the card arrived, and is delivered. `underWay`: what this
     * process is still sending.
     */
    async reclaimStuck(
      before: Date,
      now: Date,
      underWay: readonly string[],
    ): Promise<{ again: Claim[]; lost: string[] }> {
      const isStuck = sql`status = 'sending' and sending_since < ${before.toISOString()}::timestamptz
        and id <> all(${`{${underWay.join(',')}}`}::uuid[])`;
      await db.execute(sql`
        update queue_items set status = 'delivered', failure = null, sent_at = coalesce(sent_at, sending_since),
            waiting_since = coalesce(waiting_since, sending_since)
        where ${isStuck} and message_id is not null`);
      const rows: unknown = await db.execute(sql`
        update queue_items
        set status = case when is_repeat then 'failed' else 'sending' end,
            failure = 'Telegram never said whether the card arrived',
            is_repeat = true, sending_since = ${now.toISOString()}::timestamptz, attempts = attempts + 1
        where ${isStuck} and message_id is null
        returning id, attempts, status, chat_id as "chatId", false as "isOverdue"`);
      const stuck = z.array(claim.extend({ status: z.string() })).parse(rows);
      return {
        again: stuck.filter(({ status }) => status === 'sending'),
        lost: stuck.filter(({ status }) => status === 'failed').map(({ id }) => id),
      };
    },
  };
}
