import { eq } from 'drizzle-orm';
import { afterEach, expect, test } from 'vitest';
import { users } from '../../src/db/schema/index.ts';
import { interactionLines, onlyCard } from '../support/rows.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';

let team: Team;
afterEach(() => team.stop());

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  return team;
}
async function rowOf(person: { id: number }) {
  const [row] = await team.test.db.select().from(users).where(eq(users.telegramUserId, person.id));
  return row;
}
async function admitAsGuest(person: { id: number }): Promise<void> {
  await team.test.db.insert(users).values({ telegramUserId: person.id, role: 'guest', dateJoined: NOON });
}
const DENIED = { text: 'You cannot use this button.', show_alert: true };

test('being in the team chat makes a member, whose profile is known from the first tap', async () => {
  const { bob } = await start();
  await team.fill(1);
  expect(await rowOf(bob)).toBeUndefined();
  await bob.press(await team.nextCard(), 'Posted');
  expect(await rowOf(bob)).toMatchObject({ role: 'member', dateJoined: NOON, firstName: 'Bob', username: 'bob' });
});

test('a profile is kept current, and the next card shows the new name', async () => {
  const { bob, telegram } = await start();
  await team.fill(1);
  bob.send(team.group, '/help');
  await team.settle();
  telegram.world.people.set(bob.id, { ...bob.user, first_name: 'Robert', last_name: 'Roe', username: 'rob' });
  const card = await team.nextCard();
  await telegram.person(bob.id).press(card, 'Posted');
  await team.settle();
  expect(team.now(card).caption).toContain('✅ Posted by Robert Roe');
  expect(await rowOf(bob)).toMatchObject({ firstName: 'Robert', lastName: 'Roe', username: 'rob' });
});

test('A03: a guest in the team chat who presses a button is told, changes nothing and is a row', async () => {
  const { dana } = await start();
  await team.fill(1);
  await admitAsGuest(dana);
  const card = await team.nextCard();
  expect(await dana.press(card, 'Reject')).toEqual({
    text: 'You are not allowed to decide here. Ask an admin of the team.',
    show_alert: true,
  });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', rejectAskedAt: null });
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Dana reject denied');
});

test('A03: a guest may greet and ask for help, and no more', async () => {
  const { dana, telegram } = await start();
  await admitAsGuest(dana);
  for (const command of ['/start', '/help', '/queue', '/next', '/status', '/stats', '/team']) {
    dana.send(dana.privateChat, command);
  }
  await team.settle();
  expect((await interactionLines(team.test.db)).map((line) => line.replace('Dana ', ''))).toEqual([
    ...[
      '/start done',
      '/help done',
      '/queue denied',
      '/next denied',
      '/status denied',
      '/stats denied',
      '/team denied',
    ],
  ]);
  const help = telegram.messages(dana.privateChat).find(({ text }) => text?.startsWith('What you can send'));
  expect(help?.text).not.toMatch(/\/queue|\/team/);
});

test('A04: who was removed from the team cannot press an old button (chat_member update alone)', async () => {
  const { bob, alice, telegram, group } = await start();
  await team.fill(1);
  const card = await team.nextCard();
  bob.send(group, '/help');
  await team.settle();
  const member = { status: 'member', user: bob.user } as const;
  const kicked = { status: 'kicked', user: bob.user, until_date: 0 } as const;
  telegram.world.chats.get(group.id)?.members.set(bob.id, kicked);
  const chat = { ...group, type: 'supergroup' } as const;
  telegram.world.updates.add({
    chat_member: { chat, from: alice.user, date: 0, old_chat_member: member, new_chat_member: kicked },
  });
  expect(await bob.press(card, 'Posted')).toEqual(DENIED);
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Bob posted denied');
  expect(telegram.calls('getChatMember').filter(({ payload }) => payload.user_id === bob.id)).toHaveLength(1);
});

test('A04: the same where the bot is no administrator and only sees the service message', async () => {
  const { bob, alice, telegram, group } = await start({ isBotAdministrator: false });
  await team.fill(1);
  const card = await team.nextCard();
  bob.send(group, '/help');
  await team.settle();
  telegram.setMember(group, bob, 'left', { by: alice });
  expect(await bob.press(card, 'Posted')).toEqual(DENIED);
  bob.send(bob.privateChat, '/queue');
  await team.settle();
  expect((await interactionLines(team.test.db)).slice(-2)).toEqual(['Bob posted denied', 'Bob /queue denied']);
});

test('who comes back may decide again', async () => {
  const { bob, telegram, group } = await start();
  await team.fill(1);
  const card = await team.nextCard();
  telegram.setMember(group, bob, 'left');
  await team.settle();
  telegram.setMember(group, bob, 'member');
  expect(await bob.press(card, 'Skip')).toMatchObject({ text: expect.stringContaining('Skipped') });
});

test('a new member who was added to the chat may decide at once', async () => {
  const { charlie, telegram, group, alice } = await start();
  await team.fill(1);
  charlie.send(charlie.privateChat, '/start');
  await team.settle();
  telegram.setMember(group, charlie, 'member', { by: alice });
  expect(await charlie.press(await team.nextCard(), 'Posted')).toMatchObject({
    text: expect.stringContaining('Posted'),
  });
  expect(await rowOf(charlie)).toMatchObject({ role: 'member' });
});

test('a restricted member is still in the chat', async () => {
  const { dana, telegram, group } = await start();
  await team.fill(1);
  telegram.setMember(group, dana, 'restricted');
  expect(await dana.press(await team.nextCard(), 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
});

test('somebody who was switched off may do nothing, whatever the role', async () => {
  const { dana } = await start();
  await team.fill(1);
  const off = { telegramUserId: dana.id, role: 'admin' as const, isActive: false, dateJoined: NOON };
  await team.test.db.insert(users).values(off);
  expect(await dana.press(await team.nextCard(), 'Posted')).toEqual(DENIED);
});

test('when Telegram does not say who is in the chat, nobody is let in, and the person may try again', async () => {
  const { bob, telegram } = await start();
  await team.fill(1);
  const card = await team.nextCard();
  telegram.arm('getChatMember', { error: { code: 502, description: 'Bad Gateway' } }, { times: 3 });
  expect(await bob.press(card, 'Posted')).toEqual({
    text: 'Telegram did not do its part just now. Please tap again.',
    show_alert: true,
  });
  expect(await bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
});

test('in a team chat that the bot has left nobody decides', async () => {
  const { bob, alice, telegram, group, services } = await start();
  await team.fill(1);
  const card = await team.nextCard();
  telegram.removeBot(group, alice);
  await team.settle();
  expect(await services.chats.byId(group.id)).toMatchObject({ isActive: false });
  telegram.addBot(group, alice);
  await team.settle();
  expect(await bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
});
