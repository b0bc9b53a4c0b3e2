import { and, eq, gt, isNull, or } from 'drizzle-orm';
import type { Database, Transaction } from '../db/client.ts';
import { invitations, type Role, users } from '../db/schema/index.ts';
import { type AuditEntry, recordChanges } from '../settings/audit-repository.ts';
import type { UserRow } from './user-repository.ts';

/** What can be done to a person's standing. */
export type RoleStep =
  | { action: 'role_changed'; role: Role }
  | { action: 'member_removed' }
  | { action: 'member_restored'; role: Role };

/**
 * Why nothing was changed. `not_admin`: who asked is no admin (any more). `last_admin`: nobody could let people in
 * afterwards. `yourself`: removing oneself. `removed`: a removed person has no role to change. `unknown`: no such person.
 */
export type RoleRefusal = 'not_admin' | 'last_admin' | 'yourself' | 'removed' | 'unknown';

export type RoleResult =
  | { kind: 'changed'; before: UserRow; after: UserRow }
  | { kind: 'unchanged'; person: UserRow }
  | { kind: 'refused'; why: RoleRefusal };

export type RoleChange = {
  /** The admin who asks; null: the operator in the terminal, who may let in strangers too. */
  actorId: string | null;
  userId: string;
  step: RoleStep;
  now: Date;
};

export type RoleRepository = ReturnType<typeof createRoleRepository>;

/** Roles given and taken, with every rule checked and every change written down in one transaction. */
export function createRoleRepository({ db }: Database) {
  return {
    /**
     * Does the step, or says why not. All admins are locked meanwhile (in the order of their ids), so two who demote
     * each other at the same moment leave one. Who ceases to be an admin takes their open invitations along.
     */
    async change({ actorId, userId, step, now }: RoleChange): Promise<RoleResult> {
      return db.transaction(async (tx): Promise<RoleResult> => {
        const isAdmin = and(eq(users.role, 'admin'), users.isActive);
        const locked = await tx
          .select()
          .from(users)
          .where(or(isAdmin, eq(users.id, userId)))
          .orderBy(users.id)
          .for('no key update');
        const admins = locked.filter((row) => row.role === 'admin' && row.isActive);
        const before = locked.find((row) => row.id === userId);

        if (actorId !== null && !admins.some(({ id }) => id === actorId)) return { kind: 'refused', why: 'not_admin' };
        if (!before || (actorId !== null && before.dateJoined === null)) return { kind: 'refused', why: 'unknown' };
        const to = standingAfter(step, before);
        if (to === undefined) return { kind: 'refused', why: 'removed' };
        if (to.role === before.role && to.isActive === before.isActive && before.dateJoined)
          return { kind: 'unchanged', person: before };
        if (step.action === 'member_removed' && actorId === userId) return { kind: 'refused', why: 'yourself' };
        const ceasesToBeAdmin = admins.includes(before) && (to.role !== 'admin' || !to.isActive);
        if (ceasesToBeAdmin && admins.length === 1) return { kind: 'refused', why: 'last_admin' };

        const [after] = await tx
          .update(users)
          .set({ ...to, dateJoined: before.dateJoined ?? now })
          .where(eq(users.id, userId))
          .returning();
        if (!after) throw new Error('a locked row was not there to be updated');
        await recordChanges(tx, [
          {
            at: now,
            actorId,
            action: step.action,
            userId,
            before: { role: before.role },
            after: { role: to.role, ...(actorId === null ? { by: 'terminal' } : {}) },
          },
          ...(ceasesToBeAdmin ? await withdrawInvitationsOf(tx, userId, { actorId, now }) : []),
        ]);
        return { kind: 'changed', before, after };
      });
    },
  };
}

/** Role and admission after the step; undefined when it asks for a removed person's role. A step that was done already changes nothing. */
function standingAfter(step: RoleStep, before: UserRow): { role: Role; isActive: boolean } | undefined {
  const present = { role: before.role, isActive: before.isActive };
  switch (step.action) {
    case 'role_changed':
      return before.isActive ? { role: step.role, isActive: true } : undefined;
    case 'member_removed':
      // The role goes as well: other programs read it, and what it was is in the audit log.
      return before.isActive ? { role: 'guest', isActive: false } : present;
    case 'member_restored':
      return before.isActive ? present : { role: step.role, isActive: true };
  }
}

/** Links that somebody made while they were an admin are no way back in, neither for them nor for others. */
async function withdrawInvitationsOf(
  tx: Transaction,
  userId: string,
  { actorId, now }: { actorId: string | null; now: Date },
): Promise<AuditEntry[]> {
  const withdrawn = await tx
    .update(invitations)
    .set({ expiresAt: invitations.createdAt })
    .where(and(eq(invitations.createdBy, userId), isNull(invitations.usedAt), gt(invitations.expiresAt, now)))
    .returning({ id: invitations.id, role: invitations.role });
  return withdrawn.map(({ id, role }) => ({
    at: now,
    actorId,
    action: 'invitation_withdrawn',
    before: { invitation_id: id, role },
  }));
}
