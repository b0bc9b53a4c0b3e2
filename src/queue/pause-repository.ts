import { eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Transaction } from '../db/client.ts';
import { chats } from '../db/schema/index.ts';
import { recordChanges } from '../settings/audit-repository.ts';
import { lockChat, rescheduleOverdueIn } from './plan-repository.ts';

/** What to do with posts whose time went by while the chat was paused. */
export const OVERDUE_CHOICES = ['reschedule', 'clear', 'send'] as const;
export type OverdueChoice = (typeof OVERDUE_CHOICES)[number];

/** What a chat has planned: `overdue` should have been sent by now, `later` comes. `waiting`: cards without a decision. */
export type Backlog = { overdue: number; later: number; waiting: number };

export type PauseResult = ({ kind: 'paused' } & Backlog) | { kind: 'already_paused'; since: Date };

export type ResumeResult =
  | { kind: 'resumed'; overdue: number; choice: OverdueChoice | undefined; next: Date | null }
  | { kind: 'not_paused'; next: Date | null }
  /** Still paused: somebody has to say what happens to the overdue ones. */
  | ({ kind: 'overdue' } & Backlog);

/** By whom (null: in the terminal) and when. */
type Act = { by: string | null; now: Date };

const backlogRow = z.object({
  overdue: z.number(),
  later: z.number(),
  waiting: z.number(),
  next: z.coerce.date().nullable(),
});

export type PauseRepository = ReturnType<typeof createPauseRepository>;

/**
 * Pausing a chat and letting it go on. Paused, nothing is sent by the clock and the timers of waiting cards stand still;
 * both live in the chat's row and in its cards, so they survive a restart.
 */
export function createPauseRepository({ db }: Database) {
  async function backlog(tx: Transaction, chatId: number, now: Date) {
    const at = sql`${now.toISOString()}::timestamptz`;
    const rows: unknown = await tx.execute(sql`
      select count(*) filter (where status = 'pending' and scheduled_for <= ${at})::int as overdue,
             count(*) filter (where status = 'pending' and scheduled_for > ${at})::int as later,
             count(*) filter (where status <> 'pending')::int as waiting,
             min(scheduled_for) filter (where status = 'pending') as next
      from (
        -- Two questions, since there is an index for each of them and none for both.
        select status, scheduled_for from queue_items where chat_id = ${chatId} and status = 'pending'
        union all
        select status, scheduled_for from queue_items where chat_id = ${chatId} and status in ('sending', 'delivered')
      ) as open_items`);
    return backlogRow.parse(z.array(z.unknown()).parse(rows)[0]);
  }

  /** The timers of waiting cards go on from where they stood: what was sent during the pause begins now. */
  async function moveTimers(tx: Transaction, chatId: number, pausedAt: Date, now: Date): Promise<void> {
    const at = sql`${now.toISOString()}::timestamptz`;
    await tx.execute(sql`
      update queue_items q
      set waiting_since = s.since + (${at} - greatest(s.since, ${pausedAt.toISOString()}::timestamptz))
      from (select id, coalesce(waiting_since, sent_at) as since from queue_items
            where chat_id = ${chatId} and status in ('sending', 'delivered')) s
      where q.id = s.id and s.since <= ${at}`);
  }

  async function settleOverdue(tx: Transaction, chatId: number, choice: OverdueChoice, now: Date): Promise<void> {
    if (choice === 'reschedule') await rescheduleOverdueIn(tx, chatId, now);
    if (choice === 'clear') {
      await tx.execute(sql`
        update queue_items set status = 'cancelled', failure = 'overdue after a pause, and cleared'
        where chat_id = ${chatId} and status = 'pending' and scheduled_for <= ${now.toISOString()}::timestamptz`);
    }
  }

  return {
    /** Pauses a chat, with a row in the audit log. Whoever comes second changes nothing and learns since when it is paused. */
    async pause(chatId: number, { by, now }: Act): Promise<PauseResult> {
      return db.transaction(async (tx) => {
        const chat = await lockChat(tx, chatId);
        if (chat.pausedAt) return { kind: 'already_paused', since: chat.pausedAt };
        await tx.update(chats).set({ isPaused: true, pausedAt: now }).where(eq(chats.id, chatId));
        await recordChanges(tx, [pauseChange(chatId, { by, now }, true)]);
        const { overdue, later, waiting } = await backlog(tx, chatId, now);
        return { kind: 'paused', overdue, later, waiting };
      });
    },

    /**
     * Lets a chat go on, in one transaction with what happens to overdue posts and with the audit rows. While something is
     * overdue and `choice` is missing it changes nothing and says how much.
     */
    async resume(chatId: number, { by, now }: Act, choice?: OverdueChoice): Promise<ResumeResult> {
      return db.transaction(async (tx) => {
        const chat = await lockChat(tx, chatId);
        const before = await backlog(tx, chatId, now);
        if (!chat.pausedAt) return { kind: 'not_paused', next: before.next };
        const { overdue, later, waiting } = before;
        if (overdue > 0 && choice === undefined) return { kind: 'overdue', overdue, later, waiting };
        if (overdue > 0 && choice !== undefined) {
          await settleOverdue(tx, chatId, choice, now);
          const after = { choice, posts: overdue };
          await recordChanges(tx, [{ at: now, actorId: by, action: 'overdue_settled', chatId, after }]);
        }
        await moveTimers(tx, chatId, chat.pausedAt, now);
        await tx.update(chats).set({ isPaused: false, pausedAt: null }).where(eq(chats.id, chatId));
        await recordChanges(tx, [pauseChange(chatId, { by, now }, false)]);
        const { next } = await backlog(tx, chatId, now);
        return { kind: 'resumed', overdue, choice: overdue > 0 ? choice : undefined, next };
      });
    },
  };
}

function pauseChange(chatId: number, { by, now }: Act, isPaused: boolean) {
  const action = 'setting_changed' as const;
  return { at: now, actorId: by, action, chatId, before: { isPaused: !isPaused }, after: { isPaused } };
}
