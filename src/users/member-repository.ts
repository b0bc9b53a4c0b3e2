import { and, count, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { chatMembers, chats, type Role, users } from '../db/schema/index.ts';
import { displayName, type UserRow } from './user-repository.ts';

/** Somebody who was let in once, and the team chats in which they are as far as is known. */
export type Member = {
  id: string;
  telegramUserId: number;
  name: string;
  username: string | null;
  role: Role;
  /** False: removed. */
  isActive: boolean;
  hasStartedBot: boolean;
  dateJoined: Date | null;
  lastSeenAt: Date | null;
  chats: readonly { id: number; title: string }[];
};

/** How many there are. `removed` are in none of the roles. */
export type MemberCounts = Record<Role | 'removed', number>;

export type MemberRepository = ReturnType<typeof createMemberRepository>;

/** The people who were let in. Strangers (never admitted) and people of other programs without Telegram are not among them. */
export function createMemberRepository({ db }: Database) {
  const isMember = and(isNotNull(users.dateJoined), isNotNull(users.telegramUserId));

  async function withChats(rows: readonly UserRow[]): Promise<Member[]> {
    if (rows.length === 0) return [];
    const found = await db
      .select({ userId: chatMembers.userId, id: chats.id, title: chats.title })
      .from(chatMembers)
      .innerJoin(chats, eq(chats.id, chatMembers.chatId))
      .where(
        and(
          inArray(
            chatMembers.userId,
            rows.map(({ id }) => id),
          ),
          chatMembers.isMember,
          chats.isActive,
        ),
      )
      .orderBy(chats.createdAt, chats.id);
    return rows.map((row) => ({
      ...row,
      telegramUserId: row.telegramUserId ?? 0,
      name: displayName(row),
      chats: found.filter(({ userId }) => userId === row.id).map(({ id, title }) => ({ id, title })),
    }));
  }

  return {
    /** One person; undefined when nobody let them in ever. */
    async find(id: string): Promise<Member | undefined> {
      const rows = await db
        .select()
        .from(users)
        .where(and(isMember, eq(users.id, id)));
      return (await withChats(rows))[0];
    },

    /** A part of the list: admins, members, guests, then the removed; by name among their like. */
    async page({ limit, offset }: { limit: number; offset: number }): Promise<Member[]> {
      const rows = await db
        .select()
        .from(users)
        .where(isMember)
        .orderBy(
          sql`${users.isActive} desc, array_position(array['admin', 'member', 'guest'], ${users.role})`,
          sql`lower(coalesce(${users.firstName}, ${users.username})), lower(${users.lastName}) nulls first`,
          users.id,
        )
        .limit(limit)
        .offset(offset);
      return withChats(rows);
    },

    /** How many of each. */
    async counts(): Promise<MemberCounts> {
      const rows = await db
        .select({ role: users.role, isActive: users.isActive, people: count() })
        .from(users)
        .where(isMember)
        .groupBy(users.role, users.isActive);
      const counts: MemberCounts = { admin: 0, member: 0, guest: 0, removed: 0 };
      for (const { role, isActive, people } of rows) counts[isActive ? role : 'removed'] += people;
      return counts;
    },
  };
}
