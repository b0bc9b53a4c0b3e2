import { and, asc, eq, gt, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { mediaItems } from '../db/schema/index.ts';
import type { NewMediaItem } from './media-repository.ts';

const known = {
  id: mediaItems.id,
  path: mediaItems.path,
  fileName: mediaItems.fileName,
  sha256: mediaItems.sha256,
  fileSize: mediaItems.fileSize,
  fileModifiedAt: mediaItems.fileModifiedAt,
  category: mediaItems.category,
  isActive: mediaItems.isActive,
};

/** An item as far as folders are concerned. With a path and no `fileModifiedAt` its file is missing. */
export type KnownItem = Pick<typeof mediaItems.$inferSelect, keyof typeof known>;

/** Where the file of an item lies, as it was when it was read, and the category that the item has from now on. */
export type PlacedFile = { id: string; path: string; fileSize: number; fileModifiedAt: Date; category: string | null };

export type FolderRepository = ReturnType<typeof createFolderRepository>;

/** Items of the library by where their files lie. */
export function createFolderRepository({ db }: Database) {
  return {
    /** All that is or was at these paths: a file that was replaced leaves its item behind, missing. */
    at(paths: readonly string[]): Promise<KnownItem[]> {
      return db
        .select(known)
        .from(mediaItems)
        .where(inArray(mediaItems.path, [...paths]));
    },

    /** The active items with this content. */
    withContent(hashes: readonly string[]): Promise<KnownItem[]> {
      return db
        .select(known)
        .from(mediaItems)
        .where(and(inArray(mediaItems.sha256, [...hashes]), eq(mediaItems.isActive, true)));
    },

    /** Adds items; those whose content is there already (or came at the same moment) are left out of the result. */
    async add(items: readonly NewMediaItem[]): Promise<KnownItem[]> {
      if (items.length === 0) return [];
      return db
        .insert(mediaItems)
        .values([...items])
        .onConflictDoNothing()
        .returning(known);
    },

    /** The files of these items lie there, or lie there again. */
    async place(files: readonly PlacedFile[]): Promise<void> {
      if (files.length === 0) return;
      await db.execute(sql`
        update media_items m
        set path = file.path, file_size = file."fileSize", file_modified_at = file."fileModifiedAt", category = file.category
        from jsonb_to_recordset(${JSON.stringify(files)}::jsonb)
          as file(id uuid, path text, "fileSize" bigint, "fileModifiedAt" timestamptz, category text)
        where m.id = file.id`);
    },

    /** Gives an item a category that has none. */
    async categorise(id: string, category: string): Promise<void> {
      await db
        .update(mediaItems)
        .set({ category })
        .where(and(eq(mediaItems.id, id), isNull(mediaItems.category)));
    },

    /** Active items whose files lie or lay below a folder, a page of them in the order of ids. */
    below(folder: string, page: { after: string | undefined; limit: number }): Promise<KnownItem[]> {
      const prefix = folder.endsWith('/') ? folder : `${folder}/`;
      return db
        .select(known)
        .from(mediaItems)
        .where(
          and(
            isNotNull(mediaItems.path),
            eq(mediaItems.isActive, true),
            sql`starts_with(${mediaItems.path}, ${prefix})`,
            page.after === undefined ? undefined : gt(mediaItems.id, page.after),
          ),
        )
        .orderBy(asc(mediaItems.id))
        .limit(page.limit);
    },
  };
}
