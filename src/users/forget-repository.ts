import { and, eq, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import { addJob } from '../db/add-job.ts';
import type { Database, Executor, Transaction } from '../db/client.ts';
import { users } from '../db/schema/index.ts';
import { recordChanges } from '../settings/audit-repository.ts';
import {
  closeStatements,
  deleteJobsStatement,
  deleteStatements,
  EMPTY_BUCKET_TASK,
  FINISH_FORGETTING_TASK,
  FORGET_TASK,
  keepStatements,
  RENAME_CARDS_TASK,
  recountStatement,
  renameCardsStatement,
  scrubStatements,
  tombstoneStatement,
} from './forget-statements.ts';
import type { UserRow } from './user-repository.ts';

/** What is left to do outside of the database when a person is forgotten in it. */
export type Forgotten = {
  userId: string;
  /** When, so that what is repeated later has the same name. */
  at: string;
  telegramUserId: number | null;
  /** The row that stands for them now; null when nothing of theirs stays. */
  former: { id: string; name: string } | null;
  deleted: number;
  kept: number;
  /** The ids under which Personalize may know them; empty when nothing of theirs could ever go there. */
  personalizeIds: string[];
};

/** `gone`: there is no such person (any more). `only_admin`: nobody could let people in afterwards. */
export type ForgetResult = { kind: 'forgotten'; forgotten: Forgotten } | { kind: 'gone' } | { kind: 'only_admin' };

export type ForgetRepository = ReturnType<typeof createForgetRepository>;

/** Who is to be forgotten, and who asked for it: themselves, or the operator in the terminal. */
export type ForgetRequest = { userId: string; by: 'themselves' | 'operator' };

/** Telegram takes about twenty messages a minute into one group, and the team's own cards come first. */
const RENAME_EVERY_MS = 60_000;
/** Seconds that their cards and rows may wait for another transaction; whoever taps meanwhile is told to tap again. */
const LOCK_TIMEOUT = '5s';

/** Forgetting a person in the database. */
export function createForgetRepository({ db }: Pick<Database, 'db'>) {
  /** All admins, in the order of their ids, as role changes lock them. */
  function lockAdmins(tx: Transaction): Promise<UserRow[]> {
    const isAdmin = and(eq(users.role, 'admin'), users.isActive);
    return tx.select().from(users).where(isAdmin).orderBy(users.id).for('no key update');
  }

  /** Locks the person, so that no new row can point to them; of an admin the other admins, too. */
  async function lock(tx: Transaction, userId: string): Promise<{ person: UserRow | undefined; isOnlyAdmin: boolean }> {
    const isPerson = and(eq(users.id, userId), isNull(users.forgottenAt));
    const [seen] = await tx.select().from(users).where(isPerson);
    if (seen?.role === 'admin') await lockAdmins(tx);
    const [person] = await tx.select().from(users).where(isPerson).for('update');
    const admins = person?.role === 'admin' ? await lockAdmins(tx) : [];
    return { person, isOnlyAdmin: admins.length === 1 && admins[0]?.id === userId };
  }

  return {
    /** Whether nobody else is an admin. */
    async isOnlyAdmin(userId: string): Promise<boolean> {
      const isAdmin = and(eq(users.role, 'admin'), users.isActive);
      const admins = await db.select({ id: users.id }).from(users).where(isAdmin);
      return admins.length === 1 && admins[0]?.id === userId;
    },

    /** Whether there is such a person. */
    async isThere(userId: string): Promise<boolean> {
      return (await db.$count(users, eq(users.id, userId))) > 0;
    },

    /**
     * Deletes a person and everything about them, puts a former member in their place where the team's work needs one,
     * leaves tombstones, and adds the job that does the rest outside of the database; all of it or nothing. When it is
     * done nothing in the database holds their number, names, e-mail, ids or the id of their row.
     */
    async forget({ userId, by }: ForgetRequest, now: Date): Promise<ForgetResult> {
      return db.transaction(async (tx): Promise<ForgetResult> => {
        await tx.execute(sql`set local lock_timeout = ${sql.raw(`'${LOCK_TIMEOUT}'`)}`);
        const { person, isOnlyAdmin } = await lock(tx, userId);
        if (!person) return { kind: 'gone' };
        if (isOnlyAdmin) return { kind: 'only_admin' };
        const personalizeIds = await personalizeIdsOf(tx, person);
        const former = await addFormerMember(tx, now);
        const ids = { id: userId, former: former.id };

        await tx.execute(recountStatement(ids));
        const deleted = await runAll(tx, deleteStatements(ids));
        const kept = await runAll(tx, keepStatements(ids));
        await runAll(tx, [
          ...scrubStatements(ids),
          ...closeStatements(ids),
          deleteJobsStatement({ id: userId, telegramUserId: person.telegramUserId }),
          tombstoneStatement(ids, now),
        ]);
        await tx.delete(users).where(eq(users.id, userId));
        if (kept === 0) await tx.delete(users).where(eq(users.id, former.id));
        const stays = kept === 0 ? null : former;
        await recordChanges(tx, [
          {
            at: now,
            actorId: by === 'themselves' ? (stays?.id ?? null) : null,
            action: 'person_forgotten',
            after: { by },
            ...(stays ? { userId: stays.id } : {}),
          },
        ]);

        const forgotten = {
          userId,
          at: now.toISOString(),
          telegramUserId: person.telegramUserId,
          former: stays,
          deleted: deleted + 1,
          kept,
          personalizeIds,
        };
        await addJob(tx, FINISH_FORGETTING_TASK, forgotten, { key: `${FINISH_FORGETTING_TASK}:${former.id}` });
        return { kind: 'forgotten', forgotten };
      });
    },

    /** Looks at the next cards that name a former member; the last of them, or undefined when there are no more. */
    async renameCards(options: { former: string; before: string | null; limit: number }): Promise<string | undefined> {
      const rows: unknown = await db.execute(renameCardsStatement(options));
      const ids = z.array(z.object({ id: z.string() })).parse(rows);
      return ids.length < options.limit ? undefined : ids.map(({ id }) => id).sort()[0];
    },

    /** What came in while the person was being forgotten: the last words to them, and a job that ran. */
    async sweepUp({ userId, telegramUserId }: Pick<Forgotten, 'userId' | 'telegramUserId'>): Promise<void> {
      await db.execute(deleteJobsStatement({ id: userId, telegramUserId }));
      if (telegramUserId === null) return;
      await db.execute(
        sql`delete from user_interactions where telegram_chat_id = ${telegramUserId} and user_id is null`,
      );
    },

    /** Adds the job that forgets a person; twice is once. */
    async addJob(payload: ForgetRequest & { telegramUserId: number | null }, executor: Executor = db): Promise<void> {
      await addJob(executor, FORGET_TASK, payload, { key: `${FORGET_TASK}:${payload.userId}` });
    },

    /** Adds the job that looks at the next cards of a former member in a minute. */
    async renameMoreLater(payload: { former: string; before: string }): Promise<void> {
      const options = { key: `${RENAME_CARDS_TASK}:${payload.former}`, delayMs: RENAME_EVERY_MS };
      await addJob(db, RENAME_CARDS_TASK, payload, options);
    },

    /** Adds the job that empties the exports in the bucket. */
    async emptyBucketLater(): Promise<void> {
      await addJob(db, EMPTY_BUCKET_TASK, {}, { key: EMPTY_BUCKET_TASK });
    },
  };
}

/** Runs statements one after the other; how many rows they changed together. */
async function runAll(tx: Transaction, statements: readonly ReturnType<typeof sql>[]): Promise<number> {
  let rows = 0;
  for (const statement of statements) rows += (await tx.execute(statement)).count;
  return rows;
}

async function addFormerMember(tx: Transaction, now: Date): Promise<{ id: string; name: string }> {
  const [row] = await tx
    .insert(users)
    .values({ role: 'guest', isActive: false, forgottenAt: now })
    .returning({ id: users.id });
  if (!row) throw new Error('an insert returned no row');
  const name = `Former member ${row.id.slice(-4)}`;
  await tx.update(users).set({ firstName: name }).where(eq(users.id, row.id));
  return { id: row.id, name };
}

async function personalizeIdsOf(tx: Transaction, { id, externalId }: UserRow): Promise<string[]> {
  const rows: unknown = await tx.execute(sql`
    select exists (select from item_interactions where user_id = ${id}) or exists (select from upvotes where user_id = ${id})
        or exists (select from reactions where user_id = ${id}) or exists (select from decisions where user_id = ${id})
      as "isKnown"`);
  const [{ isKnown }] = z.tuple([z.object({ isKnown: z.boolean() })]).parse(rows);
  if (externalId !== null) return [...new Set([id, externalId, externalId.replace(/^0+(?=\d+$)/, '')])];
  return isKnown ? [id] : [];
}
