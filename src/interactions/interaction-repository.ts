import { and, desc, eq, gte, sql } from 'drizzle-orm';
import type { Database, Executor } from '../db/client.ts';
import { type InteractionType, userInteractions } from '../db/schema/index.ts';

export type Interaction = typeof userInteractions.$inferSelect;
export type NewInteraction = Omit<typeof userInteractions.$inferInsert, 'id'>;

export type InteractionRepository = ReturnType<typeof createInteractionRepository>;

/** Rows of `user_interactions`, one by one; the figures over them are in `activity-repository.ts`. */
export function createInteractionRepository({ db }: Database) {
  return {
    /** Adds a row. A delivery key that is there already adds nothing and returns undefined. */
    async create(interaction: NewInteraction, executor: Executor = db): Promise<Interaction | undefined> {
      const [row] = await executor.insert(userInteractions).values(interaction).onConflictDoNothing().returning();
      return row;
    },

    /** Adds many rows with one statement (at most 1000: PostgreSQL takes 65,534 parameters). */
    async createMany(interactions: NewInteraction[]): Promise<void> {
      if (interactions.length === 0) return;
      await db.insert(userInteractions).values(interactions).onConflictDoNothing();
    },

    /** Adds facts to the context of the row with this delivery key, in the place of those of the same name. */
    async amend(deliveryKey: string, facts: Record<string, unknown>): Promise<void> {
      await db
        .update(userInteractions)
        .set({ context: sql`coalesce(${userInteractions.context}, '{}') || ${JSON.stringify(facts)}::jsonb` })
        .where(eq(userInteractions.deliveryKey, deliveryKey));
    },

    /**
     * Counts an answer to what the row with this delivery key records, or takes one back (-1). Returns how many there are
     * now; 0 when there is no such row.
     */
    async countAnswer(deliveryKey: string, by: 1 | -1): Promise<number> {
      const answers = sql<number>`coalesce((${userInteractions.context}->>'answers')::int, 0)`;
      const [row] = await db
        .update(userInteractions)
        .set({
          context: sql`coalesce(${userInteractions.context}, '{}') || jsonb_build_object('answers', ${answers} + ${by}::int)`,
        })
        .where(eq(userInteractions.deliveryKey, deliveryKey))
        .returning({ answers });
      return row?.answers ?? 0;
    },

    /** Whether a row with this delivery key is there: its update was dealt with to the end. */
    async isRecorded(deliveryKey: string): Promise<boolean> {
      const [row] = await db
        .select({ id: userInteractions.id })
        .from(userInteractions)
        .where(eq(userInteractions.deliveryKey, deliveryKey));
      return row !== undefined;
    },

    /** Whether a part of this album was recorded as an upload since then. */
    async hasAlbum(chatId: number, mediaGroupId: string, since: Date): Promise<boolean> {
      const [row] = await db
        .select({ id: userInteractions.id })
        .from(userInteractions)
        .where(
          and(
            gte(userInteractions.createdAt, since),
            eq(userInteractions.telegramChatId, chatId),
            eq(userInteractions.interactionName, 'upload'),
            sql`${userInteractions.context}->>'media_group_id' = ${mediaGroupId}`,
          ),
        )
        .limit(1);
      return row !== undefined;
    },

    /** A person's rows, the newest first. */
    getByUser(userId: string, { limit = 100, offset = 0 } = {}): Promise<Interaction[]> {
      return db
        .select()
        .from(userInteractions)
        .where(eq(userInteractions.userId, userId))
        .orderBy(desc(userInteractions.createdAt), desc(userInteractions.id))
        .limit(limit)
        .offset(offset);
    },

    /** Rows of a type since an instant, the newest first. */
    getByType(type: InteractionType, since: Date, { limit = 1000 } = {}): Promise<Interaction[]> {
      return db
        .select()
        .from(userInteractions)
        .where(and(eq(userInteractions.interactionType, type), gte(userInteractions.createdAt, since)))
        .orderBy(desc(userInteractions.createdAt), desc(userInteractions.id))
        .limit(limit);
    },

    /** How many rows since an instant, per type and name, whatever their outcome. */
    getCounts(since: Date): Promise<{ type: InteractionType; name: string; count: number }[]> {
      return db
        .select({
          type: userInteractions.interactionType,
          name: userInteractions.interactionName,
          count: sql<number>`count(*)::int`,
        })
        .from(userInteractions)
        .where(gte(userInteractions.createdAt, since))
        .groupBy(userInteractions.interactionType, userInteractions.interactionName)
        .orderBy(desc(sql`count(*)`));
    },
  };
}
