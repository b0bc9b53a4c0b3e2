import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '../db/schema/index.ts';
import type { InvitationRepository, Redemption } from './invitation-repository.ts';
import { displayName, type UserRepository } from './user-repository.ts';

export type InvitationService = ReturnType<typeof createInvitationService>;

/** An invitation as its author gets it: the only place and moment where the code itself exists. */
export type Invitation = { id: string; code: string; role: Role; expiresAt: Date };

/** How long a link works (DESIGN, rulings on row A06). */
export const INVITATION_MS = 24 * 3_600_000;

/** Only the hash is kept: who reads the database cannot use the code. */
function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}

/** 128 random bits in 22 characters that Telegram takes as a `start` parameter (64 at most of A-Z a-z 0-9 _ -). */
function newCode(): string {
  return randomBytes(16).toString('base64url');
}

/** What looks like a code of ours, also one that lost its end on the way. Other words behind `/start` mean something else. */
export function looksLikeCode(text: string): boolean {
  return /^[A-Za-z0-9_-]{16,64}$/.test(text);
}

/** One-time codes that make somebody part of the team; used through `/start <code>`. */
export function createInvitationService(dependencies: {
  invitations: InvitationRepository;
  users: Pick<UserRepository, 'admins'>;
}) {
  const { invitations, users } = dependencies;

  return {
    /**
     * While there is no admin at all: a new code that makes its first user the admin; codes printed at earlier starts
     * become void. Undefined as soon as there is an admin. The first admin is named by this code or by the
     * configuration, never by "the first /start wins".
     */
    async firstAdminCode(now: Date): Promise<string | undefined> {
      if ((await users.admins()).length > 0) return undefined;
      const code = newCode();
      await invitations.replaceFirstAdminCode(hashOf(code), now);
      return code;
    },

    /** A new invitation: random, for one person, for 24 hours, bound to a role. */
    async invite(role: Role, createdBy: string, now: Date): Promise<Invitation> {
      const code = newCode();
      const expiresAt = new Date(now.getTime() + INVITATION_MS);
      const id = await invitations.create({ codeHash: hashOf(code), role, createdBy, createdAt: now, expiresAt });
      return { id, code, role, expiresAt };
    },

    /** Ends an invitation before its time. `used` names who was faster; `closed`: it had ended already. */
    async withdraw(
      id: string,
      actorId: string,
      now: Date,
    ): Promise<{ kind: 'withdrawn' } | { kind: 'used'; by: string } | { kind: 'closed' }> {
      if (await invitations.withdraw(id, actorId, now)) return { kind: 'withdrawn' };
      const user = await invitations.usedBy(id);
      return user ? { kind: 'used', by: displayName(user) } : { kind: 'closed' };
    },

    /**
     * Uses up a code for this person and gives them its role. `sentAt`: when they sent it, so that a message that
     * Telegram delivers twice gets the same answer twice; without it every second use is refused.
     */
    redeem(code: string, userId: string, now: Date, sentAt: Date = now): Promise<Redemption> {
      return invitations.redeem({ codeHash: hashOf(code), userId, now, sentAt });
    },
  };
}
