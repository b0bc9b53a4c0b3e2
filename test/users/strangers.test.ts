import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats, users } from '../../src/db/schema/index.ts';
import { ANONYMOUS_SENTENCE, STRANGER_SENTENCE } from '../../src/users/refuse-strangers.ts';
import { dataOf } from '../support/buttons.ts';
import { interactionLines, interactionRows, onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

const saidTo = (chat: { id: number }) =>
  team.telegram.messages(chat).flatMap(({ from, text }) => (from?.id === team.telegram.bot.id && text ? [text] : []));

test('A01: a stranger gets one neutral sentence, once in ten minutes, and every try is a row', async () => {
  const { charlie } = team;
  for (const text of ['/start', '/queue', '/team', 'let me in', '/start secret'])
    charlie.send(charlie.privateChat, text);
  await team.settle();
  expect(saidTo(charlie.privateChat)).toEqual([STRANGER_SENTENCE]);
  expect(STRANGER_SENTENCE).not.toMatch(/Alice|Team\b/);
  expect(await interactionLines(team.test.db)).toEqual(
    ['/start', '/queue', '/team', 'text', '/start'].map((name) => `Charlie ${name} denied`),
  );
  const [row] = await team.test.db.select().from(users).where(eq(users.telegramUserId, charlie.id));
  expect(row).toMatchObject({ role: 'guest', dateJoined: null, hasStartedBot: false });
});

test('A01: one stranger’s silence is not another’s', async () => {
  const { charlie, telegram } = team;
  const eve = telegram.createPerson({ first_name: 'Eve' });
  for (const person of [charlie, eve, charlie]) person.send(person.privateChat, '/start');
  await team.settle();
  expect([saidTo(charlie.privateChat), saidTo(eve.privateChat)]).toEqual([[STRANGER_SENTENCE], [STRANGER_SENTENCE]]);
});

test('a stranger’s forged tap in private is answered, changes nothing and is a row', async () => {
  const { charlie } = team;
  await team.fill(1);
  const card = await team.nextCard();
  charlie.send(charlie.privateChat, '/start');
  await team.settle();
  const message = saidTo(charlie.privateChat).length;
  const answer = await charlie.tap(charlie.privateChat, dataOf(card, 'Posted'), { messageId: message });
  expect(answer).toEqual({ text: 'You cannot use this button.', show_alert: true });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    by: 'Charlie',
    interactionName: 'posted',
    context: { outcome: 'denied', queue_item_id: (await onlyCard(team.test.db)).id },
  });
});

test('T08: a refusal that comes too late is recorded as the refusal it is', async () => {
  const { charlie, telegram, services } = team;
  charlie.send(charlie.privateChat, '/start');
  await team.settle();
  const tooOld = { code: 400, description: 'Bad Request: query is too old and response timeout expired' };
  telegram.arm('answerCallbackQuery', { error: tooOld });
  void charlie.tap(charlie.privateChat, 'queue:next:1');
  await telegram.waitForCall('answerCallbackQuery');
  await team.settle();
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Charlie queue:next denied');
  expect(services.counters.read()).toEqual({ tap_unanswered_too_old: 1 });
});

test('A02: added to a group by a stranger, the bot leaves it and tells the admins', async () => {
  const { charlie, alice, telegram } = team;
  alice.send(alice.privateChat, '/start');
  await team.settle();
  const foreign = telegram.createGroup({ title: 'Spam', members: [charlie], addedBy: charlie });
  await team.settle();
  expect(telegram.calls('leaveChat').map(({ payload }) => payload.chat_id)).toEqual([foreign.id]);
  expect(saidTo(foreign)).toEqual([expect.stringContaining('Goodbye')]);
  expect(saidTo(alice.privateChat).at(-1)).toBe(
    'Somebody (Charlie) added me to the group “Spam”. I left it: only admins can add me.',
  );
  expect(await team.test.db.select().from(chats)).toHaveLength(1);
});

test('A02: a member who is no admin cannot let the bot in either', async () => {
  const { bob, telegram } = team;
  bob.send(team.group, '/help');
  await team.settle();
  telegram.createGroup({ title: 'Friends', members: [bob], addedBy: bob });
  await team.settle();
  expect(telegram.calls('leaveChat')).toHaveLength(1);
});

test('A02: what is said or tapped in a group that the bot was never let into is not answered there', async () => {
  const { charlie, bob, telegram } = team;
  const foreign = telegram.createGroup({ title: 'Old', members: [charlie, bob] });
  charlie.send(foreign, '/queue');
  bob.send(foreign, '/stats');
  await team.settle();
  expect(saidTo(foreign)).toEqual([]);
  expect(await interactionLines(team.test.db)).toEqual(['Charlie /queue denied', 'Bob /stats denied']);
  expect(telegram.calls('leaveChat')).toEqual([]);
});

test('a group to which an admin adds the bot is a team chat, with the default zone', async () => {
  const { alice, bob, telegram } = team;
  alice.send(alice.privateChat, '/start');
  await team.settle();
  const second = telegram.createGroup({ title: 'Second', members: [alice, bob], addedBy: alice });
  await team.settle();
  expect(saidTo(second)).toEqual([expect.stringMatching(/^Hello! I bring cards/)]);
  const [row] = await team.test.db.select().from(chats).where(eq(chats.id, second.id));
  expect(row).toMatchObject({ title: 'Second', timeZone: 'Europe/Berlin', isActive: true, postsPerDay: 3 });
  bob.send(second, '/queue');
  await team.settle();
  expect(saidTo(second).at(-1)).toContain('Nothing is planned');
});

test('A05: a command of an anonymous admin is refused with a hint', async () => {
  team.telegram.sendAnonymously(team.group, '/team');
  await team.settle();
  expect(saidTo(team.group)).toEqual([ANONYMOUS_SENTENCE]);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Group /team denied');
});

test('A05: talk of an anonymous admin is not answered', async () => {
  team.telegram.sendAnonymously(team.group, 'good morning');
  await team.settle();
  expect(saidTo(team.group)).toEqual([]);
  expect(await interactionLines(team.test.db)).toEqual([]);
});

test('A08: a card that was forwarded into another chat cannot be decided there, by nobody', async () => {
  const { alice, bob, telegram, services } = team;
  await team.fill(1);
  const card = await team.nextCard();
  const second = telegram.createGroup({ title: 'Second', members: [alice, bob] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  const copy = bob.forward(card, second);
  for (const person of [bob, alice]) {
    expect(await person.press(copy, 'Posted')).toEqual({
      text: 'This button is not valid any more. Send /next for a fresh card.',
      show_alert: true,
    });
  }
  const inPrivate = alice.forward(card, alice.privateChat);
  expect(await alice.press(inPrivate, 'Reject')).toMatchObject({ text: expect.stringContaining('another chat') });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', version: 1 });
  const taps = (await interactionLines(team.test.db)).filter((line) => !line.includes('upload'));
  expect(taps).toEqual(['Bob posted denied', 'Alice posted denied', 'Alice reject denied']);
});
