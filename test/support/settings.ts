import { asc, ne } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { auditLog, chats } from '../../src/db/schema/index.ts';
import type { Person } from '../../src/simulator/simulator.ts';
import type { Team } from './team.ts';

/** Somebody sends /settings there (Alice unless said otherwise); the message with the menu. */
export async function openSettings(team: Team, chat: { id: number }, person: Person = team.alice): Promise<Message> {
  const sent = person.send(chat, '/settings');
  return team.telegram.waitForMessage(
    chat,
    ({ message_id: id, text }) => id > sent.message_id && text?.startsWith('⚙️') === true,
  );
}

/** Presses a button of the menu and waits until all has come of it; what the message says then. */
export async function press(team: Team, menu: Message, label: string, person: Person = team.alice): Promise<string> {
  await person.press(menu, label);
  await team.settle();
  return team.now(menu).text ?? '';
}

/** In private: opens the question for a setting and types the answer; what the menu says then. */
export async function answer(team: Team, menu: Message, label: string, typed: string): Promise<string> {
  await press(team, menu, label);
  team.alice.send(team.alice.privateChat, typed);
  await team.settle();
  return team.now(menu).text ?? '';
}

/** The messages of a chat behind this one, as texts. */
export function textsAfter(team: Team, message: Message): (string | undefined)[] {
  return team.telegram
    .messages(message.chat)
    .filter(({ message_id: id }) => id > message.message_id)
    .map(({ text }) => text);
}

/** The settings of the team chat, as the table has them. */
export async function settingsRow(team: Team) {
  const [row] = await team.test.db.select().from(chats);
  if (!row) throw new Error('there is no chat');
  return row;
}

/** The audit log but for people's roles, oldest first: `setting_changed {"verbose":"on"} {"verbose":"off"}`. */
export async function auditLines(team: Team): Promise<string[]> {
  const isNoRole = ne(auditLog.action, 'role_changed');
  const rows = await team.test.db.select().from(auditLog).where(isNoRole).orderBy(asc(auditLog.id));
  return rows.map(({ action, before, after }) => [action, JSON.stringify(before), JSON.stringify(after)].join(' '));
}
