import { and, eq, or, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { mediaItems } from '../db/schema/index.ts';

export type MediaItem = typeof mediaItems.$inferSelect;
export type NewMediaItem = typeof mediaItems.$inferInsert;
export type MediaRepository = ReturnType<typeof createMediaRepository>;

/** The library's rows. */
export function createMediaRepository({ db }: Database) {
  return {
    /** The active item with the same content or the same Telegram file; undefined when the library has neither. */
    async findSame(file: { sha256: string | null; fileUniqueId: string }): Promise<MediaItem | undefined> {
      const [row] = await db
        .select()
        .from(mediaItems)
        .where(
          and(
            eq(mediaItems.isActive, true),
            or(
              eq(mediaItems.telegramFileUniqueId, file.fileUniqueId),
              file.sha256 === null ? undefined : eq(mediaItems.sha256, file.sha256),
            ),
          ),
        )
        .limit(1);
      return row;
    },

    /** Adds an item; undefined when one with the same content was added at the same moment. */
    async add(item: NewMediaItem): Promise<MediaItem | undefined> {
      const [row] = await db.insert(mediaItems).values(item).onConflictDoNothing().returning();
      return row;
    },

    async byId(id: string): Promise<MediaItem | undefined> {
      const [row] = await db.select().from(mediaItems).where(eq(mediaItems.id, id));
      return row;
    },

    /** Until when the item may not be queued: a date, `for ever`, or undefined when nothing holds it. */
    async lockedUntil(id: string, now: Date): Promise<Date | 'for ever' | undefined> {
      const rows = await db.execute<{ forever: boolean | null; until: string | null }>(sql`
        select bool_or(locked_until is null) as forever, max(locked_until) as until from media_locks
        where media_item_id = ${id} and replaced_by is null
          and (locked_until is null or locked_until > ${now.toISOString()}::timestamptz)`);
      const row = rows[0];
      if (row?.forever) return 'for ever';
      return row?.until ? new Date(row.until) : undefined;
    },
  };
}
