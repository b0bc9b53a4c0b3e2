import type { Database } from '../db/client.ts';
import { ROLES } from '../db/schema/index.ts';
import type { DatabaseTarget } from '../db/target.ts';
import { PersonError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { isUuid } from '../telegram/callback-data.ts';
import { createForgetRepository } from './forget-repository.ts';
import { createRoleRepository } from './role-repository.ts';
import { createUserRepository, displayName, type UserRow } from './user-repository.ts';

type Terminal = { database: Database; print: (line: string) => void };

/** `storyline users list`: one line a person: Telegram id, role (or `removed`), last seen, name, username; with `--json` one object a line. */
export async function listUsers(terminal: Terminal, options: { json?: boolean }): Promise<void> {
  for (const user of await createUserRepository(terminal.database).all()) {
    if (options.json) {
      const { id, telegramUserId, role, username, isActive, dateJoined, lastSeenAt } = user;
      terminal.print(
        JSON.stringify({
          id,
          telegramUserId,
          name: displayName(user),
          username,
          role,
          isActive,
          dateJoined,
          lastSeenAt,
        }),
      );
      continue;
    }
    const seen = user.lastSeenAt?.toISOString().slice(0, 16).replace('T', ' ') ?? 'never';
    const name = user.username ? `${displayName(user)} (@${user.username})` : displayName(user);
    const standing = user.isActive ? user.role : 'removed';
    terminal.print(`${String(user.telegramUserId ?? '-').padEnd(14)} ${standing.padEnd(7)} ${seen}  ${name}`);
  }
}

/**
 * `storyline users promote <who> --role <role>`: by Telegram id or @username. A running bot obeys within half a minute.
 * Somebody who was removed is back with it. Throws PersonError when the role does not exist, the bot has never met the
 * person, or nobody but them is admin.
 */
export async function promoteUser(terminal: Terminal, who: string, role: string): Promise<void> {
  const known = ROLES.find((name) => name === role);
  if (!known) throw new PersonError(`“${role}” is no role. Choose one of ${ROLES.join(', ')}.`);
  const user = await findUser(terminal.database, who);
  const result = await createRoleRepository(terminal.database).change({
    actorId: null,
    userId: user.id,
    step: { action: user.isActive ? 'role_changed' : 'member_restored', role: known },
    now: new Date(),
  });
  if (result.kind === 'refused')
    throw new PersonError(
      result.why === 'last_admin'
        ? `${displayName(user)} is the only admin. Make somebody else admin first.`
        : `${displayName(user)} was changed by somebody else just now. Try again.`,
    );
  terminal.print(`${displayName(user)} is ${known} ${result.kind === 'changed' ? 'now' : 'already'}.`);
}

/**
 * `storyline users forget <who> --yes`: what /forget does, for somebody who cannot send it. It is done by the bot: a running
 * one does it at once, any other when it starts. Throws PersonError when there is no such person, when nobody else is
 * admin, or without `--yes`.
 */
export async function forgetUser(
  terminal: Terminal & { target: DatabaseTarget; logger: Logger },
  who: string,
  options: { yes?: boolean },
): Promise<void> {
  const user = await findUser(terminal.database, who);
  const forgetting = createForgetRepository(terminal.database);
  if (await forgetting.isOnlyAdmin(user.id))
    throw new PersonError(`${displayName(user)} is the only admin. Make somebody else admin first.`);
  if (!options.yes)
    throw new PersonError(
      `This deletes everything about ${displayName(user)} for ever. Add --yes when you are sure; nothing was changed.`,
    );
  // The bot may never have been started with this database. Imported here, since no other command needs it.
  const { migrateJobs } = await import('../db/job-worker.ts');
  await migrateJobs(terminal.target, terminal.logger);
  await forgetting.addJob({ userId: user.id, telegramUserId: user.telegramUserId, by: 'operator' });
  terminal.print(`The bot forgets ${displayName(user)}: a running one at once, otherwise when it starts.`);
}

/** By Telegram id, @username, or the id of the row (of people whom other programs brought). Throws PersonError. */
async function findUser(database: Database, who: string): Promise<UserRow> {
  const users = createUserRepository(database);
  const byUsername = () => users.byUsername(who.replace(/^@/, ''));
  const user = await (isUuid(who)
    ? users.byId(who)
    : /^\d+$/.test(who)
      ? users.byTelegramId(Number(who))
      : byUsername());
  if (user && user.forgottenAt === null) return user;
  throw new PersonError(
    `I do not know ${who}. The person must have written to the bot once; npx storyline users list shows everyone.`,
  );
}
