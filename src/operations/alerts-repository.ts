import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { type AlertState, alerts } from '../db/schema/index.ts';

/** Words with entities, as Telegram takes them. */
export type AlertWords = z.infer<typeof wordsRow>;

/** What can be wrong: the whole bot's, or a team chat's. */
export type AlertSubject = { name: string; chatId: number | undefined };

/** It becomes wrong, or right again. `isTold`: somebody said so already. */
export type AlertChange = AlertSubject & {
  words: AlertWords;
  now: Date;
  heldUntil?: Date | undefined;
  isTold?: boolean;
};

export type AlertRow = AlertSubject & {
  key: string;
  raised: AlertWords;
  /** Absent while it is raised. */
  cleared: AlertWords | undefined;
  raisedAt: Date;
  clearedAt: Date | undefined;
  heldUntil: Date | undefined;
  told: AlertState;
  isMissed: boolean;
};

/** One alert that this process is to tell now. `mayBeKnown`: an earlier telling has no known end. */
export type AlertClaim = AlertRow & { claimedAt: Date; mayBeKnown: boolean };

const place = { offset: z.number(), length: z.number() };
/** The kinds of entity that alerts use (text.ts). */
const entity = z.discriminatedUnion('type', [
  z.object({ type: z.literal('bold'), ...place }),
  z.object({ type: z.literal('code'), ...place }),
  z.object({ type: z.literal('text_link'), url: z.string(), ...place }),
]);
const wordsRow = z.object({ text: z.string(), entities: z.array(entity) });

/** What is kept of a message, so that it can be said later, by another process. Throws for entities that alerts do not use. */
export function toWords({ text, entities }: { text: string; entities: readonly unknown[] }): AlertWords {
  return wordsRow.parse({ text, entities });
}
const date = z.coerce.date();
const optionalDate = z.union([z.null(), date]).transform((at) => at ?? undefined);
const alertRow = z.object({
  key: z.string(),
  name: z.string(),
  chatId: z
    .number()
    .nullable()
    .transform((id) => id ?? undefined),
  raisedMessage: wordsRow,
  clearedMessage: wordsRow.nullable().transform((words) => words ?? undefined),
  raisedAt: date,
  clearedAt: optionalDate,
  heldUntil: optionalDate,
  told: z.enum(['raised', 'cleared']),
  isMissed: z.boolean(),
});

function toAlert(row: unknown): AlertRow {
  const { raisedMessage: raised, clearedMessage: cleared, ...rest } = alertRow.parse(row);
  return { ...rest, raised, cleared };
}

/** A telling without an end for this long: the process that began it is gone, or Telegram's answer got lost. */
const LEASE_SECONDS = 120;
/** Told in one message at most; what is beyond comes with the next look, a minute later. */
const MOST_AT_ONCE = 20;

/** In the words of the index `alerts_present_idx`. */
const isOpen = sql`(${alerts.clearedAt} is null or ${alerts.told} = 'raised' or ${alerts.isMissed})`;

export type AlertRepository = ReturnType<typeof createAlertRepository>;

/** What is wrong, and what of it was told. Every change is one statement, so processes that find out together make one. */
export function createAlertRepository({ db }: Database) {
  /** `chat_id` compares as null too. */
  const is = ({ name, chatId }: AlertSubject) =>
    and(eq(alerts.name, name), chatId === undefined ? isNull(alerts.chatId) : eq(alerts.chatId, chatId));

  return {
    /**
     * It is wrong from now on. False when that was known. What was told and is wrong again before its end was told goes
     * on as if it had never ended.
     */
    async raise(alert: AlertChange & { detail: Record<string, unknown> }): Promise<boolean> {
      const isStillTold = sql`${alerts.told} = 'raised'`;
      const keep = (column: string) => sql.raw(`alerts.${column}`);
      const rows = await db
        .insert(alerts)
        .values({
          name: alert.name,
          chatId: alert.chatId ?? null,
          raisedMessage: alert.words,
          detail: alert.detail,
          raisedAt: alert.now,
          heldUntil: alert.heldUntil ?? null,
          told: alert.isTold ? 'raised' : 'cleared',
        })
        .onConflictDoUpdate({
          target: alerts.key,
          set: {
            raisedMessage: sql`case when ${isStillTold} then ${keep('raised_message')} else excluded.raised_message end`,
            raisedAt: sql`case when ${isStillTold} then ${keep('raised_at')} else excluded.raised_at end`,
            detail: sql`excluded.detail`,
            heldUntil: sql`excluded.held_until`,
            clearedAt: null,
            clearedMessage: null,
            isMissed: false,
            ...(alert.isTold ? { told: 'raised' as const } : {}),
          },
          setWhere: sql`${alerts.clearedAt} is not null`,
        })
        .returning({ key: alerts.key });
      return rows.length > 0;
    },

    /**
     * It is over. False when it was not wrong. What nobody was told of yet is told as a whole; what waited for the end of
     * quiet hours is not told at all.
     */
    async clear(alert: AlertChange): Promise<boolean> {
      const rows = await db
        .update(alerts)
        .set({
          clearedAt: alert.now,
          clearedMessage: alert.words,
          isMissed: alert.isTold ? false : sql`${alerts.told} = 'cleared' and ${alerts.heldUntil} is null`,
          ...(alert.isTold ? { told: 'cleared' as const } : {}),
          heldUntil: alert.heldUntil ?? null,
        })
        .where(and(is(alert), isNull(alerts.clearedAt)))
        .returning({ key: alerts.key });
      return rows.length > 0;
    },

    async isRaised(subject: AlertSubject): Promise<boolean> {
      const [row] = await db
        .select({ key: alerts.key })
        .from(alerts)
        .where(and(is(subject), isNull(alerts.clearedAt)));
      return row !== undefined;
    },

    /** Everything that is wrong now, the oldest first. */
    async raised(): Promise<AlertRow[]> {
      const rows = await db
        .select()
        .from(alerts)
        .where(isNull(alerts.clearedAt))
        .orderBy(asc(alerts.raisedAt), alerts.key);
      return rows.map(toAlert);
    },

    /** Everything that is wrong now, or of which the end is still to be told. */
    async open(): Promise<AlertRow[]> {
      const rows = await db.select().from(alerts).where(isOpen).orderBy(asc(alerts.raisedAt), alerts.key);
      return rows.map(toAlert);
    },

    /**
     * Takes what there is to tell, the oldest first; nobody else gets it for two minutes. Nothing that waits for the end of
     * quiet hours.
     */
    async claim(now: Date): Promise<AlertClaim[]> {
      const at = sql`${now.toISOString()}::timestamptz`;
      const waiting = db.$with('waiting').as(
        db
          .select({ key: alerts.key, before: alerts.tellingSince })
          .from(alerts)
          .where(
            sql`${isOpen}
              and (${alerts.isMissed} or (${alerts.clearedAt} is null) = (${alerts.told} = 'cleared'))
              and (${alerts.heldUntil} is null or ${alerts.heldUntil} <= ${at})
              and (${alerts.tellingSince} is null
                   or ${alerts.tellingSince} not between ${at} - make_interval(secs => ${LEASE_SECONDS}) and ${at})`,
          )
          .orderBy(asc(alerts.raisedAt), asc(alerts.key))
          .limit(MOST_AT_ONCE)
          .for('update', { skipLocked: true }),
      );
      const rows = await db
        .with(waiting)
        .update(alerts)
        .set({ tellingSince: now })
        .from(waiting)
        .where(eq(alerts.key, waiting.key))
        .returning({
          key: alerts.key,
          name: alerts.name,
          chatId: alerts.chatId,
          raisedMessage: alerts.raisedMessage,
          clearedMessage: alerts.clearedMessage,
          raisedAt: alerts.raisedAt,
          clearedAt: alerts.clearedAt,
          heldUntil: alerts.heldUntil,
          told: alerts.told,
          isMissed: alerts.isMissed,
          before: waiting.before,
        });
      return rows
        .map((row) => ({ ...toAlert(row), claimedAt: now, mayBeKnown: row.before !== null }))
        .toSorted((a, b) => a.raisedAt.getTime() - b.raisedAt.getTime() || (a.key < b.key ? -1 : 1));
    },

    /** The admins were told what these claims say. A change since then is to be told next. */
    async markTold(claims: readonly AlertClaim[], now: Date): Promise<void> {
      for (const state of ['raised', 'cleared'] as const) {
        const keys = claims
          .filter(({ cleared }) => (cleared === undefined) === (state === 'raised'))
          .map(({ key }) => key);
        if (keys.length === 0) continue;
        await db
          .update(alerts)
          .set({ told: state, toldAt: now, isMissed: false, tellingSince: null })
          .where(inArray(alerts.key, keys));
      }
    },

    /** Nobody was told, for certain: the next look tries again. */
    async release(claims: readonly AlertClaim[]): Promise<void> {
      await db
        .update(alerts)
        .set({ tellingSince: null })
        .where(
          inArray(
            alerts.key,
            claims.map(({ key }) => key),
          ),
        );
    },

    /**
     * Writes down what happened while nothing could be written: `raised` at its time, told already or not, and what it was
     * before stays what it was where nothing is new.
     */
    async restore(
      alert: AlertSubject & {
        words: AlertWords;
        now: Date;
        told: AlertState;
        cleared?: { words: AlertWords; at: Date };
      },
    ): Promise<void> {
      const row = {
        raisedMessage: alert.words,
        raisedAt: alert.now,
        clearedAt: alert.cleared?.at ?? null,
        clearedMessage: alert.cleared?.words ?? null,
        told: alert.told,
        isMissed: alert.cleared !== undefined && alert.told === 'cleared',
        heldUntil: null,
      };
      await db
        .insert(alerts)
        .values({ name: alert.name, chatId: alert.chatId ?? null, ...row })
        .onConflictDoUpdate({ target: alerts.key, set: row });
    },

    /** Forgets what was over, and told, before then: rows name people. */
    async prune(before: Date): Promise<void> {
      await db.delete(alerts).where(sql`not ${isOpen} and ${alerts.clearedAt} < ${before.toISOString()}::timestamptz`);
    },

    /** Forgets alerts without a word: what they were about does not exist any more, or nobody wants to hear of it. */
    async forget(keys: readonly string[]): Promise<void> {
      if (keys.length > 0) await db.delete(alerts).where(inArray(alerts.key, [...keys]));
    },
  };
}
