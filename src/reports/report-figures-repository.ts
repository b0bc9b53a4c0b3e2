import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { inChats, type Window, within } from '../interactions/activity-repository.ts';

/** The chats that a figure is about, under former ids too; undefined: all of them. */
export type ChatIds = readonly number[] | undefined;

const waitingRow = z.object({ count: z.number(), oldest: z.coerce.date().nullable() });
/** Cards without a decision, and when the oldest of them arrived. */
export type Waiting = z.infer<typeof waitingRow>;

const hourRow = z.object({ hour: z.number(), posted: z.number(), decided: z.number() });
/** Of the cards that arrived in this hour of the day, how many were decided and how many of these posted. */
export type ArrivalHour = z.infer<typeof hourRow>;

const rejectionsRow = z.object({ asked: z.number(), abandoned: z.number() });
/** Cards on which somebody pressed Reject, and those of them that nobody rejected then. */
export type Rejections = z.infer<typeof rejectionsRow>;

const disagreementRow = z.object({ undone: z.number(), verdicts: z.number() });
/** Decisions that somebody else took back, and media that one person rejected and another one did not. */
export type Disagreement = z.infer<typeof disagreementRow>;

const deadRow = z.object({ count: z.number(), label: z.string().nullable(), since: z.coerce.date().nullable() });
/** Media that lie in the library unused; the one that has for longest, and since when. */
export type DeadContent = z.infer<typeof deadRow>;

const driftRow = z.object({ category: z.string(), wanted: z.number(), posted: z.number() });
/** A category's share by the mix, and its posts. */
export type CategoryPosts = z.infer<typeof driftRow>;

/** Content is dead after so many days in the library without a post (storyline's #177). */
const DEAD_AFTER_DAYS = 30;
/** Cards are made at most this long before they are sent (plans reach 30 days) and discarded (720 h at most). */
const CARD_LIFE_DAYS = 62;
const DAY_MS = 86_400_000;

export type ReportFiguresRepository = ReturnType<typeof createReportFiguresRepository>;

/**
 * What reports say beyond the figures of /team (interactions/): one question each, counted by the database, undone
 * decisions left out unless they are the question. All are bounded by the window, by what is open now, or by the
 * library, never by the length of the history.
 */
export function createReportFiguresRepository({ db }: Pick<Database, 'db'>) {
  async function rows(statement: SQL): Promise<unknown[]> {
    return [...(await db.execute(statement))];
  }

  return {
    /**
     * The cards that waited at `at`, which lies at or before `now`: those that wait since before it, and those that were decided
     * or given up later. A card's end without a decision is reckoned from the chat's present patience (`/history` does
     * so, too), since no row keeps it.
     */
    async getWaiting(at: Date, now: Date, chatIds: ChatIds): Promise<Waiting> {
      const [row] = await rows(sql`
        with waiting as (
          select q.sent_at from queue_items q
          where q.status = 'delivered' and q.sent_at < ${time(at)} ${inChats(sql`q.chat_id`, chatIds)}
          union all
          select q.sent_at from decisions d join queue_items q on q.id = d.queue_item_id
          where d.undone_at is null and d.decided_at >= ${time(at)} and d.decided_at <= ${time(now)}
            and q.sent_at < ${time(at)} ${inChats(sql`d.chat_id`, chatIds)}
          union all
          select q.sent_at from queue_items q join chats c on c.id = q.chat_id
          -- What left the queue has done so by now.
          where ${time(at)} < ${time(now)} and q.id >= ${lowestKey(new Date(at.getTime() - CARD_LIFE_DAYS * DAY_MS))}
            and q.status = 'cancelled' and q.sent_at < ${time(at)} ${inChats(sql`q.chat_id`, chatIds)}
            and coalesce(q.waiting_since, q.sent_at) + make_interval(hours => c.discard_after_hours) >= ${time(at)}
        )
        select count(*)::int as count, min(sent_at) as oldest from waiting`);
      return waitingRow.parse(row);
    },

    /** Per hour of the zone's day in which cards arrived: how they were decided. Only cards that were sent. */
    async getArrivalHours({ since, until, timeZone }: Window, chatIds: ChatIds): Promise<ArrivalHour[]> {
      const found = await rows(sql`
        select extract(hour from arrived at time zone ${timeZone})::int as hour,
               sum(n) filter (where decision = 'posted')::int as posted, sum(n)::int as decided
        from (
          select date_bin('15 minutes', decided_at - make_interval(secs => waited_ms / 1000.0), 'epoch') as arrived,
                 decision, count(*) as n
          from decisions
          where undone_at is null and waited_ms is not null and ${within(sql`decided_at`, since, until)}
                ${inChats(sql`chat_id`, chatIds)}
          group by 1, 2
        ) as quarter
        group by 1 order by 1`);
      return z
        .array(
          hourRow.extend({
            posted: z
              .number()
              .nullable()
              .transform((n) => n ?? 0),
          }),
        )
        .parse(found);
    },

    /**
     * How often Reject was pressed and the question not confirmed: cards, not presses. A rejection counts when it came after
     * the first press, by whomever, undone later or not.
     */
    async getRejections({ since, until }: Pick<Window, 'since' | 'until'>, chatIds: ChatIds): Promise<Rejections> {
      const latest = new Date(until.getTime() + CARD_LIFE_DAYS * DAY_MS);
      const [row] = await rows(sql`
        with asked as (
          select context->>'queue_item_id' as item, min(created_at) as at
          from user_interactions
          where counts and interaction_type = 'callback' and interaction_name = 'reject'
            and ${within(sql`created_at`, since, until)} and context->>'queue_item_id' ~ ${UUID}
            ${inChats(sql`telegram_chat_id`, chatIds)}
          group by 1
        ), rejected as (
          -- Each half has an index of its own.
          select queue_item_id, decided_at from decisions
          where undone_at is null and decision = 'rejected' and ${within(sql`decided_at`, since, latest)}
          union all
          select queue_item_id, decided_at from decisions
          where undone_at is not null and decision = 'rejected' and ${within(sql`decided_at`, since, latest)}
        )
        select count(*)::int as asked, count(*) filter (where last.at is null or last.at < asked.at)::int as abandoned
        from asked left join (select queue_item_id, max(decided_at) as at from rejected group by 1) as last
             on last.queue_item_id = asked.item::uuid`);
      return rejectionsRow.parse(row);
    },

    /**
     * Where people of the team do not agree: decisions of the window that another person took back, and media decided in
     * it on which a rejection of one person stands against another verdict of another person. Skipped by one and posted by
     * another later is how things go, and does not count.
     */
    async getDisagreement({ since, until }: Pick<Window, 'since' | 'until'>, chatIds: ChatIds): Promise<Disagreement> {
      const [row] = await rows(sql`
        select (select count(*)::int from decisions
                where undone_at is not null and undone_by <> user_id and ${within(sql`decided_at`, since, until)}
                      ${inChats(sql`chat_id`, chatIds)}) as undone,
               (select count(distinct d.media_item_id)::int
                from decisions d join decisions e on e.media_item_id = d.media_item_id
                where d.undone_at is null and e.undone_at is null and ${within(sql`d.decided_at`, since, until)}
                  and e.decided_at < d.decided_at and e.user_id <> d.user_id and e.decision <> d.decision
                  and 'rejected' in (d.decision, e.decision)
                  ${inChats(sql`d.chat_id`, chatIds)} ${inChats(sql`e.chat_id`, chatIds)}) as verdicts`);
      return disagreementRow.parse(row);
    },

    /**
     * Media that are more than 30 days in the library at `now`, were never posted, are not rejected for ever, and neither planned nor
     * waiting in these chats.
     */
    async getDeadContent(now: Date, chatIds: ChatIds): Promise<DeadContent> {
      const [row] = await rows(sql`
        select count(*)::int as count, min(m.created_at) as since,
               (array_agg(coalesce(nullif(m.title, ''), nullif(m.file_name, ''), m.category) order by m.created_at, m.id))[1] as label
        from media_items m
        where m.is_active and m.last_posted_at is null and m.times_posted = 0
          and m.created_at < ${time(new Date(now.getTime() - DEAD_AFTER_DAYS * DAY_MS))}
          and not exists (select from media_locks l
                          where l.media_item_id = m.id and l.locked_until is null and l.replaced_by is null)
          and not exists (select from queue_items q where q.media_item_id = m.id
                          and q.status in ('pending', 'sending', 'delivered') ${inChats(sql`q.chat_id`, chatIds)})`);
      return deadRow.parse(row);
    },

    /** The posts of the window per category of the mix that held at its end, the largest share first; empty without a mix. */
    async getCategoryPosts(
      { since, until }: Pick<Window, 'since' | 'until'>,
      chatId: number,
    ): Promise<CategoryPosts[]> {
      const found = await rows(sql`
        with mix as (
          select category, ratio::float8 as wanted from category_mix
          where chat_id = ${chatId} and valid_from < ${time(until)} and (valid_to is null or valid_to >= ${time(until)})
        ), posts as (
          select m.category, count(*)::int as posted
          from decisions d join media_items m on m.id = d.media_item_id
          where d.undone_at is null and d.decision = 'posted' and d.chat_id = ${chatId}
            and ${within(sql`d.decided_at`, since, until)} and exists (select from mix)
          group by 1
        )
        select category, coalesce(wanted, 0) as wanted, coalesce(posted, 0) as posted
        from mix full join posts using (category) where category is not null
        order by wanted desc nulls last, category`);
      return z.array(driftRow).parse(found);
    },
  };
}

/** Rows of other programs may hold anything there. */
const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

const time = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`;

/** The lowest key that a row written at this moment can have: UUID v7 begins with 48 bits of milliseconds (RFC 9562). */
function lowestKey(at: Date): SQL {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return sql`${`${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`}::uuid`;
}
