import { and, eq, isNull, or, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { invitations, type Role, users } from '../db/schema/index.ts';

export type InvitationRepository = ReturnType<typeof createInvitationRepository>;

/** One-time codes, by their hashes. */
export function createInvitationRepository({ db }: Database) {
  return {
    /** Puts a new first-admin code (by nobody, without end) in the place of all unused ones. */
    async replaceFirstAdminCode(codeHash: string, now: Date): Promise<void> {
      await db.transaction(async (tx) => {
        await tx.delete(invitations).where(and(isNull(invitations.createdBy), isNull(invitations.usedAt)));
        await tx.insert(invitations).values({ codeHash, role: 'admin', createdAt: now });
      });
    },

    /** Uses up a code and gives its role to the person, together or not at all; undefined when no such code is open. */
    async use(codeHash: string, userId: string, now: Date): Promise<Role | undefined> {
      const at = now.toISOString();
      return db.transaction(async (tx) => {
        const [used] = await tx
          .update(invitations)
          .set({ usedAt: now, usedBy: userId })
          .where(
            and(
              eq(invitations.codeHash, codeHash),
              isNull(invitations.usedAt),
              or(isNull(invitations.expiresAt), sql`${invitations.expiresAt} > ${at}`),
            ),
          )
          .returning({ role: invitations.role });
        if (!used) return undefined;
        await tx
          .update(users)
          .set({ role: used.role, dateJoined: sql`coalesce(${users.dateJoined}, ${at})` })
          .where(eq(users.id, userId));
        return used.role;
      });
    },
  };
}
