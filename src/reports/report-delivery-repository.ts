import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { DELIVERY_STATES, type DeliveryState, reportDeliveries } from '../db/schema/index.ts';

/** What makes a report one: its name, its team chat, and the first local day of its period. */
export type DeliveryKey = { report: string; chatId: number; periodStart: string };

const claimRow = z.object({
  state: z.enum(DELIVERY_STATES),
  mayHaveArrived: z.boolean(),
  attempts: z.number(),
  slot: z.coerce.date(),
});
/** A report that this process is sending now. `attempts` counts this one. */
export type ReportClaim = { isRepeat: boolean; attempts: number; slot: Date };

/** These ended, one way or another: nothing is sent for them any more. */
const SETTLED: readonly DeliveryState[] = ['sent', 'repeated', 'skipped', 'lost'];

export type ReportDeliveryRepository = ReturnType<typeof createReportDeliveryRepository>;

/**
 * Which report of which period is in which chat. A send is claimed and committed before Telegram is called, so no crash
 * and no second process can send a report twice unknowingly.
 */
export function createReportDeliveryRepository({ db }: Pick<Database, 'db'>) {
  const isKey = ({ report, chatId, periodStart }: DeliveryKey) =>
    and(
      eq(reportDeliveries.report, report),
      eq(reportDeliveries.chatId, chatId),
      eq(reportDeliveries.periodStart, periodStart),
    );

  async function end(
    key: DeliveryKey,
    now: Date,
    changes: { state: DeliveryState | SQL; failure: string | null; messageId?: number; sentAt?: Date },
  ): Promise<void> {
    await db
      .update(reportDeliveries)
      .set({ ...changes, sendingSince: null, updatedAt: now })
      .where(isKey(key));
  }

  return {
    /**
     * How far a delivery has come: it has ended, or it is open and the next send of it would be a repeat (`mayHaveArrived`)
     * or not; undefined when nothing is known of it.
     */
    async find(
      key: DeliveryKey,
    ): Promise<{ state: DeliveryState; isSettled: boolean; mayHaveArrived: boolean } | undefined> {
      const [row] = await db.select().from(reportDeliveries).where(isKey(key));
      if (!row) return undefined;
      const { state } = row;
      const mayHaveArrived = row.mayHaveArrived || state === 'sending';
      return { state, isSettled: SETTLED.includes(state), mayHaveArrived };
    },

    /**
     * Claims the send. The caller knows that nobody else is at it (the clock begins no run of a slot before the former is over
     * or its process dead), so a send that was begun and not ended is one of which nobody knows whether it arrived: it
     * is claimed once more, as a repeat; a repeat in that state is `lost`. `settled`: it has ended before.
     */
    async claim(key: DeliveryKey, slot: Date, now: Date): Promise<ReportClaim | 'settled' | 'lost'> {
      const at = sql`${now.toISOString()}::timestamptz`;
      const rows: unknown = await db.execute(sql`
        insert into report_deliveries as r (report, chat_id, period_start, slot, state, attempts, sending_since, updated_at)
        values (${key.report}, ${key.chatId}, ${key.periodStart}, ${slot.toISOString()}::timestamptz, 'sending', 1, ${at}, ${at})
        on conflict (report, chat_id, period_start) do update
        set state = case when r.state = 'sending' and r.may_have_arrived then 'lost' else 'sending' end,
            may_have_arrived = r.may_have_arrived or r.state = 'sending',
            attempts = r.attempts + 1, sending_since = ${at}, updated_at = ${at},
            failure = case when r.state = 'sending' then 'Telegram never said whether it arrived' else r.failure end
        where r.state in ('pending', 'sending', 'undeliverable')
        returning state, may_have_arrived as "mayHaveArrived", attempts, slot`);
      const [row] = z.array(claimRow).parse(rows);
      if (!row) return 'settled';
      if (row.state === 'lost') return 'lost';
      return { isRepeat: row.mayHaveArrived, attempts: row.attempts, slot: row.slot };
    },

    /** It is in the chat. */
    markSent(key: DeliveryKey, { messageId, at }: { messageId: number; at: Date }): Promise<void> {
      const state = sql`case when ${reportDeliveries.mayHaveArrived} then 'repeated' else 'sent' end`;
      return end(key, at, { state, failure: null, messageId, sentAt: at });
    },

    /**
     * It was not taken now, and is to be tried again. `mayHaveArrived`: nobody knows whether it was; the next one is labelled as
     * a repeat then.
     */
    async release(
      key: DeliveryKey,
      { failure, mayHaveArrived, now }: { failure: string; mayHaveArrived: boolean; now: Date },
    ) {
      await db
        .update(reportDeliveries)
        .set({
          state: 'pending',
          failure,
          sendingSince: null,
          updatedAt: now,
          ...(mayHaveArrived ? { mayHaveArrived } : {}),
        })
        .where(and(isKey(key), eq(reportDeliveries.state, 'sending')));
    },

    /** It ended without arriving, or nobody will ever know: the reason stays on the row. */
    giveUp(key: DeliveryKey, state: 'undeliverable' | 'lost', failure: string, now: Date): Promise<void> {
      return end(key, now, { state, failure });
    },

    /** There was nothing to report, and the chat wants no such report. Changes nothing about one that was sent. */
    async skip(key: DeliveryKey, slot: Date, now: Date): Promise<void> {
      await db
        .insert(reportDeliveries)
        .values({ ...key, slot, state: 'skipped', updatedAt: now })
        .onConflictDoUpdate({
          target: [reportDeliveries.report, reportDeliveries.chatId, reportDeliveries.periodStart],
          set: { state: 'skipped', sendingSince: null, updatedAt: now },
          setWhere: inArray(reportDeliveries.state, ['pending', 'undeliverable']),
        });
    },
  };
}
