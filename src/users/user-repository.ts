import { and, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { tombstoneHash } from '../db/forgotten.ts';
import { type Role, users } from '../db/schema/index.ts';
import { recordChanges } from '../settings/audit-repository.ts';
import type { Person } from '../telegram/bot-context.ts';

/** What Telegram tells about a person with every update. */
export type Profile = {
  telegramUserId: number;
  username: string | null;
  firstName: string | null;
  lastName: string | null;
  languageCode: string | null;
};

export type UserRow = typeof users.$inferSelect;
export type UserRepository = ReturnType<typeof createUserRepository>;

/**
 * What the team calls a person: first and last name, else the username, else the number. Never with an @: names in
 * cards and figures must not ring anybody's phone.
 */
export function displayName(user: Pick<UserRow, 'firstName' | 'lastName' | 'username' | 'telegramUserId'>): string {
  const name = [user.firstName, user.lastName].filter(Boolean).join(' ').trim();
  return name || user.username || `User ${user.telegramUserId ?? '?'}`;
}

function toPerson(row: UserRow): Person {
  if (row.telegramUserId === null) throw new Error(`user ${row.id} has no Telegram id`);
  return {
    id: row.id,
    telegramUserId: row.telegramUserId,
    name: displayName(row),
    username: row.username,
    role: row.role,
    isActive: row.isActive,
    isAdmitted: row.dateJoined !== null,
  };
}

/** The people the bot knows. */
export function createUserRepository({ db }: Database) {
  /**
   * Admits a person with a role because the operator says so; the day of joining is set once, and who was removed is
   * back. The change and its row in the audit log are one transaction; what is so already changes nothing.
   */
  async function admit(id: string, role: Role, now: Date): Promise<UserRow | undefined> {
    return db.transaction(async (tx) => {
      const [before] = await tx.select().from(users).where(eq(users.id, id)).for('no key update');
      if (!before || (before.role === role && before.isActive && before.dateJoined)) return before;
      const [after] = await tx
        .update(users)
        .set({ role, isActive: true, dateJoined: before.dateJoined ?? now })
        .where(eq(users.id, id))
        .returning();
      await recordChanges(tx, [
        {
          at: now,
          actorId: null,
          action: before.isActive ? 'role_changed' : 'member_restored',
          userId: id,
          before: { role: before.role },
          after: { role, by: 'configuration' },
        },
      ]);
      return after;
    });
  }

  return {
    /**
     * The person behind a Telegram profile, created when new, with the profile brought up to date.
     * `isConfiguredAdmin`: named in ADMIN_TELEGRAM_IDS, hence admin from now on, removed before or not.
     */
    async identify(profile: Profile, options: { now: Date; isConfiguredAdmin: boolean }): Promise<Person> {
      const { now, isConfiguredAdmin } = options;
      const number = sql`${profile.telegramUserId}::bigint::text`;
      const [row] = await db
        .insert(users)
        .values({
          ...profile,
          lastSeenAt: now,
          // Whoever was removed does not come back by being forgotten; an invitation lets them in.
          isActive: sql`not exists (select from personal_tombstones where was_removed and hash = ${tombstoneHash('telegram', number)})`,
        })
        .onConflictDoUpdate({
          target: users.telegramUserId,
          set: {
            username: profile.username,
            firstName: profile.firstName,
            lastName: profile.lastName,
            languageCode: profile.languageCode,
            lastSeenAt: now,
          },
        })
        .returning();
      if (!row) throw new Error('an upsert returned no row');
      const isToBeAdmin = isConfiguredAdmin && (row.role !== 'admin' || !row.isActive || !row.dateJoined);
      return toPerson((isToBeAdmin && (await admit(row.id, 'admin', now))) || row);
    },

    admit,

    /** Being in a team chat makes a member of someone who was never admitted or removed otherwise. Returns whether it did. */
    async admitFromTeamChat(id: string, now: Date): Promise<boolean> {
      const rows = await db
        .update(users)
        .set({ role: 'member', dateJoined: now })
        .where(and(eq(users.id, id), eq(users.role, 'guest'), users.isActive, isNull(users.dateJoined)))
        .returning({ id: users.id });
      return rows.length > 0;
    },

    /** Whether there is a person with this number. */
    async isKnown(telegramUserId: number): Promise<boolean> {
      return (await db.$count(users, eq(users.telegramUserId, telegramUserId))) > 0;
    },

    /** Remembers whether the bot may write to the person first. */
    async setStartedBot(id: string, hasStartedBot: boolean): Promise<void> {
      await db.update(users).set({ hasStartedBot }).where(eq(users.id, id));
    },

    async byUsername(username: string): Promise<UserRow | undefined> {
      const [row] = await db
        .select()
        .from(users)
        .where(sql`lower(${users.username}) = ${username.toLowerCase()}`)
        .orderBy(sql`${users.lastSeenAt} desc nulls last`)
        .limit(1);
      return row;
    },

    async byTelegramId(telegramUserId: number): Promise<UserRow | undefined> {
      const [row] = await db.select().from(users).where(eq(users.telegramUserId, telegramUserId));
      return row;
    },

    async byId(id: string): Promise<UserRow | undefined> {
      const [row] = await db.select().from(users).where(eq(users.id, id));
      return row;
    },

    /** Everyone, admins first. */
    all(): Promise<UserRow[]> {
      return db.select().from(users).orderBy(users.role, users.createdAt, users.id);
    },

    /** Names for the ids that figures are about; unknown ids are absent. */
    async names(ids: readonly string[]): Promise<Map<string, string>> {
      if (ids.length === 0) return new Map();
      const rows = await db
        .select()
        .from(users)
        .where(inArray(users.id, [...ids]));
      return new Map(rows.map((row) => [row.id, displayName(row)]));
    },

    /** Active admins, those whom the bot may write to in private first. */
    admins(): Promise<UserRow[]> {
      return db
        .select()
        .from(users)
        .where(and(eq(users.role, 'admin'), users.isActive))
        .orderBy(sql`${users.hasStartedBot} desc, ${users.createdAt}`);
    },
  };
}
