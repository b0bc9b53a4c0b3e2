import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';

/** The window a figure is about: half-open, with the zone in which its days and hours are read. */
export type Window = { since: Date; until: Date; timeZone: string };

/** Per type, name and the like: how often. */
const counts = z.record(z.string(), z.number());

const userStatsRow = z.object({
  total_interactions: z.number(),
  posts_marked: z.number(),
  posts_skipped: z.number(),
  posts_rejected: z.number(),
  /** Names as stored, with the slash. */
  commands_used: counts,
  /** 0 to 23 in the window's zone, the earlier hour when two are equal; null without interactions. */
  most_active_hour: z.number().nullable(),
});
export type UserStats = z.infer<typeof userStatsRow>;

const teamActivityRow = z.object({
  total_interactions: z.number(),
  active_users: z.number(),
  /** `users.id` -> count. */
  interactions_by_user: counts,
  interactions_by_type: counts,
  interactions_by_name: counts,
  /** Every local day of the window, days without interactions too. */
  daily_activity: z.array(z.object({ date: z.string(), count: z.number() })),
});
export type TeamActivity = z.infer<typeof teamActivityRow>;

const contentDecisionsRow = z.object({
  total_decisions: z.number(),
  posted: z.number(),
  skipped: z.number(),
  rejected: z.number(),
  posted_percentage: z.number(),
  skip_percentage: z.number(),
  rejection_rate: z.number(),
  /** From the card's arrival to the decision, in seconds; null without a decision on a delivered card. */
  median_seconds_to_decision: z.number().nullable(),
  p90_seconds_to_decision: z.number().nullable(),
});
export type ContentDecisions = z.infer<typeof contentDecisionsRow>;

export type ActivityRepository = ReturnType<typeof createActivityRepository>;

/**
 * The figures over interactions and decisions (seed 004, the union of what its docstrings and its code promise).
 * Only what is done and not undone counts (`counts`, `undone_at`). Each is one statement that reads one covering index.
 *
 * Converting each row's time to the zone costs more than counting it, and every zone's hours and days are made of whole
 * quarter-hours, so only those are converted. Tried, a million rows in the window, 620,000 of them counting:
 *
 *   getUserStats (240,000 of the rows)   grouped by the zone's hour 165 ms, by quarter-hour 110 ms
 *   getTeamActivity                      grouped by the zone's date 425 ms, by quarter-hour 570 ms (150,000 groups, on
 *                                        disk), by width_bucket over the days 270 ms (440 ms when the planner, which
 *                                        cannot know how few groups there are, sorts), one range per day 230 ms
 */
export function createActivityRepository({ db }: Database) {
  async function one(statement: SQL): Promise<unknown> {
    const rows: unknown = await db.execute(statement);
    const [row] = z.array(z.unknown()).parse(rows);
    return row;
  }

  return {
    /** What one person did in the window. */
    async getUserStats(userId: string, { since, until, timeZone }: Window): Promise<UserStats> {
      const row = await one(sql`
        with bucket as (
          select interaction_type as type, interaction_name as name,
                 date_bin('15 minutes', created_at, 'epoch') as at, count(*)::int as n
          from user_interactions
          where user_id = ${userId} and counts and ${within(sql`created_at`, since, until)}
          group by 1, 2, 3
        ), by_name as (
          select type, name, sum(n)::int as n from bucket group by 1, 2
        )
        select coalesce(sum(n), 0)::int as total_interactions,
               coalesce(sum(n) filter (where type = 'callback' and name = 'posted'), 0)::int as posts_marked,
               coalesce(sum(n) filter (where type = 'callback' and name = 'skip'), 0)::int as posts_skipped,
               coalesce(sum(n) filter (where type = 'callback' and name = 'confirm_reject'), 0)::int as posts_rejected,
               coalesce(jsonb_object_agg(name, n) filter (where type = 'command'), '{}') as commands_used,
               (select extract(hour from at at time zone ${timeZone})::int as hour
                from bucket group by 1 order by sum(n) desc, 1 limit 1) as most_active_hour
        from by_name`);
      return userStatsRow.parse(row);
    },

    /** What everybody did in the window; in some chats only when `chatIds` are given. */
    async getTeamActivity({ since, until, timeZone }: Window, chatIds?: readonly number[]): Promise<TeamActivity> {
      const row = await one(sql`
        with day as (
          select date, greatest(start, ${since.toISOString()}::timestamptz) as since,
                 lead(start, 1, ${until.toISOString()}::timestamptz) over (order by date) as until
          from (
            select (quarter at time zone ${timeZone})::date as date, min(quarter) as start
            from generate_series(date_bin('15 minutes', ${since.toISOString()}::timestamptz, 'epoch'),
                                 ${until.toISOString()}::timestamptz - interval '1 microsecond', interval '15 minutes') as quarter
            group by 1
          ) as starts
        ), activity as (
          select date, counted.*
          from day cross join lateral (
            select user_id, interaction_type as type, interaction_name as name, count(*)::int as n
            from user_interactions
            where counts and created_at >= day.since and created_at < day.until ${inChats(sql`telegram_chat_id`, chatIds)}
            group by 1, 2, 3
          ) as counted
        ), by_user as (
          select user_id::text as key, sum(n)::int as n from activity group by 1
        ), by_type as (
          select type as key, sum(n)::int as n from activity group by 1
        ), by_name as (
          select name as key, sum(n)::int as n from activity group by 1
        ), by_day as (
          select date, coalesce(sum(n), 0)::int as n from day left join activity using (date) group by 1
        )
        select (select coalesce(sum(n), 0)::int from by_type) as total_interactions,
               (select count(*)::int from by_user) as active_users,
               (select coalesce(jsonb_object_agg(key, n), '{}') from by_user) as interactions_by_user,
               (select coalesce(jsonb_object_agg(key, n), '{}') from by_type) as interactions_by_type,
               (select coalesce(jsonb_object_agg(key, n), '{}') from by_name) as interactions_by_name,
               (select coalesce(jsonb_agg(jsonb_build_object('date', date, 'count', n) order by date), '[]')
                from by_day) as daily_activity`);
      return teamActivityRow.parse(row);
    },

    /** How the decisions of the window fell; of one person or in some chats only when given. Percentages have one decimal, 0 without decisions. */
    async getContentDecisions(
      { since, until }: Pick<Window, 'since' | 'until'>,
      filter: { chatIds?: readonly number[] | undefined; userId?: string | undefined } = {},
    ): Promise<ContentDecisions> {
      const ofUser = filter.userId === undefined ? sql`` : sql`and user_id = ${filter.userId}`;
      const row = await one(sql`
        with counted as (
          select count(*)::int as total_decisions,
                 count(*) filter (where decision = 'posted')::int as posted,
                 count(*) filter (where decision = 'skipped')::int as skipped,
                 count(*) filter (where decision = 'rejected')::int as rejected,
                 percentile_cont(array[0.5, 0.9]) within group (order by waited_ms) as waited
          from decisions
          where undone_at is null and ${within(sql`decided_at`, since, until)}
                ${inChats(sql`chat_id`, filter.chatIds)} ${ofUser}
        )
        select total_decisions, posted, skipped, rejected,
               coalesce(round(posted * 100.0 / nullif(total_decisions, 0), 1), 0)::float8 as posted_percentage,
               coalesce(round(skipped * 100.0 / nullif(total_decisions, 0), 1), 0)::float8 as skip_percentage,
               coalesce(round(rejected * 100.0 / nullif(total_decisions, 0), 1), 0)::float8 as rejection_rate,
               waited[1] / 1000 as median_seconds_to_decision,
               waited[2] / 1000 as p90_seconds_to_decision
        from counted`);
      return contentDecisionsRow.parse(row);
    },
  };
}

/** The condition that `column` lies in the half-open window. */
export function within(column: SQL, since: Date, until: Date): SQL {
  return sql`${column} >= ${since.toISOString()}::timestamptz and ${column} < ${until.toISOString()}::timestamptz`;
}

/** The condition that `column` is one of the chats; none when no chats are given. */
export function inChats(column: SQL, chatIds: readonly number[] | undefined): SQL {
  if (chatIds === undefined) return sql``;
  return sql`and ${column} = any(${`{${chatIds.join(',')}}`}::bigint[])`;
}
