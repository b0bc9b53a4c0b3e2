import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import type { CategoryMixRepository } from '../media/category-mix-repository.ts';
import { interleave, shareOut } from './category-shares.ts';
import { isEligible, type Ranking, selectionOrder } from './library-selection.ts';

/** Media in the order in which they are to be posted. `ranOut`: categories that could not fill their share, so others did. */
export type Choice = { media: { id: string; category: string | null }[]; ranOut: string[] };

/** Chooses media for so many slots, as part of the transaction that plans them; fewer when the library has no more. */
export type ChooseMedia = (tx: Transaction, chatId: number, slots: number, now: Date) => Promise<Choice>;

const mediaRows = z.array(z.object({ id: z.string(), category: z.string().nullable() }));
const countRows = z.array(z.object({ category: z.string(), count: z.number() }));

/** How far back posts count when categories are shared out: a month evens out what a week of few slots cannot. */
const LOOK_BACK_DAYS = 30;

/**
 * What is posted next from the library: by the chat's category mix if it has one, else from all categories alike; the best
 * first. `ranking` puts the library in another order than its own.
 */
export function createMediaChoice(dependencies: {
  mix: Pick<CategoryMixRepository, 'present'>;
  ranking?: Ranking;
}): ChooseMedia {
  const { mix, ranking } = dependencies;

  /** The best media for a plan: of each category as many as `wanted` says, best first. */
  async function pickByCategory(tx: Transaction, chatId: number, wanted: ReadonlyMap<string, number>, now: Date) {
    const counts = JSON.stringify(Object.fromEntries(wanted));
    const rows: unknown = await tx.execute(sql`
      select r.id, r.category
      from (select m.id, m.category,
                   row_number() over (partition by m.category order by ${selectionOrder(chatId, ranking)}) as place
            from media_items m
            where m.category in (select jsonb_object_keys(${counts}::jsonb))
              and ${isEligible(sql`${chatId}`, sql`${now.toISOString()}::timestamptz`)}) r
      join jsonb_each_text(${counts}::jsonb) w on w.key = r.category
      where r.place <= w.value::int
      order by r.place`);
    return mediaRows.parse(rows);
  }

  /** The best media of any category, but for those picked already. */
  async function pickAny(tx: Transaction, chatId: number, picked: readonly string[], limit: number, now: Date) {
    if (limit === 0) return [];
    const rows: unknown = await tx.execute(sql`
      select m.id, m.category from media_items m
      where m.id <> all(${`{${picked.join(',')}}`}::uuid[])
        and ${isEligible(sql`${chatId}`, sql`${now.toISOString()}::timestamptz`)}
      order by ${selectionOrder(chatId, ranking)} limit ${limit}`);
    return mediaRows.parse(rows);
  }

  /** How many posts each category has in the plan and, since the mix was set but for a month at most, behind it. */
  async function countedPosts(tx: Transaction, chatId: number, now: Date): Promise<Map<string, number>> {
    const rows: unknown = await tx.execute(sql`
      select m.category, count(*)::int as count
      from queue_items q join media_items m on m.id = q.media_item_id
      where q.chat_id = ${chatId} and m.category is not null
        and (q.status = 'pending'
             or q.status in ('sending', 'delivered', 'posted')
                and q.scheduled_for > greatest(
                  (select max(valid_from) from category_mix where chat_id = ${chatId} and valid_to is null),
                  ${now.toISOString()}::timestamptz - make_interval(days => ${LOOK_BACK_DAYS})))
      group by m.category`);
    return new Map(countRows.parse(rows).map(({ category, count }) => [category, count]));
  }

  return async (tx, chatId, slots, now) => {
    if (slots === 0) return { media: [], ranOut: [] };
    const ratios = await mix.present(chatId, tx);
    if (ratios.length === 0) return { media: await pickAny(tx, chatId, [], slots, now), ranOut: [] };
    const shares = shareOut(slots, ratios, await countedPosts(tx, chatId, now));
    const picked = await pickByCategory(tx, chatId, shares, now);
    const ids = picked.map(({ id }) => id);
    const others = await pickAny(tx, chatId, ids, slots - picked.length, now);
    const media = interleave(shares).flatMap((category) => {
      const index = picked.findIndex((one) => one.category === category);
      return (index < 0 ? others.shift() : picked.splice(index, 1)[0]) ?? [];
    });
    const ranOut = [...shares].filter(
      ([category, share]) => media.filter((one) => one.category === category).length < share,
    );
    return { media, ranOut: ranOut.map(([category]) => category) };
  };
}
