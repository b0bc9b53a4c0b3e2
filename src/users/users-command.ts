import type { Database } from '../db/client.ts';
import { ROLES } from '../db/schema/index.ts';
import { PersonError } from '../lib/errors.ts';
import { createRoleRepository } from './role-repository.ts';
import { createUserRepository, displayName } from './user-repository.ts';

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
  const users = createUserRepository(terminal.database);
  const user = /^\d+$/.test(who)
    ? await users.byTelegramId(Number(who))
    : await users.byUsername(who.replace(/^@/, ''));
  if (!user)
    throw new PersonError(
      `I do not know ${who}. The person must have written to the bot once; npx storyline users list shows everyone.`,
    );
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
