import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { chats } from '../db/schema/index.ts';
import { isEligible } from './library-selection.ts';
import type { CategoryStock, PoolState } from './pool-health.ts';

const stockRows = z.array(z.object({ category: z.string().nullable(), media: z.number(), left: z.number() }));

export type PoolRepository = ReturnType<typeof createPoolRepository>;

/** What the library holds for a chat, and what the chat was told about it. */
export function createPoolRepository({ db }: Database) {
  return {
    /** Active media by category, those without one last; `left`: planned in this chat, or free to be. */
    async stock(chatId: number, now: Date): Promise<CategoryStock[]> {
      const rows: unknown = await db.execute(sql`
        with material as (
          select m.id from media_items m where ${isEligible(sql`${chatId}`, sql`${now.toISOString()}::timestamptz`)}
          union
          select q.media_item_id from queue_items q where q.chat_id = ${chatId} and q.status = 'pending'
        )
        select m.category, count(*)::int as media, count(material.id)::int as left
        from media_items m left join material on material.id = m.id
        where m.is_active
        group by m.category order by m.category nulls last`);
      return stockRows.parse(rows);
    },

    /** What the chat was told last. */
    async told(chatId: number): Promise<PoolState> {
      const [row] = await db.select({ state: chats.poolState }).from(chats).where(eq(chats.id, chatId));
      return row?.state ?? 'ok';
    },

    /** The chat is being told `to`. False when somebody else has changed it since it was `from`. */
    async change(chatId: number, from: PoolState, to: PoolState): Promise<boolean> {
      const rows = await db
        .update(chats)
        .set({ poolState: to })
        .where(and(eq(chats.id, chatId), eq(chats.poolState, from)))
        .returning({ id: chats.id });
      return rows.length > 0;
    },
  };
}
