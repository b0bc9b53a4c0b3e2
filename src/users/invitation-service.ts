import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '../db/schema/index.ts';
import type { InvitationRepository } from './invitation-repository.ts';
import type { UserRepository } from './user-repository.ts';

export type InvitationService = ReturnType<typeof createInvitationService>;

/** Only the hash is kept: who reads the database cannot use the code. */
function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
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
      const code = randomBytes(16).toString('base64url');
      await invitations.replaceFirstAdminCode(hashOf(code), now);
      return code;
    },

    /** Uses up a code for this person and gives them its role. Undefined when it is unknown, used or expired: nothing changes. */
    redeem(code: string, userId: string, now: Date): Promise<Role | undefined> {
      return invitations.use(hashOf(code), userId, now);
    },
  };
}
