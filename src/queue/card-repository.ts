import { sql } from 'drizzle-orm';
import type { MessageEntity } from 'grammy/types';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { prepareStatement } from '../db/prepared-statement.ts';
import { MEDIA_KINDS, QUEUE_STATUSES } from '../db/schema/index.ts';
import { displayName } from '../users/user-repository.ts';
import { REJECT_PROMPT_HOURS, UNDO_SECONDS } from './decision-statements.ts';

const entities = z.array(
  z.custom<MessageEntity>((value) => typeof value === 'object' && value !== null && 'type' in value),
);

const person = { first: z.string().nullable(), last: z.string().nullable(), username: z.string().nullable() };

const cardRow = z
  .object({
    id: z.string(),
    chatId: z.number(),
    status: z.enum(QUEUE_STATUSES),
    messageId: z.number().nullable(),
    version: z.number(),
    renderedVersion: z.number(),
    isRepeat: z.boolean(),
    renderAgainAt: z.coerce.date().nullable(),
    kind: z.enum(MEDIA_KINDS),
    telegramFileId: z.string().nullable(),
    fileName: z.string(),
    category: z.string().nullable(),
    title: z.string().nullable(),
    caption: z.string().nullable(),
    captionEntities: entities,
    link: z.string().nullable(),
    tags: z.array(z.string()),
    timeZone: z.string(),
    rejectAskedAt: z.coerce.date().nullable(),
    asker: z.object({ ...person, telegramId: z.number().nullable() }).nullable(),
    decision: z.enum(['posted', 'skipped', 'rejected']).nullable(),
    decidedAt: z.coerce.date().nullable(),
    decider: z.object({ ...person, telegramId: z.number().nullable() }).nullable(),
  })
  .transform((row) => ({
    ...row,
    /** The question "reject for ever?" is open until then; null when it was not asked. */
    rejectAskedUntil: row.rejectAskedAt && new Date(row.rejectAskedAt.getTime() + REJECT_PROMPT_HOURS * 3_600_000),
    rejectAskedBy: row.asker && nameOf(row.asker),
    decision:
      row.decision && row.decidedAt
        ? { decision: row.decision, at: row.decidedAt, by: row.decider ? nameOf(row.decider) : 'another program' }
        : null,
    undoUntil: row.decidedAt && new Date(row.decidedAt.getTime() + UNDO_SECONDS * 1000),
  }));

// Made once: a schema that is made for each call is compiled for each call, a tenth of a card's time.
const versionRow = z.object({ version: z.number() });
const behindRows = z.array(z.object({ id: z.string(), chatId: z.number() }));

function nameOf(row: {
  first: string | null;
  last: string | null;
  username: string | null;
  telegramId: number | null;
}): string {
  return displayName({
    firstName: row.first,
    lastName: row.last,
    username: row.username,
    telegramUserId: row.telegramId,
  });
}

/** A queue item with everything its card shows. */
export type Card = z.infer<typeof cardRow>;

export type CardRepository = ReturnType<typeof createCardRepository>;

const param = sql.placeholder;

/** Cards as projections of queue items (DESIGN, rule 2). */
export function createCardRepository({ db }: Database) {
  const find = prepareStatement(
    db,
    sql`select q.id, q.chat_id as "chatId", q.status, q.message_id as "messageId", q.version,
               q.rendered_version as "renderedVersion", q.is_repeat as "isRepeat", q.render_again_at as "renderAgainAt",
               m.kind, m.telegram_file_id as "telegramFileId", m.file_name as "fileName", m.category, m.title, m.caption,
               m.caption_entities as "captionEntities", m.link, m.tags, c.time_zone as "timeZone",
               q.reject_asked_at as "rejectAskedAt",
               case when a.id is not null then jsonb_build_object('first', a.first_name, 'last', a.last_name,
                 'username', a.username, 'telegramId', a.telegram_user_id) end as asker,
               d.decision, d.decided_at as "decidedAt",
               case when u.id is not null then jsonb_build_object('first', u.first_name, 'last', u.last_name,
                 'username', u.username, 'telegramId', u.telegram_user_id) end as decider
        from queue_items q
        join media_items m on m.id = q.media_item_id
        join chats c on c.id = q.chat_id
        left join users a on a.id = q.reject_asked_by
        left join decisions d on d.queue_item_id = q.id and d.undone_at is null
        left join users u on u.id = d.user_id
        where q.id = ${param('id')}::uuid`,
  );

  const markRendered = prepareStatement(
    db,
    sql`update queue_items
        set rendered_version = greatest(rendered_version, ${param('version')}::int),
            render_again_at = case when render_again_at <= ${param('now')}::timestamptz then null else render_again_at end
        where id = ${param('id')}::uuid
        returning version`,
  );

  const behind = prepareStatement(
    db,
    sql`select id, chat_id as "chatId" from queue_items
        where message_id is not null and (rendered_version <> version or render_again_at is not null)
          and (rendered_version <> version or render_again_at <= ${param('now')}::timestamptz)
          and chat_id <> all(${param('quiet')}::bigint[])
        order by render_again_at nulls first
        limit ${param('limit')}::int
        for update skip locked`,
  );

  return {
    /** The card of a queue item; undefined when there is no such item. */
    async find(id: string): Promise<Card | undefined> {
      const [row] = await find.run({ id });
      return row === undefined ? undefined : cardRow.parse(row);
    },

    /** The card shows this version now. Returns the row's version, which may have moved on meanwhile. */
    async markRendered(id: string, version: number, now: Date): Promise<number | undefined> {
      const [row] = await markRendered.run({ id, version, now });
      return row === undefined ? undefined : versionRow.parse(row).version;
    },

    /** Cards that do not show what their row says, but for those in `quietChats` and those being changed right now. */
    async behind(now: Date, quietChats: readonly number[], limit: number): Promise<{ id: string; chatId: number }[]> {
      const rows = await behind.run({ now, quiet: quietChats, limit });
      return behindRows.parse(rows);
    },
  };
}
