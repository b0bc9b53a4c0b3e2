import { LRUCache } from 'lru-cache';
import type { Person } from '../telegram/bot-context.ts';
import type { Profile, UserRepository } from './user-repository.ts';

export type People = ReturnType<typeof createPeople>;

/**
 * A person is read again after this long, so that a role that another process changed is obeyed soon;
 * `last_seen_at` is as coarse.
 */
const REMEMBERED_MS = 30_000;

/** Who is who, remembered between updates. */
export function createPeople(dependencies: {
  users: Pick<UserRepository, 'identify'>;
  adminTelegramIds: readonly number[];
}) {
  const { users, adminTelegramIds } = dependencies;
  const remembered = new LRUCache<number, { profile: string; person: Person }>({ max: 1000, ttl: REMEMBERED_MS });

  return {
    /** The person with this profile; writes only when something changed or the memory is old. */
    async identify(profile: Profile, now: Date): Promise<Person> {
      const known = remembered.get(profile.telegramUserId);
      const fingerprint = JSON.stringify(profile);
      if (known?.profile === fingerprint) return known.person;
      const isConfiguredAdmin = adminTelegramIds.includes(profile.telegramUserId);
      const person = await users.identify(profile, { now, isConfiguredAdmin });
      remembered.set(profile.telegramUserId, { profile: fingerprint, person });
      return person;
    },

    /** The next update reads this person again (role or admission changed). */
    forget(telegramUserId: number): void {
      remembered.delete(telegramUserId);
    },
  };
}
