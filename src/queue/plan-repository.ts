import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Transaction } from '../db/client.ts';
import { chats } from '../db/schema/index.ts';
import type { Chat } from '../settings/chat-repository.ts';
import type { Choice, ChooseMedia } from './media-choice-repository.ts';
import { freeSlots, planEnd } from './slots.ts';

/** What planning came to. */
export type Extension = {
  planned: number;
  /** How the new posts fall on categories, the most first; null: media without one. */
  byCategory: { category: string | null; count: number }[];
  /** Slots for which nothing in the library may be posted. */
  empty: number;
  /** Categories of the mix that could not fill their share, so that others did. */
  ranOut: string[];
  /** Until when everything is planned: the end of the last window, or the last post when slots stayed empty. Null: no post at all. */
  until: Date | null;
};

/** The times of a chat's planned posts after they were moved. `next`: the first that is to come. */
export type Reslotted = { moved: number; next: Date | undefined };

const timeRows = z.array(z.object({ at: z.coerce.date() }));
const itemRows = z.array(z.object({ id: z.string(), at: z.coerce.date() }));

export type PlanRepository = ReturnType<typeof createPlanRepository>;

/** The chat with its settings as they are, its row locked until the transaction ends: whatever changes a plan takes its turn. */
export async function lockChat(tx: Transaction, chatId: number): Promise<Chat> {
  const [chat] = await tx.select().from(chats).where(sql`${chats.id} = ${chatId}`).for('update');
  if (!chat) throw new Error(`team chat ${chatId} does not exist`);
  return chat;
}

/**
 * Times that hold their slots: of everything planned, and of what the clock has sent in the last day, so that a change
 * of settings does not post a second time in the place of a post that went out just now. What /next brought from the
 * library has no slot (it was made in the moment in which it was sent).
 */
export async function takenTimes(tx: Transaction, chatId: number, now: Date): Promise<Date[]> {
  const at = now.toISOString();
  const rows: unknown = await tx.execute(sql`
    select scheduled_for as at from queue_items where chat_id = ${chatId} and status = 'pending'
    union all
    select scheduled_for from queue_items
    where chat_id = ${chatId} and status in ('sending', 'delivered', 'posted', 'skipped', 'rejected')
      and scheduled_for > ${at}::timestamptz - interval '1 day' and scheduled_for <= ${at}::timestamptz
      and sending_since > scheduled_for`);
  return timeRows.parse(rows).map((row) => row.at);
}

/** Everything planned, in order of time. */
async function pendingItems(tx: Transaction, chatId: number): Promise<{ id: string; at: Date }[]> {
  const rows: unknown = await tx.execute(sql`
    select id, scheduled_for as at from queue_items where chat_id = ${chatId} and status = 'pending'
    order by scheduled_for, id`);
  return itemRows.parse(rows);
}

/** Writes new times. Times never cross: each item's place in the order stays. */
async function writeTimes(tx: Transaction, times: readonly { id: string; at: Date }[]): Promise<void> {
  if (times.length === 0) return;
  const rows = JSON.stringify(times);
  await tx.execute(sql`
    update queue_items q set scheduled_for = t.at
    from jsonb_to_recordset(${rows}::jsonb) as t(id uuid, at timestamptz) where q.id = t.id`);
}

/**
 * Moves what a chat has planned for later onto the slots of its present settings, in order, as part of the transaction
 * that changed them. What is due already stays due. Nothing is lost, added, or changes places.
 */
export async function reslotIn(tx: Transaction, chatId: number, now: Date): Promise<Reslotted> {
  const chat = await lockChat(tx, chatId);
  const pending = await pendingItems(tx, chatId);
  const later = pending.filter(({ at }) => at > now);
  const laterTimes = new Set(later.map(({ at }) => at.getTime()));
  const taken = (await takenTimes(tx, chatId, now)).filter((at) => !laterTimes.has(at.getTime()));
  const slots = freeSlots(now, taken, chat);
  const times = later.map((item) => ({ ...item, was: item.at, at: nextOf(slots) }));
  const moved = times.filter(({ was, at }) => was.getTime() !== at.getTime());
  await writeTimes(
    tx,
    moved.map(({ id, at }) => ({ id, at })),
  );
  return { moved: moved.length, next: pending.length > later.length ? pending[0]?.at : times[0]?.at };
}

/**
 * Gives what is overdue new slots from now on, in order; what comes later stays where it is, or moves behind them where
 * they need its slot. Nobody overtakes anybody.
 */
export async function rescheduleOverdueIn(tx: Transaction, chatId: number, now: Date): Promise<Reslotted> {
  const chat = await lockChat(tx, chatId);
  const pending = await pendingItems(tx, chatId);
  const sent = (await takenTimes(tx, chatId, now)).filter(
    (time) => !pending.some(({ at }) => at.getTime() === time.getTime()),
  );
  const slots = freeSlots(now, sent, chat);
  let last = now;
  const times = pending.map((item) => {
    let { at } = item;
    // Its own time is still good when nobody was moved behind it.
    while (at <= last) at = nextOf(slots);
    last = at;
    return { id: item.id, was: item.at, at };
  });
  const moved = times.filter(({ was, at }) => was.getTime() !== at.getTime());
  await writeTimes(
    tx,
    moved.map(({ id, at }) => ({ id, at })),
  );
  return { moved: moved.length, next: times[0]?.at };
}

function nextOf(slots: Generator<{ at: Date }>): Date {
  const { value, done } = slots.next();
  if (done) throw new Error('no free slot in ten years');
  return value.at;
}

/** The plan: filling it from the library, and moving it. */
export function createPlanRepository({ db }: Database, { choose }: { choose: ChooseMedia }) {
  return {
    /**
     * Fills every free slot of the next `days` days from the library; where it has too little, the last slots stay
     * empty. Planning the same days twice adds nothing. One transaction under the chat's lock, so that two at once do
     * not plan twice; at most 30 days of 50 posts are held in memory, whatever the size of the library.
     */
    async extend(chatId: number, days: number, now: Date): Promise<Extension> {
      return db.transaction(async (tx) => {
        const chat = await lockChat(tx, chatId);
        const end = planEnd(now, days, chat);
        const free: Date[] = [];
        for (const { at } of freeSlots(now, await takenTimes(tx, chatId, now), chat)) {
          if (at >= end) break;
          free.push(at);
        }
        const { media, ranOut } = await choose(tx, chatId, free.length, now);
        await insertPlanned(
          tx,
          chatId,
          media.map(({ id }, index) => ({ id, at: free[index] ?? end })),
        );
        const empty = free.length - media.length;
        const last = empty === 0 ? end : ((await pendingItems(tx, chatId)).at(-1)?.at ?? null);
        return { planned: media.length, byCategory: countCategories(media), empty, ranOut, until: last };
      });
    },

    /** Moves what is planned onto the slots of the present settings (see `reslotIn`). */
    reslot: (chatId: number, now: Date): Promise<Reslotted> => db.transaction((tx) => reslotIn(tx, chatId, now)),
  };
}

async function insertPlanned(tx: Transaction, chatId: number, posts: readonly { id: string; at: Date }[]) {
  if (posts.length === 0) return;
  await tx.execute(sql`
    insert into queue_items (chat_id, media_item_id, scheduled_for)
    select ${chatId}, t.id, t.at from jsonb_to_recordset(${JSON.stringify(posts)}::jsonb) as t(id uuid, at timestamptz)
    order by t.at`);
}

function countCategories(media: Choice['media']): Extension['byCategory'] {
  const counts = new Map<string | null, number>();
  for (const { category } of media) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].map(([category, count]) => ({ category, count })).toSorted((a, b) => b.count - a.count);
}
