import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { chatMembers } from '../db/schema/index.ts';

export type MembershipRepository = ReturnType<typeof createMembershipRepository>;

/** What is known about who is in which team chat. */
export function createMembershipRepository({ db }: Database) {
  return {
    /** What was last heard of a person in a chat; undefined when nothing ever was. */
    async find(chatId: number, userId: string): Promise<{ isMember: boolean; checkedAt: Date } | undefined> {
      const [row] = await db
        .select({ isMember: chatMembers.isMember, checkedAt: chatMembers.checkedAt })
        .from(chatMembers)
        .where(and(eq(chatMembers.chatId, chatId), eq(chatMembers.userId, userId)));
      return row;
    },

    /** Keeps what Telegram said. */
    async save(chatId: number, userId: string, isMember: boolean, checkedAt: Date): Promise<void> {
      await db
        .insert(chatMembers)
        .values({ chatId, userId, isMember, checkedAt })
        .onConflictDoUpdate({
          target: [chatMembers.chatId, chatMembers.userId],
          set: { isMember: sql`excluded.is_member`, checkedAt: sql`excluded.checked_at` },
        });
    },
  };
}
