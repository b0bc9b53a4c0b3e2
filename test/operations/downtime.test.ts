import { asc, eq } from 'drizzle-orm';
import { Api } from 'grammy';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats, installation, queueItems } from '../../src/db/schema/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { awayMessage, createDowntime } from '../../src/operations/downtime.ts';
import { claimInstallation } from '../../src/operations/installation-repository.ts';
import { buttonsOf } from '../support/buttons.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const SECOND = 1000;
const HOUR = 3_600_000;

let team: Team;
beforeEach(async () => {
  team = await startTeam();
  await claimInstallation(team.test.database, { id: 1, isSimulator: true });
});
afterEach(() => team.stop());

/** A process that has just started. */
function start() {
  const { test: database, clock, services, telegram } = team;
  return createDowntime({
    database: database.database,
    chats: services.chats,
    queue: services.queue,
    api: new Api(telegram.token, { apiRoot: telegram.apiRoot }),
    clock,
    logger: silentLogger(),
  });
}
const notices = (chat: { id: number } = team.group) =>
  team.telegram.messages(chat).flatMap(({ text }) => (text?.startsWith('📡') ? [text] : []));

test('after an absence the team is told once from when to when, and what is due', async () => {
  await team.fill(3);
  team.clock.set(new Date('2026-11-20T13:02:00Z'));
  await start().beat();
  await team.services.delivery.deliverDue();
  const [first] = await team.test.db.select().from(queueItems).orderBy(asc(queueItems.scheduledFor));
  await team.test.db
    .update(queueItems)
    .set({ status: 'posted' })
    .where(eq(queueItems.id, first?.id ?? ''));
  team.clock.set(new Date('2026-11-20T21:40:00Z'));
  const again = start();
  await again.tell();
  await again.tell();
  await again.beat();
  await start().tell();
  expect(notices()).toEqual([
    '📡 I was away from 14:02 to 22:40 (8 h 38 min).\n2 posts are due; they come one at a time.',
  ]);
});

test('nobody is told at the first start of all, after a short absence, or when nothing had to wait', async () => {
  await team.fill(1);
  await start().tell();
  team.clock.advance(150 * SECOND);
  await start().tell();
  await team.test.db.update(queueItems).set({ status: 'posted' });
  team.clock.advance(5 * HOUR);
  await start().tell();
  expect(notices()).toEqual([]);
});

test('a sign of life before anybody was told does not hide the absence', async () => {
  await team.fill(1);
  await start().beat();
  team.clock.advance(5 * HOUR);
  const again = start();
  await again.beat();
  team.letPass(60 * SECOND);
  await again.beat();
  await again.tell();
  expect(notices()).toEqual(['📡 I was away from 12:00 to 17:00 (5 h).\n1 post is due; it comes now.']);
});

test('a paused chat hears that posting is paused, a chat with nothing to catch up with hears nothing', async () => {
  const { telegram, services, test: database } = team;
  await team.fill(1);
  const second = telegram.createGroup({ title: 'Second', members: [team.bob] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  await database.db.update(chats).set({ isPaused: true, pausedAt: NOON }).where(eq(chats.id, team.group.id));
  await start().beat();
  team.clock.advance(5 * HOUR);
  await start().tell();
  expect(notices()).toEqual([expect.stringContaining('1 post is due; posting is paused, /resume goes on.')]);
  expect(notices(second)).toEqual([]);
});

test('a chat that cannot be told does not keep the others from being told', async () => {
  const { telegram, services } = team;
  await team.fill(2);
  const second = telegram.createGroup({ title: 'Second', members: [team.bob] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  const [item] = await team.test.db.select().from(queueItems);
  await team.test.db
    .update(queueItems)
    .set({ chatId: second.id })
    .where(eq(queueItems.id, item?.id ?? ''));
  await start().beat();
  team.clock.advance(20 * HOUR);
  telegram.arm('sendMessage', { error: { code: 403, description: 'Forbidden: bot was kicked' } });
  await start().tell();
  expect([...notices(), ...notices(second)]).toHaveLength(1);
});

test('the sign of life is written, and without a bot there is none', async () => {
  await start().beat();
  team.letPass(60 * SECOND);
  await start().beat();
  expect(await team.test.db.select().from(installation)).toMatchObject([{ aliveAt: team.clock.now() }]);
  await team.test.db.delete(installation);
  await start().tell();
  expect(notices()).toEqual([]);
});

test('T07: after 200 s in which three taps were lost there is one notice, and the cards still wait with buttons that work', async () => {
  const { telegram, group, bob, dana, alice, test: database } = team;
  await team.fill(3);
  const cards = [await team.nextCard(), await team.nextCard(), await team.nextCard()];
  await start().beat();
  await team.stopBot();
  const people = [bob, dana, alice];
  const taps = cards.map((card, index) => people[index]?.press(card, 'Posted'));
  team.clock.advance(200 * SECOND);
  team.startBot();
  await start().tell();
  await Promise.allSettled(taps);
  await team.settle();
  expect(notices()).toEqual([
    '📡 I was away from 12:00 to 12:03 (3 min).\n3 cards wait for a decision. Telegram forgets taps after a few minutes: if a card has not changed, please tap again.',
  ]);
  const items = () => database.db.select().from(queueItems);
  expect((await items()).map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered']);
  for (const card of cards) {
    expect(buttonsOf(team.now(card))[0]).toEqual(['✅ Posted', '⏭️ Skip']);
    expect(await bob.press(team.now(card), 'Posted')).toMatchObject({ text: expect.stringMatching(/^Posted/) });
  }
  await team.settle();
  expect((await items()).map(({ status }) => status)).toEqual(['posted', 'posted', 'posted']);
  expect(telegram.messages(group).filter(({ text }) => text?.startsWith('📡'))).toHaveLength(1);
});

test('an absence over midnight names the day on which it began', () => {
  const absence = { from: new Date('2026-11-19T22:30:00Z'), to: NOON };
  expect(awayMessage(absence, { due: 1, waiting: 1 }, { timeZone: 'Europe/Berlin', isPaused: false }).text).toBe(
    '📡 I was away from Thu 19 Nov 23:30 to 12:00 (12 h 30 min).\n1 post is due; it comes now.\n' +
      '1 card waits for a decision. Telegram forgets taps after a few minutes: if a card has not changed, please tap again.',
  );
});
