import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { recordChanges } from '../settings/audit-repository.ts';
import { displayName } from '../users/user-repository.ts';
import { LABEL } from './queue-repository.ts';

const lockRow = z
  .object({
    id: z.string(),
    label: z.string(),
    reason: z.enum(['recent_post', 'skip', 'permanent_reject']),
    lockedAt: z.coerce.date(),
    /** Null: for ever. */
    lockedUntil: z.coerce.date().nullable(),
    why: z.string().nullable(),
    rejecter: z
      .object({
        firstName: z.string().nullable(),
        lastName: z.string().nullable(),
        username: z.string().nullable(),
        telegramUserId: z.number().nullable(),
      })
      .nullable(),
  })
  .transform(({ rejecter, ...row }) => ({ ...row, by: rejecter && displayName(rejecter) }));

/** A medium that may not be queued: the lock that holds it longest, and who set it. */
export type Lock = z.infer<typeof lockRow>;

const counted = z.object({ permanent: z.number(), resting: z.number() });

const lifted = z.object({
  mediaItemId: z.string(),
  decisionId: z.string().nullable(),
  chatId: z.number().nullable(),
  label: z.string(),
});

/** What lifting a rejection came to. `restsUntil`: a shorter lock that the rejection had replaced holds on. */
export type Lifted = { label: string; restsUntil: Date | undefined };

export type LocksRepository = ReturnType<typeof createLocksRepository>;

/** In force (media-locks.ts), over `media_locks l`. */
function isInForce(now: Date): SQL {
  return sql`l.replaced_by is null and (l.locked_until is null or l.locked_until > ${now.toISOString()}::timestamptz)`;
}

/** What is locked, over the whole library: a lock belongs to the medium, whichever chat it came from. */
export function createLocksRepository({ db }: Database) {
  function holding(now: Date): SQL {
    return sql`
      select distinct on (l.media_item_id) l.* from media_locks l
      where ${isInForce(now)}
      order by l.media_item_id, l.locked_until desc nulls first`;
  }

  async function select(condition: SQL, order: SQL): Promise<Lock[]> {
    const rows: unknown = await db.execute(sql`
      select l.id, ${LABEL} as label, l.reason, l.locked_at as "lockedAt", l.locked_until as "lockedUntil", d.reason as why,
             case when u.id is not null then jsonb_build_object('firstName', u.first_name, 'lastName', u.last_name,
               'username', u.username, 'telegramUserId', u.telegram_user_id) end as rejecter
      from ${condition}
      left join decisions d on d.id = l.decision_id
      left join users u on u.id = d.user_id
      ${order}`);
    return z.array(lockRow).parse(rows);
  }

  return {
    /** How many active media are locked: for ever, and for a time. */
    async count(now: Date): Promise<{ permanent: number; resting: number }> {
      const rows: unknown = await db.execute(sql`
        select count(*) filter (where l.locked_until is null)::int as permanent,
               count(*) filter (where l.locked_until is not null)::int as resting
        from (${holding(now)}) l join media_items m on m.id = l.media_item_id and m.is_active`);
      return counted.parse(z.array(z.unknown()).parse(rows)[0]);
    },

    /** A page of them: for ever first, the newest first, then by the end of their rest. */
    page(now: Date, page: { limit: number; offset: number; isPermanentOnly: boolean }): Promise<Lock[]> {
      const only = page.isPermanentOnly ? sql`where l.locked_until is null` : sql``;
      return select(
        sql`(${holding(now)}) l join media_items m on m.id = l.media_item_id and m.is_active`,
        sql`${only} order by l.locked_until nulls first, l.locked_at desc, l.id limit ${page.limit} offset ${page.offset}`,
      );
    },

    /** A rejection in force; undefined when it was lifted or undone. */
    async permanent(id: string): Promise<Lock | undefined> {
      const [lock] = await select(
        sql`media_locks l join media_items m on m.id = l.media_item_id`,
        sql`where l.id = ${id}::uuid and l.locked_until is null and l.replaced_by is null`,
      );
      return lock;
    },

    /**
     * Lifts a rejection, once, with its audit row. The decision stays in the history and in the figures, and its lock stays
     * with it, ended now: what was decided is true, it only does not hold any more. Shorter locks that it had
     * replaced hold again for the rest of their time. Undefined: it was lifted or undone already.
     */
    async lift(id: string, by: { userId: string; now: Date }): Promise<Lifted | undefined> {
      const at = sql`${by.now.toISOString()}::timestamptz`;
      return db.transaction(async (tx) => {
        const rows: unknown = await tx.execute(sql`
          with lifted as (
            update media_locks set locked_until = ${at}
            where id = ${id}::uuid and locked_until is null and replaced_by is null
            returning media_item_id, decision_id
          ), restored as (
            update media_locks l set replaced_by = null from lifted where l.replaced_by = lifted.decision_id
          )
          select m.id as "mediaItemId", lifted.decision_id as "decisionId", d.chat_id as "chatId", ${LABEL} as label
          from lifted join media_items m on m.id = lifted.media_item_id left join decisions d on d.id = lifted.decision_id`);
        const [row] = z.array(lifted).parse(rows);
        if (!row) return undefined;
        const { mediaItemId, decisionId, chatId, label } = row;
        const rest: unknown = await tx.execute(sql`
          select max(l.locked_until) as until from media_locks l where l.media_item_id = ${mediaItemId} and ${isInForce(by.now)}`);
        const [{ until } = { until: null }] = z.array(z.object({ until: z.coerce.date().nullable() })).parse(rest);
        await recordChanges(tx, [
          {
            at: by.now,
            actorId: by.userId,
            action: 'item_unrejected',
            ...(chatId === null ? {} : { chatId }),
            before: { media_item_id: mediaItemId, file: label, decision_id: decisionId, locked_until: 'for ever' },
            after: { locked_until: until?.toISOString() ?? null },
          },
        ]);
        return { label, restsUntil: until ?? undefined };
      });
    },
  };
}
