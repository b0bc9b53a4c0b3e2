import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { queueItems } from '../db/schema/index.ts';
import type { Chat } from '../settings/chat-repository.ts';
import { REJECT_PROMPT_HOURS } from './decision-statements.ts';
import { lockChat, takenTimes } from './plan-repository.ts';
import { nextFreeSlot } from './slots.ts';

/**
 * What people call a medium in a list: its title, for a photo (Telegram gives photos no name) the first line of its
 * caption, else the file name.
 */
export const LABEL = sql`coalesce(m.title, case when m.kind = 'photo' then nullif(split_part(m.caption, E'\\n', 1), '') end, m.file_name)`;

const upcomingRow = z.object({
  scheduledFor: z.coerce.date(),
  label: z.string(),
  kind: z.string(),
  category: z.string().nullable(),
});
/** One planned posting, as /queue lists it. */
export type UpcomingItem = z.infer<typeof upcomingRow>;

const waitingRow = z.object({
  sentAt: z.coerce.date().nullable(),
  messageId: z.number().nullable(),
  label: z.string(),
  isRejectAsked: z.boolean(),
});
/** A card that waits for a decision. */
export type WaitingCard = z.infer<typeof waitingRow>;

const summaryRow = z.object({
  pending: z.number(),
  waiting: z.number(),
  nextAt: z.coerce.date().nullable(),
  lastPostedAt: z.coerce.date().nullable(),
  mediaCount: z.number(),
});
/** The plan in numbers. `mediaCount`: active media in the library. */
export type QueueSummary = z.infer<typeof summaryRow>;

const backlogRow = z.object({ due: z.number(), waiting: z.number() });
/** `due`: planned posts whose time has come. `waiting`: cards without a decision. */
export type BacklogCount = z.infer<typeof backlogRow>;

export type QueueRepository = ReturnType<typeof createQueueRepository>;

/** The plan of a chat: what comes when, and what still waits. */
export function createQueueRepository({ db }: Database) {
  return {
    /**
     * Puts a media item into the next free slot of the chat's plan; the chat's row is locked meanwhile, so two uploads
     * at once get two slots. A medium that the chat has before it already (a `/next` was faster than this and took it
     * from the library) keeps the place that it has. Returns the slot.
     */
    async enqueue(entry: { chat: Chat; mediaItemId: string; userId: string | null; now: Date }): Promise<Date> {
      const { chat, mediaItemId, userId, now } = entry;
      return db.transaction(async (tx) => {
        const settings = await lockChat(tx, chat.id);
        const [known] = await tx
          .select({ scheduledFor: queueItems.scheduledFor })
          .from(queueItems)
          .where(
            sql`${queueItems.chatId} = ${chat.id} and ${queueItems.mediaItemId} = ${mediaItemId}
              and ${queueItems.status} in ('pending', 'sending', 'delivered')`,
          )
          .limit(1);
        if (known) return known.scheduledFor;
        const slot = nextFreeSlot(now, await takenTimes(tx, chat.id, now), settings);
        await tx.insert(queueItems).values({ chatId: chat.id, mediaItemId, scheduledFor: slot, addedBy: userId });
        return slot;
      });
    },

    /** Planned items of the chats in order of time, a page of them. */
    async upcoming(chatId: number, page: { limit: number; offset: number }): Promise<UpcomingItem[]> {
      const rows: unknown = await db.execute(sql`
        select q.scheduled_for as "scheduledFor", ${LABEL} as label, m.kind, m.category
        from queue_items q join media_items m on m.id = q.media_item_id
        where q.chat_id = ${chatId} and q.status = 'pending'
        order by q.scheduled_for, q.id limit ${page.limit} offset ${page.offset}`);
      return z.array(upcomingRow).parse(rows);
    },

    /** Cards without a decision, the longest waiting first. */
    async waiting(chatId: number, limit: number, now: Date): Promise<WaitingCard[]> {
      const rows: unknown = await db.execute(sql`
        select q.sent_at as "sentAt", q.message_id as "messageId", ${LABEL} as label,
               coalesce(q.reject_asked_at > ${now.toISOString()}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS}), false)
                 as "isRejectAsked"
        from queue_items q join media_items m on m.id = q.media_item_id
        where q.chat_id = ${chatId} and q.status in ('sending', 'delivered')
        order by q.sent_at nulls last limit ${limit}`);
      return z.array(waitingRow).parse(rows);
    },

    /** Where a media item stands in the plan of a chat; undefined when it is not planned there. */
    async plannedFor(chatId: number, mediaItemId: string): Promise<Date | undefined> {
      const [row] = await db
        .select({ scheduledFor: queueItems.scheduledFor })
        .from(queueItems)
        .where(
          sql`${queueItems.chatId} = ${chatId} and ${queueItems.mediaItemId} = ${mediaItemId} and ${queueItems.status} = 'pending'`,
        )
        .orderBy(queueItems.scheduledFor)
        .limit(1);
      return row?.scheduledFor;
    },

    /** What a chat has to catch up with. */
    async backlog(chatId: number, now: Date): Promise<BacklogCount> {
      const rows: unknown = await db.execute(sql`
        select (select count(*)::int from queue_items where chat_id = ${chatId} and status = 'pending'
                  and scheduled_for <= ${now.toISOString()}::timestamptz) as due,
               (select count(*)::int from queue_items where chat_id = ${chatId} and status in ('sending', 'delivered')) as waiting`);
      return backlogRow.parse(z.array(z.unknown()).parse(rows)[0]);
    },

    /** The plan in numbers, of one chat or of all active ones. */
    async summary(chatId?: number): Promise<QueueSummary> {
      const inChat =
        chatId === undefined
          ? sql`and chat_id in (select id from chats where is_active)`
          : sql`and chat_id = ${chatId}`;
      const rows: unknown = await db.execute(sql`
        select (select count(*)::int from queue_items where status = 'pending' ${inChat}) as pending,
               (select count(*)::int from queue_items where status in ('sending', 'delivered') ${inChat}) as waiting,
               (select min(scheduled_for) from queue_items where status = 'pending' ${inChat}) as "nextAt",
               (select max(decided_at) from decisions where undone_at is null and decision = 'posted' ${inChat}) as "lastPostedAt",
               (select count(*)::int from media_items where is_active) as "mediaCount"`);
      return summaryRow.parse(z.array(z.unknown()).parse(rows)[0]);
    },
  };
}
