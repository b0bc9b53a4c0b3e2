import { and, eq, gt, gte, isNull } from 'drizzle-orm';
import type { Database, Transaction } from '../db/client.ts';
import { auditLog, invitations, type Role, users } from '../db/schema/index.ts';
import { recordChanges } from '../settings/audit-repository.ts';
import type { UserRow } from './user-repository.ts';

export type InvitationRow = typeof invitations.$inferSelect;
export type InvitationRepository = ReturnType<typeof createInvitationRepository>;

/**
 * What came of a code. `admitted`: the person has its role now; `invitedBy` is absent for the first admin's code.
 * `kept`: they had as much already, and the code stays open. `invalid`: unknown, used, withdrawn or too old; which of
 * them is nobody's business.
 */
export type Redemption =
  | { kind: 'admitted'; role: Role; invitedBy: UserRow | undefined }
  | { kind: 'kept'; role: Role; offered: Role }
  | { kind: 'invalid' };

export type RedemptionAttempt = {
  codeHash: string;
  userId: string;
  now: Date;
  /** When the person sent the message: a code that they used since then came with this very message. */
  sentAt: Date;
};

const RANKS: Readonly<Record<Role, number>> = { guest: 1, member: 2, admin: 3 };

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

    /** A new way in, and its row in the audit log. Returns its id. */
    async create(invitation: {
      codeHash: string;
      role: Role;
      createdBy: string;
      createdAt: Date;
      expiresAt: Date;
    }): Promise<string> {
      const { role, createdBy, createdAt, expiresAt } = invitation;
      return db.transaction(async (tx) => {
        const [row] = await tx.insert(invitations).values(invitation).returning({ id: invitations.id });
        if (!row) throw new Error('an insert returned no row');
        const after = { invitation_id: row.id, role, expires_at: expiresAt.toISOString() };
        await recordChanges(tx, [{ at: createdAt, actorId: createdBy, action: 'invitation_created', after }]);
        return row.id;
      });
    },

    /**
     * Ends an open invitation; it ends when it began, so that it stays closed even if the clock jumps back (a Pi without
     * network). Returns false when it was used, withdrawn or too old already, or never was.
     */
    async withdraw(id: string, actorId: string, now: Date): Promise<boolean> {
      return db.transaction(async (tx) => {
        const [row] = await tx
          .update(invitations)
          .set({ expiresAt: invitations.createdAt })
          .where(and(eq(invitations.id, id), isNull(invitations.usedAt), gt(invitations.expiresAt, now)))
          .returning({ role: invitations.role });
        if (!row) return false;
        const before = { invitation_id: id, role: row.role };
        await recordChanges(tx, [{ at: now, actorId, action: 'invitation_withdrawn', before }]);
        return true;
      });
    },

    /** Who used an invitation; undefined while nobody has. */
    async usedBy(id: string): Promise<UserRow | undefined> {
      const [row] = await db
        .select({ user: users })
        .from(invitations)
        .innerJoin(users, eq(users.id, invitations.usedBy))
        .where(eq(invitations.id, id));
      return row?.user;
    },

    /**
     * Uses up a code and gives its role to the person, together or not at all. Of many who send one code at the same
     * moment one gets the role. It never takes a role away.
     */
    async redeem({ codeHash, userId, now, sentAt }: RedemptionAttempt): Promise<Redemption> {
      return db.transaction(async (tx): Promise<Redemption> => {
        const [person] = await tx.select().from(users).where(eq(users.id, userId)).for('no key update');
        const [invitation] = await tx
          .select()
          .from(invitations)
          .where(eq(invitations.codeHash, codeHash))
          .for('update');
        if (!person || !invitation) return { kind: 'invalid' };
        const { role } = invitation;
        // We stopped between using the code and saying so, and Telegram brings the message again.
        const isRepeated = invitation.usedBy === userId && invitation.usedAt !== null && invitation.usedAt > sentAt;
        if (isRepeated && person.isActive) return { kind: 'admitted', role, invitedBy: await authorOf(tx, invitation) };
        if (!(await isOpenTo(tx, invitation, person, now))) return { kind: 'invalid' };
        const rank = person.isActive && person.dateJoined ? RANKS[person.role] : 0;
        if (rank >= RANKS[role]) return { kind: 'kept', role: person.role, offered: role };

        await tx.update(invitations).set({ usedAt: now, usedBy: userId }).where(eq(invitations.id, invitation.id));
        await tx
          .update(users)
          .set({ role, isActive: true, dateJoined: person.dateJoined ?? now })
          .where(eq(users.id, userId));
        const before = { role: person.role, is_active: person.isActive };
        await recordChanges(tx, [
          invitation.createdBy
            ? {
                at: now,
                actorId: userId,
                action: 'invitation_used',
                userId,
                before,
                after: { role, invitation_id: invitation.id },
              }
            : {
                at: now,
                actorId: null,
                action: 'role_changed',
                userId,
                before,
                after: { role, by: 'first admin code' },
              },
        ]);
        return { kind: 'admitted', role, invitedBy: await authorOf(tx, invitation) };
      });
    },
  };
}

async function authorOf(tx: Transaction, { createdBy }: InvitationRow): Promise<UserRow | undefined> {
  if (!createdBy) return undefined;
  const [author] = await tx.select().from(users).where(eq(users.id, createdBy));
  return author;
}

async function isOpenTo(tx: Transaction, invitation: InvitationRow, person: UserRow, now: Date): Promise<boolean> {
  if (invitation.usedAt || (invitation.expiresAt && invitation.expiresAt <= now)) return false;
  // The code of the first start names the first admin and nobody else: logs that hold it are no way in later.
  if (!invitation.createdBy) return (await tx.$count(users, and(eq(users.role, 'admin'), users.isActive))) === 0;
  if (person.isActive) return true;
  // Back in comes only who is invited anew: a link from before the removal may have been lying in some chat.
  const isRemoval = and(eq(auditLog.userId, person.id), eq(auditLog.action, 'member_removed'));
  return (await tx.$count(auditLog, and(isRemoval, gte(auditLog.at, invitation.createdAt)))) === 0;
}
