import { afterEach, expect, test } from 'vitest';
import { chats, invitations, users } from '../../src/db/schema/index.ts';
import { commandsFor } from '../../src/telegram/bot-commands.ts';
import { INVALID_INVITATION, TOO_MANY_CODES } from '../../src/users/invitation-messages.ts';
import { NO_TEAM_SENTENCE, STRANGER_SENTENCE } from '../../src/users/refuse-strangers.ts';
import { promoteUser } from '../../src/users/users-command.ts';
import { buttonsOf } from '../support/buttons.ts';
import { interactionLines } from '../support/rows.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';
import { addMember, auditLines, invitation, lastTo, rowOf, saidTo, say } from './people.ts';

let team: Team;
afterEach(() => team.stop());

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  return team;
}
const HOUR_MS = 3_600_000;
const menuOf = (person: Team['bob'], chat: { id: number }) =>
  team.telegram.commandsFor(person, chat).map(({ command }) => command);
const namesFor = (level: 'guest' | 'member' | 'admin') => commandsFor(level).map(({ command }) => command);

test('a stranger who uses a member’s invitation is a member, is told the next step, and the inviting admin hears of it', async () => {
  const { alice, charlie } = await start();
  await say(team, alice, '/start');
  const code = await invitation(team, 'member');
  team.clock.advance(HOUR_MS);
  expect((await say(team, charlie, `/start ${code}`)).text).toBe(`Hello Charlie! 👋
You are a member of the team now.

One step is left: ask Alice to add you to the group of the team.
The cards come there, and as soon as you are in it, you can decide and use all my commands.
/help explains everything.`);
  expect(await rowOf(team, charlie)).toMatchObject({
    role: 'member',
    dateJoined: new Date(NOON.getTime() + HOUR_MS),
    hasStartedBot: true,
  });
  expect(lastTo(team, alice.privateChat).text).toBe('🔑 Charlie used your invitation and is a member now.');
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Charlie /start done');
  expect((await auditLines(team.test.db)).at(-1)).toBe(
    'Charlie invitation_used Charlie {"role":"guest","is_active":true} > {"role":"member","invitation_id":<id>}',
  );
  expect(menuOf(charlie, charlie.privateChat)).toEqual(namesFor('member'));
});

test('an invited member who is in no team chat yet is told so, and can do everything once added there', async () => {
  const { charlie, alice, group, telegram } = await start();
  await say(team, charlie, `/start ${await invitation(team, 'member')}`);
  expect((await say(team, charlie, '/queue')).text).toBe(NO_TEAM_SENTENCE);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Charlie /queue denied');
  telegram.setMember(group, charlie, 'member', { by: alice });
  await team.settle();
  expect((await say(team, charlie, '/queue')).text).toContain('Nothing is planned');
});

test('who is in the team chat already is sent to /next', async () => {
  const { group, telegram } = await start();
  const gwen = await addMember(team, 'Gwen', 'guest');
  telegram.setMember(group, gwen, 'member');
  await team.settle();
  expect((await say(team, gwen, '/queue')).text).toMatch(/^This is for members/);
  const welcome = await say(team, gwen, `/start ${await invitation(team, 'member')}`);
  expect(welcome.text).toContain('You are in Team already: /next brings a card there now');
  expect((await say(team, gwen, '/queue')).text).toContain('Nothing is planned');
});

test('a guest is told that the bot is not open to guests yet; in a team chat they can use it all the same', async () => {
  const { charlie, dana } = await start();
  expect((await say(team, charlie, `/start ${await invitation(team, 'guest')}`)).text).toBe(`Hello Charlie! 👋
You are a guest here now.
The team has not opened me to guests yet, so there is nothing you can do here for now.`);
  expect(await rowOf(team, charlie)).toMatchObject({ role: 'guest', hasStartedBot: true });
  const gone = { telegramUserId: dana.id, role: 'guest', isActive: false, dateJoined: NOON } as const;
  await team.test.db.insert(users).values(gone);
  const welcome = await say(team, dana, `/start ${await invitation(team, 'guest')}`);
  expect(welcome.text).toContain('/help shows what you can do.');
});

test('a guest and an admin are welcomed as what they are, and get their menus', async () => {
  const { alice, charlie, bob, group, telegram } = await start();
  await team.test.db.update(chats).set({ isOpenToGuests: true });
  await say(team, charlie, `/start ${await invitation(team, 'guest')}`);
  expect(lastTo(team, charlie.privateChat).text).toBe(
    'Hello Charlie! 👋\nYou are a guest here now.\n/help shows what you can do.',
  );
  expect(menuOf(charlie, charlie.privateChat)).toEqual(namesFor('guest'));
  await say(team, bob, '/start');
  telegram.setMember(group, alice, 'administrator');
  const welcome = await say(team, bob, `/start ${await invitation(team, 'admin')}`);
  expect(welcome.text).toMatch(/^Hello Bob! 👋\nYou are an admin of this bot now\.\n\nSend me a picture/);
  for (const chat of [bob.privateChat, group]) expect(menuOf(bob, chat)).toEqual(namesFor('admin'));
  expect((await say(team, bob, '/members')).text).toMatch(/^👥 People/);
});

test('A06: an invitation that was used is refused, to another person and to the same one', async () => {
  const { bob, charlie } = await start();
  const eve = team.telegram.createPerson({ first_name: 'Eve' });
  const code = await invitation(team, 'guest');
  await say(team, charlie, `/start ${code}`);
  for (const person of [eve, charlie, bob]) {
    expect((await say(team, person, `/start ${code}`)).text).toBe(INVALID_INVITATION);
    expect((await interactionLines(team.test.db)).at(-1)).toMatch(/ \/start denied$/);
  }
  expect(await rowOf(team, eve)).toMatchObject({ role: 'guest', dateJoined: null, hasStartedBot: false });
  expect((await say(team, eve, '/queue')).text).toBe(STRANGER_SENTENCE);
  expect((await auditLines(team.test.db)).filter((line) => line.includes('invitation_used'))).toHaveLength(1);
});

test('A06: an invitation works for 24 hours and not a moment longer', async () => {
  const { charlie } = await start();
  const eve = team.telegram.createPerson({ first_name: 'Eve' });
  const [first, second] = [await invitation(team, 'guest'), await invitation(team, 'guest')];
  team.clock.advance(24 * HOUR_MS - 1000);
  expect((await say(team, charlie, `/start ${first}`)).text).toMatch(/^Hello Charlie/);
  team.clock.advance(1000);
  expect((await say(team, eve, `/start ${second}`)).text).toBe(INVALID_INVITATION);
  expect(await rowOf(team, eve)).toMatchObject({ dateJoined: null });
});

test('an unknown code gets the same sentence as an old one; other words behind /start are none', async () => {
  const { charlie, bob } = await start();
  expect((await say(team, charlie, '/start AAAAAAAAAAAAAAAAAAAAAA')).text).toBe(INVALID_INVITATION);
  expect((await say(team, charlie, '/start hello')).text).toBe(STRANGER_SENTENCE);
  expect((await say(team, bob, '/start hello')).text).toMatch(/^Hello Bob/);
});

test.each([
  [
    'member',
    'You are a member already: nothing changes, and the invitation stays unused. Somebody else can still use it.',
  ],
  [
    'guest',
    'You are a member, which is more: nothing changes, and the invitation stays unused. Somebody else can still use it.',
  ],
] as const)('a member who uses an invitation for a %s keeps role and invitation', async (role, words) => {
  const { bob, charlie } = await start();
  await say(team, bob, '/start');
  const code = await invitation(team, role);
  expect((await say(team, bob, `/start ${code}`)).text).toBe(words);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Bob /start noop');
  expect(await rowOf(team, bob)).toMatchObject({ role: 'member' });
  expect((await say(team, charlie, `/start ${code}`)).text).toMatch(/^Hello Charlie/);
});

test('somebody who was removed comes back with a new invitation, not with one from before', async () => {
  const { alice, bob } = await start();
  await say(team, bob, '/start');
  const old = await invitation(team, 'member');
  team.clock.advance(HOUR_MS);
  const { memberService, people } = team.services;
  const actor = await people.identify({ telegramUserId: alice.id, ...profileOf('Alice', 'alice') }, NOON);
  await memberService.change(actor, (await rowOf(team, bob)).id, { action: 'member_removed' }, team.clock.now());
  expect((await say(team, bob, '/queue')).text).toBe(STRANGER_SENTENCE);
  expect((await say(team, bob, `/start ${old}`)).text).toBe(INVALID_INVITATION);
  team.clock.advance(1000);
  expect((await say(team, bob, `/start ${await invitation(team, 'member')}`)).text).toContain(
    'You are in Team already',
  );
  expect(await rowOf(team, bob)).toMatchObject({ role: 'member', isActive: true });
  expect((await say(team, bob, '/queue')).text).toContain('Nothing is planned');
});

test('open invitations of an admin who ceases to be one are void', async () => {
  const { alice, bob, charlie, services, test: database } = await start();
  await say(team, bob, `/start ${await invitation(team, 'admin')}`);
  const question = await say(team, bob, '/invite admin');
  await bob.press(question, 'Yes, an admin');
  await team.settle();
  const code = /start=([\w-]+)/.exec(team.now(question).text ?? '')?.[1];
  await promoteUser({ database: database.database, print: () => {} }, String(bob.id), 'member');
  services.people.forget(bob.id);
  for (const person of [charlie, bob]) {
    expect((await say(team, person, `/start ${code}`)).text).toBe(INVALID_INVITATION);
  }
  expect((await auditLines(database.db)).slice(-2)).toEqual([
    expect.stringMatching(/^- (role_changed Bob|invitation_withdrawn)/),
    expect.stringMatching(/^- (role_changed Bob|invitation_withdrawn)/),
  ]);
  expect(await rowOf(team, alice)).toMatchObject({ role: 'admin' });
});

test('a message that Telegram delivers again, after we stopped in the middle, gets the same answer again', async () => {
  const { charlie, telegram } = await start();
  const code = await invitation(team, 'guest');
  team.clock.advance(400);
  const first = await say(team, charlie, `/start ${code}`);
  telegram.redeliver(
    telegram.lastUpdate(({ message }) => message?.from.id === charlie.id),
    { newUpdateId: true },
  );
  await team.settle();
  expect(saidTo(team, charlie.privateChat)).toEqual([first.text, first.text]);
  expect((await auditLines(team.test.db)).filter((line) => line.includes('invitation_used'))).toHaveLength(1);
});

test('after ten wrong codes nothing is looked up any more, said once; others are not concerned', async () => {
  const { charlie } = await start();
  const eve = team.telegram.createPerson({ first_name: 'Eve' });
  const code = await invitation(team, 'guest');
  for (let index = 0; index < 10; index += 1) {
    charlie.send(charlie.privateChat, `/start ${String(index).repeat(22)}`);
  }
  for (let index = 0; index < 3; index += 1) charlie.send(charlie.privateChat, `/start ${code}`);
  await team.settle();
  expect(saidTo(team, charlie.privateChat)).toEqual([...Array(10).fill(INVALID_INVITATION), TOO_MANY_CODES]);
  expect((await interactionLines(team.test.db)).filter((line) => line === 'Charlie /start denied')).toHaveLength(13);
  expect(await rowOf(team, charlie)).toMatchObject({ dateJoined: null });
  expect((await say(team, eve, `/start ${code}`)).text).toMatch(/^Hello Eve/);
});

test('an inviting admin who cannot be reached keeps nobody out', async () => {
  const { alice, charlie, telegram } = await start();
  await say(team, alice, '/start');
  const code = await invitation(team, 'guest');
  telegram.blockBot(alice);
  await team.settle();
  const before = telegram.messages(alice.privateChat).length;
  expect((await say(team, charlie, `/start ${code}`)).text).toMatch(/^Hello Charlie/);
  expect(telegram.messages(alice.privateChat)).toHaveLength(before);
});

test('when Telegram does not say who is in the team chat, the code stays unused and works a moment later', async () => {
  const { charlie, telegram, test: database } = await start();
  const code = await invitation(team, 'guest');
  telegram.arm('getChatMember', { error: { code: 502, description: 'Bad Gateway' } }, { times: 3 });
  charlie.send(charlie.privateChat, `/start ${code}`);
  await team.settle();
  expect(await database.db.select().from(invitations)).toMatchObject([{ usedAt: null }]);
  expect((await say(team, charlie, `/start ${code}`)).text).toMatch(/^Hello Charlie/);
});

test('the first admin’s code is void once there is an admin, however they became one', async () => {
  const { bob, charlie, services, test: database } = await start({ adminIds: [] });
  const code = await services.invitations.firstAdminCode(NOON);
  await say(team, bob, '/start');
  await promoteUser({ database: database.database, print: () => {} }, '@bob', 'admin');
  expect((await say(team, charlie, `/start ${code}`)).text).toBe(INVALID_INVITATION);
});

test('the audit log tells of an admin by the configuration and of one by the first code, without an actor', async () => {
  const { alice, test: database } = await start();
  await say(team, alice, '/start');
  await say(team, alice, '/help');
  expect(await auditLines(database.db)).toEqual([
    '- role_changed Alice {"role":"guest"} > {"by":"configuration","role":"admin"}',
  ]);
  await team.stop();
  const { charlie, services, test: another } = await start({ adminIds: [] });
  await say(team, charlie, `/start ${await services.invitations.firstAdminCode(NOON)}`);
  expect(await auditLines(another.db)).toEqual([
    '- role_changed Charlie {"role":"guest","is_active":true} > {"by":"first admin code","role":"admin"}',
  ]);
  expect(buttonsOf(lastTo(team, charlie.privateChat))).toEqual([]);
});

function profileOf(firstName: string, username: string) {
  return { firstName, username, lastName: null, languageCode: 'en' };
}
