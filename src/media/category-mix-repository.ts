import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Executor } from '../db/client.ts';
import { categoryMix } from '../db/schema/index.ts';
import type { CategoryShare } from './category-mix.ts';

/** A row of the mix's history; without `validTo` it holds at present. */
export type CategoryMixRow = typeof categoryMix.$inferSelect;
export type CategoryMixRepository = ReturnType<typeof createCategoryMixRepository>;

const knownCategories = z.array(z.object({ category: z.string(), count: z.number() }));

/** In which proportion each chat posts its categories, with history (type-2 rows). */
export function createCategoryMixRepository({ db }: Pick<Database, 'db'>) {
  /** The categories of the active media, and how many each has, by name. */
  async function categories(executor: Executor = db): Promise<{ category: string; count: number }[]> {
    const rows: unknown = await executor.execute(sql`
      select category, count(*)::int as count from media_items
      where is_active and category is not null group by category order by category`);
    return knownCategories.parse(rows);
  }

  return {
    /** The shares that hold now, the largest first; empty: all categories alike. */
    present(chatId: number, executor: Executor = db): Promise<CategoryShare[]> {
      return executor
        .select({ category: categoryMix.category, ratio: categoryMix.ratio })
        .from(categoryMix)
        .where(and(eq(categoryMix.chatId, chatId), isNull(categoryMix.validTo)))
        .orderBy(desc(categoryMix.ratio), asc(categoryMix.category));
    },

    /**
     * Closes the shares that hold now and puts `shares` in their place; none: all categories alike again. The caller's
     * transaction holds the chat's row locked and has checked that they sum to 1 (category-mix.ts).
     */
    async replace(
      chatId: number,
      shares: readonly CategoryShare[],
      { by, now }: { by: string | null; now: Date },
      executor: Executor,
    ): Promise<void> {
      await executor
        .update(categoryMix)
        .set({ validTo: now })
        .where(and(eq(categoryMix.chatId, chatId), isNull(categoryMix.validTo)));
      if (shares.length === 0) return;
      await executor
        .insert(categoryMix)
        .values(shares.map((share) => ({ chatId, ...share, validFrom: now, changedBy: by })));
    },

    /** Every share that ever held, the newest first. */
    history(chatId: number, limit = 100): Promise<CategoryMixRow[]> {
      return db
        .select()
        .from(categoryMix)
        .where(eq(categoryMix.chatId, chatId))
        .orderBy(desc(categoryMix.validFrom), desc(categoryMix.ratio), asc(categoryMix.category))
        .limit(limit);
    },

    categories,

    /** The names of those categories. */
    async known(executor: Executor = db): Promise<string[]> {
      return (await categories(executor)).map(({ category }) => category);
    },
  };
}
