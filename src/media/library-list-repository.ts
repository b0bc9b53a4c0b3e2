import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { MEDIA_KINDS } from '../db/schema/index.ts';

const libraryRow = z.object({
  id: z.string(),
  kind: z.enum(MEDIA_KINDS),
  category: z.string().nullable(),
  name: z.string(),
  path: z.string().nullable(),
  fileSize: z.number().nullable(),
  timesPosted: z.number(),
  lastPostedAt: z.coerce.date().nullable(),
  isActive: z.boolean(),
  /** It lies in a folder, and was not there when it was last looked for. */
  isMissing: z.boolean(),
  /** Its card is in a chat, without a decision. */
  isWaiting: z.boolean(),
  plannedFor: z.coerce.date().nullable(),
  isLockedForEver: z.boolean(),
  lockedUntil: z.coerce.date().nullable(),
});
/** An item of the library with what holds it. */
export type LibraryRow = z.infer<typeof libraryRow>;

export type LibraryListRepository = ReturnType<typeof createLibraryListRepository>;

const PAGE = 500;

/** The library as a list. */
export function createLibraryListRepository({ db }: Database) {
  return {
    /** The items, the oldest first, in pages: as many as are asked for, whatever the library's size. */
    async *all(options: { category?: string | undefined; limit: number; now: Date }): AsyncGenerator<LibraryRow> {
      const { category = null, limit, now } = options;
      const at = now.toISOString();
      for (let after = '00000000-0000-0000-0000-000000000000', left = limit; left > 0; left -= PAGE) {
        const rows: unknown = await db.execute(sql`
          select m.id, m.kind, m.category, m.file_name as name, m.path, m.file_size as "fileSize",
                 m.times_posted as "timesPosted", m.last_posted_at as "lastPostedAt", m.is_active as "isActive",
                 (m.path is not null and m.file_modified_at is null) as "isMissing",
                 coalesce(plan.is_waiting, false) as "isWaiting", plan.planned_for as "plannedFor",
                 coalesce(locks.is_for_ever, false) as "isLockedForEver", locks.until as "lockedUntil"
          from media_items m
          left join lateral (
            select bool_or(q.status <> 'pending') as is_waiting,
                   min(q.scheduled_for) filter (where q.status = 'pending') as planned_for
            from queue_items q where q.media_item_id = m.id and q.status in ('pending', 'sending', 'delivered')
          ) plan on true
          left join lateral (
            select bool_or(l.locked_until is null) as is_for_ever, max(l.locked_until) as until
            from media_locks l where l.media_item_id = m.id and l.replaced_by is null
              and (l.locked_until is null or l.locked_until > ${at}::timestamptz)
          ) locks on true
          where m.id > ${after}::uuid and (${category}::text is null or m.category = ${category})
          order by m.id limit ${Math.min(PAGE, left)}`);
        const page = z.array(libraryRow).parse(rows);
        yield* page;
        const last = page.at(-1);
        if (!last || page.length < PAGE) return;
        after = last.id;
      }
    },
  };
}
