import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { LABEL } from '../queue/queue-repository.ts';
import { WEEKS } from './unusual-activity.ts';

/** A chat with the zone in which its hours and weekdays are read. */
export type ZonedChat = { id: number; timeZone: string };

/** What was done in an hour; `most`: by the one who did most. */
const hourRow = z.object({ count: z.number(), people: z.number(), most: z.number() });
const usualRow = z.object({ hours: z.array(z.number()), weeks: z.number() });
const personRow = z.object({ userId: z.string(), count: z.number() });
const date = z.coerce.date();
const rejectsRow = z.object({
  decisions: z.number(),
  rejects: z.number(),
  people: z.number(),
  first: date.nullable(),
  last: date.nullable(),
});
const waitingRow = z.object({
  waiting: z.number(),
  overdue: z.number(),
  since: date.nullable(),
  lastDecision: date.nullable(),
});
const strangersRow = z.object({ count: z.number(), people: z.number() });
const hastyRow = z.object({ userId: z.string(), quick: z.number(), first: date, last: date });
const silentRow = z.object({ userId: z.string(), days: z.number(), last: date, others: z.number() });
const cardRow = z.object({ label: z.string(), messageId: z.number().nullable() });

export type Rejects = z.infer<typeof rejectsRow>;
export type Waiting = z.infer<typeof waitingRow>;
export type Hasty = z.infer<typeof hastyRow>;
export type Silent = z.infer<typeof silentRow>;
/** A card to look at; without a message id there is none to link to. */
export type CardToSee = z.infer<typeof cardRow>;

/** Cards that a notice links to. */
const MOST_CARDS = 3;
/** Decisions that are looked at for a burst of rejects, and how old they may be. */
export const LAST_DECISIONS = 10;
/** A decision so soon after the same person's one before is one without a look. */
export const QUICK_SECONDS = 3;
/** A person who decided on so many of these days and not once in the last days has fallen silent. */
export const DAILY = { of: 28, least: 20, silent: 3 } as const;

export type UnusualActivityRepository = ReturnType<typeof createUnusualActivityRepository>;

/**
 * What the notices about activity are made of. Each question reads a bounded stretch of one covering index (migration
 * 0002), so its cost depends on the hour or the days asked for and not on the length of the history.
 */
export function createUnusualActivityRepository({ db }: Database) {
  async function rowsOf<T>(row: z.ZodType<T>, statement: SQL): Promise<T[]> {
    const rows: unknown = await db.execute(statement);
    return z.array(row).parse(rows);
  }

  async function rowOf<T>(row: z.ZodType<T>, statement: SQL): Promise<T> {
    const [only] = await rowsOf(row, statement);
    if (only === undefined) throw new Error('a figure has no row');
    return only;
  }

  /** The same local hour of each earlier week in which anything was done, with the hours before and after. */
  const usual = (who: SQL, hour: Date, timeZone: string) => sql`
    with week as (
      select (${at(hour)} at time zone ${timeZone} - make_interval(weeks => k)) at time zone ${timeZone} as start
      from generate_series(1, ${WEEKS}) as k
    ), known as (
      select start from week
      where exists (select from user_interactions
        where counts and created_at >= start and created_at < start + interval '1 week' and ${who})
    ), counted as (
      select start, (
        select count(*)::int from user_interactions
        where counts and created_at >= start + make_interval(hours => o)
          and created_at < start + make_interval(hours => o + 1) and ${who}
      ) as n
      from known cross join generate_series(-1, 1) as o
    )
    select coalesce(jsonb_agg(n), '[]') as hours, (select count(*)::int from known) as weeks from counted`;

  return {
    /** What was done in the chat in the hour that begins at `hour`. */
    hour: (chatId: number, hour: Date) =>
      rowOf(
        hourRow,
        sql`
        select coalesce(sum(n), 0)::int as count, count(*)::int as people, coalesce(max(n), 0)::int as most
        from (
          select user_id, count(*) as n from user_interactions
          where counts and ${within('created_at', hour)} and telegram_chat_id = ${chatId}
          group by user_id
        ) as person`,
      ),

    /** Hourly counts of the chat's other weeks, and how many weeks they come from. */
    usualHours: ({ id, timeZone }: ZonedChat, hour: Date) =>
      rowOf(usualRow, usual(sql`telegram_chat_id = ${id}`, hour, timeZone)),

    /** Who did at least so much in the chat in that hour. */
    busyPeople: (chatId: number, hour: Date, atLeast: number) =>
      rowsOf(
        personRow,
        sql`
        select user_id as "userId", count(*)::int as count from user_interactions
        where counts and ${within('created_at', hour)} and telegram_chat_id = ${chatId}
        group by user_id having count(*) >= ${atLeast} order by 2 desc, 1`,
      ),

    /** As `usualHours`, of one person in the chat. */
    usualHoursOf: (userId: string, { id, timeZone }: ZonedChat, hour: Date) =>
      rowOf(usualRow, usual(sql`user_id = ${userId} and telegram_chat_id = ${id}`, hour, timeZone)),

    /** How many of the chat's last decisions within a day were rejects, and from when to when those were made. */
    lastRejects: (chatId: number, now: Date) =>
      rowOf(
        rejectsRow,
        sql`
        select count(*)::int as decisions, count(*) filter (where is_reject)::int as rejects,
               count(distinct user_id) filter (where is_reject)::int as people,
               min(decided_at) filter (where is_reject) as first, max(decided_at) filter (where is_reject) as last
        from (
          select user_id, decided_at, decision = 'rejected' as is_reject from decisions
          where undone_at is null and decided_at >= ${at(now)} - interval '1 day' and decided_at <= ${at(now)}
            and chat_id = ${chatId}
          order by decided_at desc limit ${LAST_DECISIONS}
        ) as latest`,
      ),

    /** The last cards decided between two times (inclusive); only those with this decision when it is given. */
    decidedCards: (chatId: number, since: Date, until: Date, decision?: 'rejected') =>
      rowsOf(
        cardRow,
        sql`
        select ${LABEL} as "label", q.message_id as "messageId"
        from decisions d join queue_items q on q.id = d.queue_item_id join media_items m on m.id = q.media_item_id
        where d.undone_at is null and d.decided_at >= ${at(since)} and d.decided_at <= ${at(until)} and d.chat_id = ${chatId}
          ${decision ? sql`and d.decision = ${decision}` : sql``}
        order by d.decided_at desc, d.id desc limit ${MOST_CARDS}`,
      ),

    /**
     * What waits in the chat: cards for a decision, and posts that were due more than an hour ago and did not come; since
     * when, and the last decision after that.
     */
    waiting: (chatId: number, now: Date) =>
      rowOf(
        waitingRow,
        sql`
        with card as (
          select count(*)::int as n, min(coalesce(waiting_since, sent_at)) as since from queue_items
          where chat_id = ${chatId} and status in ('sending', 'delivered') and status = 'delivered'
        ), post as (
          select count(*)::int as n, min(scheduled_for) as since from queue_items
          where chat_id = ${chatId} and status = 'pending' and scheduled_for < ${at(now)} - interval '1 hour'
        )
        select card.n as waiting, post.n as overdue, least(card.since, post.since) as since,
               (select decided_at from decisions
                where undone_at is null and decided_at >= least(card.since, post.since) and decided_at <= ${at(now)}
                  and chat_id = ${chatId}
                order by decided_at desc limit 1) as "lastDecision"
        from card, post`,
      ),

    /** The cards that wait longest. */
    waitingCards: (chatId: number) =>
      rowsOf(
        cardRow,
        sql`
        select ${LABEL} as "label", q.message_id as "messageId"
        from queue_items q join media_items m on m.id = q.media_item_id
        where q.chat_id = ${chatId} and q.status in ('sending', 'delivered') and q.status = 'delivered'
        order by q.sent_at, q.id limit ${MOST_CARDS}`,
      ),

    /** How often people whom nobody let in, or who were removed, asked for something in the hour before, everywhere. */
    strangers: (now: Date) =>
      rowOf(
        strangersRow,
        sql`
        select coalesce(sum(n), 0)::int as count, count(*)::int as people
        from (
          select user_id, count(*) as n from user_interactions
          where not counts and interaction_type <> 'bot_response'
            and created_at >= ${at(now)} - interval '1 hour' and created_at <= ${at(now)}
          group by user_id
        ) as refused
        join users u on u.id = refused.user_id
        where u.date_joined is null or not u.is_active`,
      ),

    /** Who decided at least so many cards in that hour without looking, and when. `/approveall` is not meant. */
    hasty: (chatId: number, hour: Date, atLeast: number) =>
      rowsOf(
        hastyRow,
        sql`
        select user_id as "userId", count(*)::int as quick, min(before) as first, max(decided_at) as last
        from (
          select user_id, decided_at, lag(decided_at) over (partition by user_id order by decided_at) as before
          from decisions
          where undone_at is null and ${within('decided_at', hour)} and chat_id = ${chatId}
            and user_id is not null and source = 'tap'
        ) as one
        where decided_at - before < make_interval(secs => ${QUICK_SECONDS})
        group by user_id having count(*) >= ${atLeast} order by user_id`,
      ),

    /** Members who decided almost daily and have stopped, while others decided. */
    silent: ({ id, timeZone }: ZonedChat, now: Date) =>
      rowsOf(
        silentRow,
        sql`
        with recent as (select ${at(now)} - make_interval(days => ${DAILY.silent}) as since), per_person as (
          select user_id, max(decided_at) as last,
                 count(*) filter (where decided_at >= recent.since)::int as lately,
                 count(distinct (decided_at at time zone ${timeZone})::date) filter (where decided_at < recent.since)::int as days
          from decisions, recent
          where undone_at is null and decided_at >= recent.since - make_interval(days => ${DAILY.of})
            and decided_at <= ${at(now)} and chat_id = ${id} and user_id is not null
          group by user_id
        )
        select p.user_id as "userId", p.days, p.last, (select coalesce(sum(lately), 0)::int from per_person) as others
        from per_person p join users u on u.id = p.user_id
        where p.lately = 0 and p.days >= ${DAILY.least} and u.is_active and u.role <> 'guest'
          and (select sum(lately) from per_person) > 0
          and not exists (select from chat_members c where c.chat_id = ${id} and c.user_id = u.id and not c.is_member)
        order by p.user_id`,
      ),

    /** Whether the person has decided in the chat after `since`. */
    async hasDecided(userId: string, chatId: number, since: Date, now: Date): Promise<boolean> {
      const rows = await rowsOf(
        z.object({ found: z.boolean() }),
        sql`select exists (select from decisions where undone_at is null and decided_at > ${at(since)}
          and decided_at <= ${at(now)} and chat_id = ${chatId} and user_id = ${userId}) as found`,
      );
      return rows[0]?.found === true;
    },
  };
}

function at(time: Date): SQL {
  return sql`${time.toISOString()}::timestamptz`;
}

/** The hour that begins then. */
function within(column: 'created_at' | 'decided_at', hour: Date): SQL {
  return sql`${sql.raw(column)} >= ${at(hour)} and ${sql.raw(column)} < ${at(hour)} + interval '1 hour'`;
}
