import { sql } from 'drizzle-orm';
import type { MessageEntity } from 'grammy/types';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { prepareStatement } from '../db/prepared-statement.ts';
import { CAPTION_STYLES, DECISION_SOURCES, MEDIA_KINDS, QUEUE_STATUSES } from '../db/schema/index.ts';
import { displayName } from '../users/user-repository.ts';
import {
  CLAIM_MINUTES,
  claimEnd,
  isOwnItem,
  questionEnd,
  REJECT_PROMPT_HOURS,
  UNDO_SECONDS,
} from './decision-statements.ts';

/** More upvotes are not counted for a card: files bring hundreds of thousands, and a card is read with every tap. */
export const MOST_UPVOTES = 1000;

const entities = z.array(
  z.custom<MessageEntity>((value) => typeof value === 'object' && value !== null && 'type' in value),
);

const person = z.object({
  first: z.string().nullable(),
  last: z.string().nullable(),
  username: z.string().nullable(),
  telegramId: z.number().nullable(),
});

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
    captionStyle: z.enum(CAPTION_STYLES),
    isVerbose: z.boolean(),
    rejectReasons: z.array(z.string()),
    approvalsNeeded: z.number(),
    /** Who has approved it so far, in order; null where one person is enough. */
    approvers: z.array(person).nullable(),
    claimedAt: z.coerce.date().nullable(),
    claimer: person.nullable(),
    rejectAskedAt: z.coerce.date().nullable(),
    asker: person.nullable(),
    decision: z.enum(['posted', 'skipped', 'rejected']).nullable(),
    decidedAt: z.coerce.date().nullable(),
    decider: person.nullable(),
    reason: z.string().nullable(),
    source: z.enum(DECISION_SOURCES).nullable(),
    /** Why it failed, or is out of the queue without a decision. */
    failure: z.string().nullable(),
    /** How many like the medium, at most `MOST_UPVOTES`. */
    upvotes: z.number(),
  })
  .transform((row) => ({
    ...row,
    /** The question "reject for ever?" is open until then; null when it was not asked. */
    rejectAskedUntil: row.rejectAskedAt && new Date(row.rejectAskedAt.getTime() + REJECT_PROMPT_HOURS * 3_600_000),
    rejectAskedBy: row.asker && nameOf(row.asker),
    decision:
      row.decision && row.decidedAt
        ? {
            decision: row.decision,
            at: row.decidedAt,
            by: row.decider ? nameOf(row.decider) : 'another program',
            reason: row.reason,
            isOneOfMany: row.source === 'approve_all',
          }
        : null,
    approvedBy: row.approvers?.map(nameOf) ?? null,
    claimedUntil: row.claimedAt && new Date(row.claimedAt.getTime() + CLAIM_MINUTES * 60_000),
    claimedBy: row.claimer && nameOf(row.claimer),
    undoUntil: row.decidedAt && new Date(row.decidedAt.getTime() + UNDO_SECONDS * 1000),
  }));

// Made once: a schema that is made for each call is compiled for each call, a tenth of a card's time.
const versionRow = z.object({ version: z.number() });
const behindRows = z.array(z.object({ id: z.string(), chatId: z.number() }));

function nameOf(row: z.infer<typeof person>): string {
  return displayName({
    firstName: row.first,
    lastName: row.last,
    username: row.username,
    telegramUserId: row.telegramId,
  });
}

/** A card that nobody has approved or claimed. */
const NOBODY = { approvers: null, claimer: null };

/** A queue item with everything its card shows. */
export type Card = z.infer<typeof cardRow>;

export type CardRepository = ReturnType<typeof createCardRepository>;

const param = sql.placeholder;

/** A person's name as JSON, over an alias of `users`. */
function personJson(alias: string) {
  const column = (name: string) => sql.raw(`${alias}.${name}`);
  return sql`jsonb_build_object('first', ${column('first_name')}, 'last', ${column('last_name')},
    'username', ${column('username')}, 'telegramId', ${column('telegram_user_id')})`;
}

/** Cards as projections of queue items (DESIGN, rule 2). */
export function createCardRepository({ db }: Database) {
  const find = prepareStatement(
    db,
    sql`select q.id, q.chat_id as "chatId", q.status, q.message_id as "messageId", q.version,
               q.rendered_version as "renderedVersion", q.is_repeat as "isRepeat", q.render_again_at as "renderAgainAt",
               m.kind, m.telegram_file_id as "telegramFileId", m.file_name as "fileName", m.category, m.title, m.caption,
               m.caption_entities as "captionEntities", m.link, m.tags, c.time_zone as "timeZone",
               c.caption_style as "captionStyle", c.is_verbose as "isVerbose", c.reject_reasons as "rejectReasons",
               c.approvals_needed as "approvalsNeeded", q.failure,
               c.approvals_needed > 1 or c.is_four_eyes as "needsApproval", q.claimed_at as "claimedAt",
               q.reject_asked_at as "rejectAskedAt", case when a.id is not null then ${personJson('a')} end as asker,
               d.decision, d.decided_at as "decidedAt", d.reason, d.source,
               (select count(*) from (select from upvotes v where v.item_id = m.id::text and v.withdrawn_at is null
                                      limit ${sql.raw(String(MOST_UPVOTES))}) as likes) as upvotes,
               case when u.id is not null then ${personJson('u')} end as decider
        from queue_items q
        join media_items m on m.id = q.media_item_id
        join chats c on c.id = q.chat_id
        left join users a on a.id = q.reject_asked_by
        left join decisions d on d.queue_item_id = q.id and d.undone_at is null
        left join users u on u.id = d.user_id
        where q.id = ${param('id')}::uuid`,
  );

  /*
   * Who has approved the card, and who is on it. Asked only where there may be somebody: as parts of the statement above
   * they made it twice as slow (0.09 -> 0.17 ms) for all cards that nobody claims in chats where one person is enough.
   */
  const others = prepareStatement(
    db,
    sql`select case when c.approvals_needed > 1 or c.is_four_eyes then (
                 select coalesce(jsonb_agg(${personJson('v')} order by p.voted_at, p.user_id), '[]')
                 from approvals p join users v on v.id = p.user_id
                 where p.queue_item_id = q.id and not ${isOwnItem(sql`p.user_id`)}) end as approvers,
               (select ${personJson('k')} from users k where k.id = q.claimed_by) as claimer
        from queue_items q
        join media_items m on m.id = q.media_item_id
        join chats c on c.id = q.chat_id
        where q.id = ${param('id')}::uuid`,
  );

  /*
   * The one commit that does not wait for the disk: what a power cut takes of it is shown again, which changes nothing.
   * Decisions wait for the disk, and would wait for this as well: with it 593/s instead of 389/s were decided through
   * Telegram on a busy machine. The setting ends with the statement's own transaction; it is never part of another.
   */
  const markRendered = prepareStatement(
    db,
    sql`update queue_items q
        set rendered_version = greatest(q.rendered_version, ${param('version')}::int),
            -- A claim may end before a question does, and the other way round.
            render_again_at = case
              when q.render_again_at > ${param('now')}::timestamptz then q.render_again_at
              when q.render_again_at is not null and q.status in ('sending', 'delivered') then least(${claimEnd}, ${questionEnd})
            end
        where q.id = ${param('id')}::uuid
        returning q.version, set_config('synchronous_commit', 'off', true)`,
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
      if (row === undefined) return undefined;
      const [more] = row.needsApproval === true || row.claimedAt !== null ? await others.run({ id }) : [NOBODY];
      return cardRow.parse({ ...row, ...(more ?? NOBODY) });
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
