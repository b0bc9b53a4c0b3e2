import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import type { Window } from './activity-repository.ts';

const reasonRow = z.object({ reason: z.string(), count: z.number() });
/** How often something was rejected for a reason. */
export type ReasonCount = z.infer<typeof reasonRow>;

const handlingRow = z.object({ count: z.number(), median_seconds: z.number().nullable() });
/** From "On it" to the decision of the same person; `count` cards were claimed and decided so. */
export type HandlingTime = z.infer<typeof handlingRow>;

const countRow = z.object({ count: z.number() });

export type DecisionFiguresRepository = ReturnType<typeof createDecisionFiguresRepository>;

/** Figures over decisions beyond how they fell; undone ones never count. */
export function createDecisionFiguresRepository({ db }: Database) {
  return {
    /**
     * Why things were rejected in the window, in some chats only when they are given: the most frequent reason first.
     * Rejections without a reason are absent. Reasons that differ in case and blanks only are one, as it is written most often.
     */
    async getRejectReasons(
      window: Pick<Window, 'since' | 'until'>,
      chatIds?: readonly number[],
    ): Promise<ReasonCount[]> {
      const rows: unknown = await db.execute(sql`
        select mode() within group (order by btrim(reason)) as reason, count(*)::int as count
        from decisions
        where decision = 'rejected' and btrim(reason) <> '' and ${standing(window, chatIds)}
        group by lower(regexp_replace(btrim(reason), '\\s+', ' ', 'g'))
        order by count(*) desc, 1`);
      return z.array(reasonRow).parse(rows);
    },

    /** How long people need for a card that they have said they are on; approving all at once is no such handling. */
    async getHandlingTime(window: Pick<Window, 'since' | 'until'>, chatIds?: readonly number[]): Promise<HandlingTime> {
      const rows: unknown = await db.execute(sql`
        select count(handling_ms)::int as count,
               percentile_cont(0.5) within group (order by handling_ms) / 1000 as median_seconds
        from decisions where handling_ms is not null and ${standing(window, chatIds)}`);
      return handlingRow.parse(z.array(z.unknown()).parse(rows)[0]);
    },

    /** How many of the decisions `/approveall` made, many cards by one tap. */
    async getDecidedAtOnce(window: Pick<Window, 'since' | 'until'>, chatIds?: readonly number[]): Promise<number> {
      const rows: unknown = await db.execute(sql`
        select count(*)::int as count from decisions where source = 'approve_all' and ${standing(window, chatIds)}`);
      return countRow.parse(z.array(z.unknown()).parse(rows)[0]).count;
    },
  };
}

/** Decisions of the window that were not undone. */
function standing({ since, until }: Pick<Window, 'since' | 'until'>, chatIds: readonly number[] | undefined): SQL {
  const inChats = chatIds === undefined ? sql`` : sql`and chat_id = any(${`{${chatIds.join(',')}}`}::bigint[])`;
  return sql`undone_at is null and decided_at >= ${since.toISOString()}::timestamptz
    and decided_at < ${until.toISOString()}::timestamptz ${inChats}`;
}
