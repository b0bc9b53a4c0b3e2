import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { users } from './users.ts';

/** How Telegram shows a media item, hence which method sends it. */
export const MEDIA_KINDS = ['photo', 'video', 'animation', 'document'] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

/** The library: everything that can be posted. Content is known by its sha256; equal content is one item. */
export const mediaItems = pgTable(
  'media_items',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    kind: text({ enum: MEDIA_KINDS }).notNull().default('photo'),
    telegramFileId: text('telegram_file_id'),
    telegramFileUniqueId: text('telegram_file_unique_id'),
    /** Where the file lies on this machine when it came from a folder (`storyline media index`). */
    path: text(),
    /** The file's modification time when it was hashed: unchanged files are not read again. */
    fileModifiedAt: timestamp('file_modified_at', { withTimezone: true }),
    fileName: text('file_name').notNull().default(''),
    sha256: text(),
    mimeType: text('mime_type'),
    fileSize: bigint('file_size', { mode: 'number' }),
    category: text(),
    title: text(),
    caption: text(),
    /** Telegram MessageEntity list of the caption as it was sent, so that bold stays bold. */
    captionEntities: jsonb('caption_entities').notNull().default([]),
    link: text(),
    tags: text().array().notNull().default(sql`'{}'`),
    timesPosted: integer('times_posted').notNull().default(0),
    lastPostedAt: timestamp('last_posted_at', { withTimezone: true }),
    isActive: boolean('is_active').notNull().default(true),
    addedBy: uuid('added_by').references(() => users.id),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    check('media_items_kind_check', sql`${table.kind} in ('photo', 'video', 'animation', 'document')`),
    uniqueIndex('media_items_sha256_key').on(table.sha256).where(sql`${table.isActive}`),
    uniqueIndex('media_items_file_unique_id_key').on(table.telegramFileUniqueId).where(sql`${table.isActive}`),
    index('media_items_path_idx').on(table.path).where(sql`${table.path} is not null`),
    // Never posted first, then longest ago: the order in which the library is offered when the queue is empty.
    index('media_items_next_idx')
      .on(table.lastPostedAt.asc().nullsFirst(), table.timesPosted)
      .where(sql`${table.isActive}`),
  ],
);
