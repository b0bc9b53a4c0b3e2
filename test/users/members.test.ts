import { eq } from 'drizzle-orm';
import { afterEach, expect, test } from 'vitest';
import { users } from '../../src/db/schema/index.ts';
import { STRANGER_SENTENCE } from '../../src/users/refuse-strangers.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { interactionLines, interactionRows } from '../support/rows.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';
import { addMember, auditLines, lastTo, rowOf, saidTo, say } from './people.ts';

let team: Team;
afterEach(() => team.stop());

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  return team;
}

const HOUR_MS = 3_600_000;

test('/members lists who was let in: admins, members, guests, the removed; last seen, and in which team chat', async () => {
  const { alice, bob, clock, test: database } = await start();
  await say(team, bob, '/help');
  await addMember(team, 'Gwen', 'guest');
  const rob = await addMember(team, 'Rob');
  await database.db
    .update(users)
    .set({ isActive: false, role: 'guest', lastSeenAt: new Date(NOON.getTime() - 3 * 24 * HOUR_MS) })
    .where(eq(users.telegramUserId, rob.id));
  clock.advance(2 * HOUR_MS + 300_000);
  const list = await say(team, alice, '/members');
  expect(list.text).toBe(`👥 People: 1 admin, 1 member, 1 guest, 1 removed

Admins
1. Alice @alice
    just now, not in the team chat

Members
2. Bob @bob
    2 h ago, in Team

Guests
3. Gwen
    never, not in the team chat

Removed
4. Rob
    3 days ago, not in the team chat`);
  expect(buttonsOf(list)).toEqual([
    ['1 Alice', '2 Bob'],
    ['3 Gwen', '4 Rob'],
  ]);
  // As code: a username that is written plainly would be a mention.
  expect(list.entities?.filter(({ type }) => type === 'mention')).toEqual([]);
  expect(list.entities?.filter(({ type }) => type === 'code')).toHaveLength(2);
});

test('a long list has pages of eight, turned in the same message, and Back leads to the page one came from', async () => {
  const { alice } = await start();
  for (let index = 1; index <= 19; index += 1) await addMember(team, `Member ${String(index).padStart(2, '0')}`);
  const list = await say(team, alice, '/members');
  expect(buttonsOf(list).at(-1)).toEqual(['›']);
  await alice.press(list, '›');
  await team.settle();
  expect(team.now(list).text).toMatch(/\n9\. Member 08\n[\s\S]*\n16\. Member 15\n[\s\S]*Page 2 of 3$/);
  expect(buttonsOf(team.now(list)).at(-1)).toEqual(['‹', '›']);
  await alice.press(team.now(list), '12 Member 11');
  await team.settle();
  expect(team.now(list).text).toMatch(/^Member 11\n/);
  await alice.press(team.now(list), 'Back');
  await team.settle();
  expect(team.now(list).text).toContain('Page 2 of 3');
  expect(await alice.tap(alice.privateChat, 'members:page:999', { messageId: list.message_id })).toEqual({});
  await team.settle();
  expect(team.now(list).text).toMatch(/20\. Member 19\n[\s\S]*Page 3 of 3$/);
  expect(saidTo(team, alice.privateChat)).toHaveLength(1);
});

test('in a group the list goes to the admin in private', async () => {
  const { alice, group } = await start();
  await say(team, alice, '/start');
  alice.send(group, '/members');
  await team.settle();
  expect(saidTo(team, group)).toEqual(['I have sent you the answer in private.']);
  expect(lastTo(team, alice.privateChat).text).toMatch(/^👥 People/);
  expect(buttonsOf(lastTo(team, alice.privateChat))).not.toEqual([]);
});

test('members, guests and strangers neither see nor change anybody, and every try is a row', async () => {
  const { alice, bob, charlie } = await start();
  const gwen = await addMember(team, 'Gwen', 'guest');
  await say(team, alice, '/start');
  const { id } = await rowOf(team, alice);
  for (const person of [bob, gwen, charlie]) {
    const answer = await say(team, person, '/members');
    expect(answer.text).not.toContain('Alice');
    for (const data of [`members:confirm_role:${id}.m`, `members:confirm_remove:${id}`, 'members:page:0']) {
      const messageId = answer.message_id;
      expect(await person.tap(person.privateChat, data, { messageId })).toMatchObject({ show_alert: true });
    }
  }
  await team.settle();
  expect((await interactionLines(team.test.db)).slice(1)).toEqual(
    ['Bob', 'Gwen', 'Charlie'].flatMap((name) =>
      ['/members', 'members:confirm_role', 'members:confirm_remove', 'members:page'].map(
        (what) => `${name} ${what} denied`,
      ),
    ),
  );
  expect(await rowOf(team, alice)).toMatchObject({ role: 'admin', isActive: true });
});

/** The card of a person, opened from a fresh list. */
async function open(name: string, by = team.alice) {
  const list = await say(team, by, '/members');
  await by.press(list, ` ${name}`);
  await team.settle();
  return team.now(list);
}
async function press(message: Awaited<ReturnType<typeof open>>, label: string, by = team.alice) {
  const answer = await by.press(team.now(message), label);
  await team.settle();
  return answer;
}

test('a person’s card says who they are and offers what can be done', async () => {
  const { bob, alice } = await start();
  await say(team, bob, '/help');
  const card = await open('Bob');
  expect(card.text).toBe(`Bob @bob

Is a member.
Joined: Fri 20 Nov 12:00
Last seen: just now
Team chat: Team`);
  expect(buttonsOf(card)).toEqual([['Make admin', 'Make guest'], ['Remove'], ['‹ Back']]);
  expect(dataOf(card, 'Make guest')).toMatch(/^members:role:[0-9a-f-]{36}\.g\.0$/);
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionName: 'members:show',
    context: { outcome: 'done', about_user_id: (await rowOf(team, bob)).id },
  });
  const own = await open('Alice', alice);
  expect(own.text).toContain('You are an admin.');
  expect(own.text).toContain('ADMIN_TELEGRAM_IDS');
  expect(buttonsOf(own)).toEqual([['‹ Back']]);
});

test('a changed role holds from the next tap on, the person hears of it, and the audit log has it', async () => {
  const { bob } = await start();
  await team.fill(1);
  const queued = await team.nextCard();
  await say(team, bob, '/start');
  const card = await open('Bob');
  expect(await press(card, 'Make guest')).toEqual({ text: 'Bob is a guest now.' });
  expect(team.now(card).text).toContain('Is a guest.');
  expect(await bob.press(queued, 'Posted')).toMatchObject({ text: expect.stringMatching(/^You are not allowed/) });
  expect(lastTo(team, bob.privateChat).text).toBe('Alice made you a guest. /help shows what you can do now.');
  expect(await press(card, 'Make member')).toEqual({ text: 'Bob is a member now.' });
  expect(await bob.press(queued, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
  expect((await auditLines(team.test.db)).slice(-2)).toEqual([
    'Alice role_changed Bob {"role":"member"} > {"role":"guest"}',
    'Alice role_changed Bob {"role":"guest"} > {"role":"member"}',
  ]);
});

test('menus follow the role, in private and in the team chat', async () => {
  const { bob, group, telegram } = await start();
  await team.services.menus.showAll([group.id], []);
  await say(team, bob, '/start');
  const menu = (chat: { id: number }) => telegram.commandsFor(bob, chat).map(({ command }) => command);
  const has = (command: string) => [menu(bob.privateChat).includes(command), menu(group).includes(command)];
  expect([has('queue'), has('members')]).toEqual([
    [true, true],
    [false, false],
  ]);
  const card = await open('Bob');
  await press(card, 'Make admin');
  await press(card, 'Yes');
  expect(has('members')).toEqual([true, true]);
  await press(card, 'Make member');
  expect([has('queue'), has('members')]).toEqual([
    [true, true],
    [false, false],
  ]);
  await press(card, 'Remove');
  await press(card, 'Yes, remove');
  expect(has('queue')).toEqual([false, false]);
});

test('making an admin asks first', async () => {
  const { bob } = await start();
  await say(team, bob, '/help');
  const card = await open('Bob');
  await press(card, 'Make admin');
  expect(team.now(card).text).toMatch(/^Make Bob an admin\?\nAdmins see everybody’s figures/);
  expect(await rowOf(team, bob)).toMatchObject({ role: 'member' });
  await press(card, 'Cancel');
  expect(team.now(card).text).toMatch(/^Bob @bob\n\nIs a member\./);
  await press(card, 'Make admin');
  expect(await press(card, 'Yes')).toEqual({ text: 'Bob is an admin now.' });
  expect((await say(team, bob, '/team')).caption).toMatch(/^👥 All chats/);
});

test('removing asks first; the removed person is a stranger everywhere at once, and is not told', async () => {
  const { alice, bob, charlie, group, telegram } = await start();
  await team.fill(1);
  const queued = await team.nextCard();
  await say(team, bob, '/start');
  const before = saidTo(team, bob.privateChat);
  const card = await open('Bob');
  await press(card, 'Remove');
  expect(team.now(card).text).toMatch(/^Remove Bob\?\nThey can no longer use me/);
  expect(await rowOf(team, bob)).toMatchObject({ isActive: true });
  expect(await press(card, 'Yes, remove')).toEqual({ text: 'Bob is removed.' });
  expect(await rowOf(team, bob)).toMatchObject({ role: 'guest', isActive: false });
  expect((await auditLines(team.test.db)).at(-1)).toBe('Alice member_removed Bob {"role":"member"} > {"role":"guest"}');
  expect(saidTo(team, bob.privateChat)).toEqual(before);

  expect(await bob.press(queued, 'Posted')).toEqual({ text: 'You cannot use this button.', show_alert: true });
  bob.send(group, '/queue');
  bob.send(group, 'good morning');
  telegram.setMember(group, bob, 'left');
  telegram.setMember(group, bob, 'member', { by: alice });
  bob.send(group, '/queue');
  await team.settle();
  expect(saidTo(team, group)).toEqual([]);
  expect((await say(team, bob, '/queue')).text).toBe(STRANGER_SENTENCE);
  bob.sendMedia(bob.privateChat, { kind: 'photo', bytes: new Uint8Array([1, 2, 3]) });
  telegram.createGroup({ title: 'Spam', members: [bob, charlie], addedBy: bob });
  await team.settle();
  expect(telegram.calls('leaveChat')).toHaveLength(1);
  expect(await rowOf(team, bob)).toMatchObject({ role: 'guest', isActive: false });
  expect((await interactionLines(team.test.db)).filter((line) => /^Bob .* done$/.test(line))).toEqual([
    'Bob /start done',
  ]);
});

test('an admin who was removed cannot let the bot into a group', async () => {
  const { telegram } = await start();
  const rob = await addMember(team, 'Rob', 'admin');
  await team.test.db.update(users).set({ isActive: false }).where(eq(users.telegramUserId, rob.id));
  telegram.createGroup({ title: 'Mine', members: [rob], addedBy: rob });
  await team.settle();
  expect(telegram.calls('leaveChat')).toHaveLength(1);
});

test('the removed stand at the end of the list and can be restored, as member or as guest', async () => {
  const { bob } = await start();
  await say(team, bob, '/start');
  const card = await open('Bob');
  await press(card, 'Remove');
  await press(card, 'Yes, remove');
  expect(team.now(card).text).toContain('Was removed and cannot use me.');
  expect(buttonsOf(team.now(card))).toEqual([['Restore as member', 'Restore as guest'], ['‹ Back']]);
  const list = await say(team, team.alice, '/members');
  expect(list.text).toMatch(/\n\nRemoved\n2\. Bob @bob\n/);
  expect(await press(card, 'Restore as member')).toEqual({ text: 'Bob is a member now.' });
  expect((await auditLines(team.test.db)).at(-1)).toBe(
    'Alice member_restored Bob {"role":"guest"} > {"role":"member"}',
  );
  expect((await say(team, bob, '/queue')).text).toContain('Nothing is planned');
});

test('the last admin can neither step down nor be forced to by forged data', async () => {
  const { alice, charlie } = await start({ adminIds: [] });
  await say(team, charlie, `/start ${await team.services.invitations.firstAdminCode(NOON)}`);
  const card = await open('Charlie', charlie);
  expect(buttonsOf(card)).toEqual([['Make member', 'Make guest'], ['‹ Back']]);
  await press(card, 'Make member', charlie);
  expect(team.now(card).text).toBe('Really become a member?\nOnly another admin can make you an admin again.');
  expect(await press(card, 'Yes', charlie)).toEqual({
    text: 'There must be one admin. Make somebody else an admin first.',
    show_alert: true,
  });
  const { id } = await rowOf(team, charlie);
  const forged = `members:confirm_remove:${id}`;
  expect(await charlie.tap(charlie.privateChat, forged, { messageId: card.message_id })).toMatchObject({
    text: expect.stringContaining('cannot remove yourself'),
  });
  expect(await rowOf(team, charlie)).toMatchObject({ role: 'admin', isActive: true });

  await say(team, alice, '/help');
  await press(await open('Alice', charlie), 'Make admin', charlie);
  await press(lastTo(team, charlie.privateChat), 'Yes', charlie);
  await press(card, 'Make member', charlie);
  expect(await press(card, 'Yes', charlie)).toEqual({ text: 'Charlie is a member now.' });
  expect(team.now(card).text).toBe('You are a member now.');
  expect((await say(team, alice, '/members')).text).toContain('1 admin, 1 member');
  expect((await interactionLines(team.test.db)).filter((line) => line.includes('confirm'))).toEqual([
    'Charlie members:confirm_role noop',
    'Charlie members:confirm_remove noop',
    'Charlie members:confirm_role done',
    'Charlie members:confirm_role done',
  ]);
});

test('an admin whom the configuration names cannot be demoted or removed here, and is told why', async () => {
  const { alice, bob } = await start();
  await say(team, bob, '/help');
  await say(team, alice, '/help');
  await press(await open('Bob'), 'Make admin');
  await press(lastTo(team, alice.privateChat), 'Yes');
  const card = await open('Alice', bob);
  expect(buttonsOf(card)).toEqual([['‹ Back']]);
  const { id } = await rowOf(team, alice);
  for (const data of [`members:confirm_role:${id}.m`, `members:confirm_remove:${id}.0`]) {
    expect(await bob.tap(bob.privateChat, data, { messageId: card.message_id })).toEqual({
      text: 'ADMIN_TELEGRAM_IDS in the configuration makes this person an admin: only there it can be changed.',
      show_alert: true,
    });
  }
  expect(await rowOf(team, alice)).toMatchObject({ role: 'admin', isActive: true });
});

test('stale buttons change nothing twice and say how it is', async () => {
  const { alice, bob } = await start();
  await say(team, bob, '/help');
  const card = await open('Bob');
  const { id } = await rowOf(team, bob);
  const tap = async (data: string) => {
    const answer = await alice.tap(alice.privateChat, data, { messageId: card.message_id });
    await team.settle();
    return answer;
  };
  expect(await tap(`members:role:${id}.m`)).toEqual({ text: 'Bob is a member already.' });
  expect(await tap(`members:restore:${id}.g`)).toEqual({ text: 'Bob is a member already.' });
  await tap(`members:confirm_remove:${id}`);
  expect(await tap(`members:confirm_remove:${id}`)).toEqual({ text: 'Bob was already removed.' });
  expect(await tap(`members:role:${id}.g`)).toMatchObject({ text: expect.stringMatching(/^This person was removed/) });
  expect((await auditLines(team.test.db)).filter((line) => line.includes('Bob'))).toHaveLength(1);
});

test('forged data, strangers’ ids and buttons in another chat change nobody', async () => {
  const { alice, bob, charlie, group } = await start();
  await say(team, charlie, '/start');
  await say(team, bob, '/help');
  const list = await say(team, alice, '/members');
  const stranger = (await rowOf(team, charlie)).id;
  const { id } = await rowOf(team, bob);
  for (const data of [
    `members:confirm_role:${stranger}.a`,
    `members:show:${stranger}`,
    'members:show:x',
    'members:page:x',
    'members:show',
    `members:dance:${id}`,
    `members:role:${id}`,
    `members:role:${id}.k`,
    `members:restore:${id}.a`,
  ]) {
    const answer = await alice.tap(alice.privateChat, data, { messageId: list.message_id });
    expect(answer, data).toEqual({ text: 'This button is not valid any more. Send /members again.', show_alert: true });
  }
  const copy = alice.forward(list, group);
  expect(await alice.press(copy, '2 Bob')).toMatchObject({ text: expect.stringContaining('not valid any more') });
  expect(await rowOf(team, charlie)).toMatchObject({ role: 'guest', dateJoined: null });
  expect((await auditLines(team.test.db)).filter((line) => line.startsWith('Alice'))).toEqual([]);
});

test('names arrive byte for byte, however strange', async () => {
  const { alice, test: database } = await start();
  const eve = await addMember(team, 'Eve');
  await database.db
    .update(users)
    .set({ firstName: '<b>*Eve*_', lastName: '🏳️‍🌈 @everyone'.repeat(4) })
    .where(eq(users.telegramUserId, eve.id));
  const list = await say(team, alice, '/members');
  expect(list.text).toContain('<b>*Eve*_ 🏳️‍🌈 @everyone');
  await alice.press(list, '2 <b>');
  await team.settle();
  expect(team.now(list).text).toMatch(/^<b>\*Eve\*_ /);
});
