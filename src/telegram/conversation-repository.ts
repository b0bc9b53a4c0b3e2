import { eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { conversationStates } from '../db/schema/index.ts';

export type ConversationRepository = ReturnType<typeof createConversationRepository>;

/** Questions that the bot has asked and that wait for an answer, one row for each bot, chat and person. */
export function createConversationRepository({ db }: Pick<Database, 'db'>) {
  return {
    /** The state that was kept under this key since `since`; undefined when there is none or it is older. */
    async find(key: string, since: Date): Promise<unknown> {
      const [row] = await db.select().from(conversationStates).where(eq(conversationStates.key, key));
      return row && row.updatedAt >= since ? row.state : undefined;
    },

    /** Keeps a state, and forgets all that nobody has answered since `since`. */
    async save(key: string, state: unknown, { now, since }: { now: Date; since: Date }): Promise<void> {
      await db.delete(conversationStates).where(lt(conversationStates.updatedAt, since));
      await db
        .insert(conversationStates)
        .values({ key, state: storable(state), updatedAt: now })
        .onConflictDoUpdate({ target: conversationStates.key, set: { state: sql`excluded.state`, updatedAt: now } });
    },

    async remove(key: string): Promise<void> {
      await db.delete(conversationStates).where(eq(conversationStates.key, key));
    },
  };
}

/** PostgreSQL's jsonb takes neither NUL nor half a surrogate pair; people's names and texts may hold both. */
function storable(state: unknown): unknown {
  return JSON.parse(
    JSON.stringify(state, (_key, value: unknown) =>
      typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '') : value,
    ),
  );
}
