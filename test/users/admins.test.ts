import { eq } from 'drizzle-orm';
import { afterEach, expect, test } from 'vitest';
import { invitations, users } from '../../src/db/schema/index.ts';
import { commandsFor } from '../../src/telegram/bot-commands.ts';
import { INVALID_INVITATION } from '../../src/users/invitation-messages.ts';
import { listUsers, promoteUser } from '../../src/users/users-command.ts';
import { interactionRows } from '../support/rows.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';
import { auditLines } from './people.ts';

let team: Team;
afterEach(() => team.stop());

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  return team;
}
async function say(person: 'alice' | 'bob' | 'charlie', text: string): Promise<string | undefined> {
  const { telegram } = team;
  const who = team[person];
  who.send(who.privateChat, text);
  await team.settle();
  const answer = telegram.messages(who.privateChat).findLast(({ from }) => from?.is_bot);
  return answer?.text ?? answer?.caption;
}
async function rowOf(person: { id: number }) {
  const [row] = await team.test.db.select().from(users).where(eq(users.telegramUserId, person.id));
  return row;
}
const code = async () => (await team.services.invitations.firstAdminCode(NOON)) ?? '';

test('the first admin’s code makes an admin of the stranger who sends it', async () => {
  const { charlie } = await start({ adminIds: [] });
  expect(await say('charlie', `/start ${await code()}`)).toMatch(/^Hello Charlie! 👋\nYou are an admin/);
  expect(await rowOf(charlie)).toMatchObject({ role: 'admin', dateJoined: NOON, hasStartedBot: true });
  expect(await say('charlie', '/team')).toContain('All chats');
});

test('the first admin’s code works once', async () => {
  const { bob, charlie } = await start({ adminIds: [], hasTeamChat: false });
  const given = await code();
  await say('charlie', `/start ${given}`);
  expect(await say('bob', `/start ${given}`)).toBe(INVALID_INVITATION);
  expect([(await rowOf(charlie))?.role, (await rowOf(bob))?.role]).toEqual(['admin', 'guest']);
});

test('a code of an earlier start is void as soon as there is a new one', async () => {
  await start({ adminIds: [] });
  const [old, current] = [await code(), await code()];
  expect(await say('charlie', `/start ${old}`)).toBe(INVALID_INVITATION);
  expect(await say('charlie', `/start ${current}`)).toMatch(/You are an admin/);
  expect(await team.services.invitations.firstAdminCode(NOON)).toBeUndefined();
});

test('two who send the code at the same moment: one becomes admin', async () => {
  const { services } = await start({ adminIds: [] });
  const given = await code();
  await say('bob', '/help');
  await say('charlie', '/help');
  const ids = [(await rowOf(team.bob))?.id ?? '', (await rowOf(team.charlie))?.id ?? ''];
  const results = await Promise.all(ids.map((id) => services.invitations.redeem(given, id, NOON)));
  expect(results.map(({ kind }) => kind).sort()).toEqual(['admitted', 'invalid']);
});

test('a code sent into the group is no way in', async () => {
  const { bob, group } = await start({ adminIds: [] });
  bob.send(group, `/start ${await code()}`);
  await team.settle();
  expect(await rowOf(bob)).toMatchObject({ role: 'member' });
});

test('a code is never stored or recorded, only its hash', async () => {
  await start({ adminIds: [] });
  const given = await code();
  await say('charlie', `/start ${given}`);
  await team.services.botResponses.flush();
  const everything = JSON.stringify([
    await interactionRows(team.test.db),
    await team.test.db.select().from(invitations),
    await team.test.db.select().from(users),
  ]);
  expect(everything).not.toContain(given);
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({ interactionName: '/start' });
});

test('ADMIN_TELEGRAM_IDS names admins, wherever they write first', async () => {
  const { charlie } = await start({ adminIds: [103] });
  await say('charlie', '/start');
  expect(await rowOf(charlie)).toMatchObject({ role: 'admin', dateJoined: NOON });
  expect(await team.services.invitations.firstAdminCode(NOON)).toBeUndefined();
});

test('promotion by the operator is obeyed when the bot reads the person again', async () => {
  const { bob, services, test: database } = await start();
  expect(await say('bob', '/team')).toBe('This is for admins. /stats shows your own figures.');
  const printed: string[] = [];
  await promoteUser({ database: database.database, print: (line) => printed.push(line) }, '@BOB', 'admin');
  expect(printed).toEqual(['Bob is admin now.']);
  // What the bot does by itself within half a minute.
  services.people.forget(bob.id);
  expect(await say('bob', '/team')).toMatch(/^👥 All chats/);
});

test('the operator’s changes stand in the audit log without an actor, and bring back who was removed', async () => {
  const { bob, services, test: database } = await start();
  await say('alice', '/start');
  await say('bob', '/start');
  const printed: string[] = [];
  const terminal = { database: database.database, print: (line: string) => printed.push(line) };
  await promoteUser(terminal, '@bob', 'admin');
  await promoteUser(terminal, '@bob', 'admin');
  await database.db.update(users).set({ isActive: false, role: 'guest' }).where(eq(users.telegramUserId, bob.id));
  await listUsers(terminal, {});
  await promoteUser(terminal, '@bob', 'member');
  expect(printed.filter((line) => line.startsWith('Bob'))).toEqual([
    'Bob is admin now.',
    'Bob is admin already.',
    'Bob is member now.',
  ]);
  expect(printed.join('\n')).toMatch(/^102 +removed .+ Bob \(@bob\)$/m);
  expect((await auditLines(database.db)).slice(1)).toEqual([
    '- role_changed Bob {"role":"member"} > {"by":"terminal","role":"admin"}',
    '- member_restored Bob {"role":"guest"} > {"by":"terminal","role":"member"}',
  ]);
  services.people.forget(bob.id);
  expect(await say('bob', '/queue')).toContain('Nothing is planned');
});

test('the operator cannot take the last admin away, and can admit a stranger as guest', async () => {
  const { charlie, test: database } = await start();
  await say('alice', '/start');
  await say('charlie', '/start');
  const terminal = { database: database.database, print: () => {} };
  await expect(promoteUser(terminal, '@alice', 'member')).rejects.toThrow(
    'Alice is the only admin. Make somebody else admin first.',
  );
  await promoteUser(terminal, '@charlie', 'guest');
  expect(await rowOf(charlie)).toMatchObject({ role: 'guest', dateJoined: expect.any(Date) });
});

test('ADMIN_TELEGRAM_IDS brings back an admin who was removed before they were named', async () => {
  const { charlie, test: database } = await start({ adminIds: [103] });
  const removed = { telegramUserId: charlie.id, role: 'guest' as const, isActive: false, dateJoined: NOON };
  await database.db.insert(users).values(removed);
  expect(await say('charlie', '/start')).toMatch(/You are an admin/);
  expect((await auditLines(database.db)).at(-1)).toMatch(/^- member_restored Charlie/);
});

test('promotion refuses roles that do not exist and people whom the bot never met', async () => {
  const { test: database } = await start();
  const terminal = { database: database.database, print: () => {} };
  await expect(promoteUser(terminal, '102', 'king')).rejects.toThrow('Choose one of admin, member, guest');
  await expect(promoteUser(terminal, '@nobody', 'admin')).rejects.toThrow('I do not know @nobody');
});

test('command menus follow the scope: guest everywhere, member in the team chat, admin where an admin looks', async () => {
  const { alice, bob, charlie, telegram, group, services } = await start();
  await services.menus.showAll([group.id], [alice.id]);
  const menu = (person: typeof alice, chat: { id: number }) =>
    telegram.commandsFor(person, chat).map(({ command }) => command);
  const namesFor = (level: 'guest' | 'member' | 'admin') => commandsFor(level).map(({ command }) => command);
  const [guest, member, admin] = [namesFor('guest'), namesFor('member'), namesFor('admin')];
  expect(guest).toEqual(expect.arrayContaining(['start', 'help']));
  expect(guest).not.toContain('queue');
  expect(member).toContain('queue');
  expect(member).not.toContain('members');
  expect(admin).toEqual(expect.arrayContaining(['queue', 'members', 'invite']));
  expect(menu(bob, group)).toEqual(member);
  expect(menu(alice, group)).toEqual(admin);
  for (const person of [alice, bob, charlie]) expect(menu(person, person.privateChat)).toEqual(guest);
  await say('alice', '/start');
  await say('bob', '/start');
  await say('charlie', '/start');
  expect(menu(alice, alice.privateChat)).toEqual(admin);
  expect(menu(bob, bob.privateChat)).toEqual(member);
  expect(menu(charlie, charlie.privateChat)).toEqual(guest);
});

test('a menu that Telegram refuses keeps nobody from anything', async () => {
  const { telegram } = await start();
  telegram.arm('setMyCommands', { error: { code: 400, description: 'Bad Request: chat not found' } });
  expect(await say('bob', '/start')).toMatch(/^Hello Bob/);
});
