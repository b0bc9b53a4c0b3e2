import { asc, eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import type { Db } from '../../src/db/client.ts';
import { auditLog, type Role, users } from '../../src/db/schema/index.ts';
import type { Person } from '../../src/simulator/simulator.ts';
import { NOON, type Team } from '../support/team.ts';

/** A person's row as it is now. Throws when the bot never met them. */
export async function rowOf(team: Team, person: { id: number }) {
  const [row] = await team.test.db.select().from(users).where(eq(users.telegramUserId, person.id));
  if (!row) throw new Error(`the bot does not know ${person.id}`);
  return row;
}

/** Somebody with an account and a row: admitted with this role, long before. */
export async function addMember(team: Team, firstName: string, role: Role = 'member', id?: number): Promise<Person> {
  const person = team.telegram.createPerson({ first_name: firstName, ...(id === undefined ? {} : { id }) });
  await team.test.db
    .insert(users)
    .values({ telegramUserId: person.id, firstName, role, dateJoined: NOON, hasStartedBot: true });
  return person;
}

/** Writes to the bot in private and returns its last answer there. */
export async function say(team: Team, person: Person, text: string): Promise<Message> {
  person.send(person.privateChat, text);
  await team.settle();
  return lastTo(team, person.privateChat);
}

/** The bot's newest message in a chat. Throws when there is none. */
export function lastTo(team: Team, chat: { id: number }): Message {
  const message = team.telegram.messages(chat).findLast(({ from }) => from?.is_bot);
  if (!message) throw new Error(`the bot said nothing in ${chat.id}`);
  return message;
}

/** Everything that the bot says in a chat, oldest first. */
export function saidTo(team: Team, chat: { id: number }): string[] {
  return team.telegram.messages(chat).flatMap(({ from, text }) => (from?.is_bot && text ? [text] : []));
}

/** The code in an invitation's link. Throws when the message holds none. */
export function codeIn(message: Message): string {
  const code = /\?start=([A-Za-z0-9_-]+)/.exec(message.text ?? '')?.[1];
  if (!code) throw new Error(`no link in: ${message.text}`);
  return code;
}

/** A fresh code of Alice's for this role, by way of the chat. */
export async function invitation(team: Team, role: Role): Promise<string> {
  const message = await say(team, team.alice, `/invite ${role}`);
  if (role !== 'admin') return codeIn(message);
  await team.alice.press(message, 'Yes, an admin');
  await team.settle();
  return codeIn(team.now(message));
}

/** The audit log in few words, oldest first: `Alice role_changed Bob {"role":"member"} > {"role":"guest"}`. */
export async function auditLines(db: Db): Promise<string[]> {
  const names = new Map((await db.select().from(users)).map(({ id, firstName }) => [id, firstName]));
  const nameOf = (id: string | null) => (id === null ? '-' : (names.get(id) ?? '?'));
  const rows = await db.select().from(auditLog).orderBy(asc(auditLog.at), asc(auditLog.id));
  const words = (json: unknown) => (json === null ? '' : JSON.stringify(json).replaceAll(/"[0-9a-f-]{36}"/g, '<id>'));
  return rows.map(({ actorId, action, userId, before, after }) =>
    [nameOf(actorId), action, nameOf(userId), words(before), '>', words(after)]
      .join(' ')
      .replaceAll(/ {2,}/g, ' ')
      .trim(),
  );
}
