import { and, eq, or, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { type MediaKind, mediaItems } from '../db/schema/index.ts';

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

    /**
     * Remembers the file that Telegram has of an item, and as what. The id of a file that another active item has already
     * (the same content above 20 MB, which is not compared) is left to that one. `isOnlyThere`: the file in the folder is
     * gone, and from now on the item does not depend on it.
     */
    async keepTelegramFile(
      id: string,
      file: { fileId: string; fileUniqueId: string; kind: MediaKind },
      { isOnlyThere = false } = {},
    ): Promise<void> {
      await db.execute(sql`
        update media_items set telegram_file_id = ${file.fileId}, kind = ${file.kind},
          path = case when ${isOnlyThere} then null else path end,
          file_modified_at = case when ${isOnlyThere} then null else file_modified_at end,
          telegram_file_unique_id = case when exists (
            select from media_items other where other.is_active and other.id <> ${id}
              and other.telegram_file_unique_id = ${file.fileUniqueId}
          ) then null else ${file.fileUniqueId} end
        where id = ${id}`);
    },

    /** The files at these paths are gone: their items are not offered until `media index` finds them again. */
    async markMissing(items: readonly { id: string; path: string }[]): Promise<void> {
      if (items.length === 0) return;
      const gone = JSON.stringify(items);
      await db.execute(sql`
        update media_items m set file_modified_at = null
        from jsonb_to_recordset(${gone}::jsonb) as gone(id uuid, path text)
        where m.id = gone.id and m.path = gone.path`);
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
