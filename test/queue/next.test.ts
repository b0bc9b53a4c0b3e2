import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mediaItems, queueItems } from '../../src/db/schema/index.ts';
import { POSTING_STEPS } from '../../src/queue/card-messages.ts';
import { interactionRows, onlyCard } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const DAY = 86_400_000;

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

/** Sends the command and waits until the bot has worked it in. Returns what is new in the group. */
async function next(person = team.bob, chat: { id: number } = team.group) {
  const before = new Set(team.telegram.messages(team.group).map(({ message_id: id }) => id));
  person.send(chat, '/next');
  await team.settle();
  return team.telegram.messages(team.group).filter(({ message_id: id, from }) => !before.has(id) && from?.is_bot);
}
const lastRow = async () => (await interactionRows(team.test.db)).at(-1);

/** Takes everything out of the plan: it is in the library only. */
async function intoLibrary(): Promise<void> {
  await team.test.db.update(queueItems).set({ status: 'cancelled' });
}

async function fileNames(): Promise<string[]> {
  const rows = await team.test.db.select().from(mediaItems).orderBy(mediaItems.id);
  return rows.map(({ fileName }) => fileName);
}

test('/next brings the earliest planned card into the group, and the card is the answer', async () => {
  await team.fill(2);
  const [name] = await fileNames();
  expect(await next()).toMatchObject([{ caption: `📁 ${name}\n${POSTING_STEPS}` }]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', sentAt: NOON, attempts: 1 });
  expect(await lastRow()).toMatchObject({
    interactionName: '/next',
    context: { outcome: 'done', success: true, media_filename: name, queue_item_id: (await onlyCard(team.test.db)).id },
  });
});

test('/next in private brings the card into the team chat and links to it', async () => {
  const { bob, telegram, group } = team;
  await team.fill(1);
  const [card] = await next(bob, bob.privateChat);
  const answer = telegram.messages(bob.privateChat).at(-1);
  expect(answer?.text).toBe('The card is in Team.\nOpen it');
  const url = `https://t.me/c/${String(group.id).slice(4)}/${card?.message_id}`;
  expect(answer?.entities).toContainEqual({ type: 'text_link', offset: 21, length: 7, url });
});

test('with nothing planned /next takes from the library, what was never posted first', async () => {
  await team.fill(3);
  await intoLibrary();
  const [first, second, third] = await fileNames();
  const posted = (name: string | undefined, daysAgo: number) =>
    team.test.db
      .update(mediaItems)
      .set({ timesPosted: 1, lastPostedAt: new Date(NOON.getTime() - daysAgo * DAY) })
      .where(eq(mediaItems.fileName, name ?? ''));
  await posted(first, 40);
  await posted(second, 50);
  const captions = [];
  for (const _ of [1, 2, 3]) captions.push((await next())[0]?.caption);
  expect(captions).toEqual([third, second, first].map((name) => `📁 ${name}\n${POSTING_STEPS}`));
});

test('/next offers nothing that is locked, planned, waiting or switched off, and says that there is nothing', async () => {
  await team.fill(2);
  await intoLibrary();
  const [, second] = await fileNames();
  await team.test.db
    .update(mediaItems)
    .set({ isActive: false })
    .where(eq(mediaItems.fileName, second ?? ''));
  const [card] = await next();
  expect((await next())[0]?.text).toMatch(/^📭 Nothing to show: the queue is empty/);
  expect(await lastRow()).toMatchObject({ context: { outcome: 'noop', success: false } });
  if (!card) throw new Error('no card');
  await team.bob.press(card, 'Posted');
  expect((await next())[0]?.text).toMatch(/^📭/);
  team.clock.advance(30 * DAY - 1);
  expect((await next())[0]?.text).toMatch(/^📭/);
  team.clock.advance(1);
  expect((await next())[0]?.caption).toBe(card.caption);
});

test('what was rejected is never offered again', async () => {
  await team.fill(1);
  const card = await team.nextCard();
  await team.bob.press(card, 'Reject');
  await team.settle();
  await team.bob.press(team.now(card), 'Yes, reject');
  team.clock.advance(3650 * DAY);
  expect((await next())[0]?.text).toMatch(/^📭/);
});

test('two who ask for the next card at once get two cards', async () => {
  await team.fill(2);
  await intoLibrary();
  const { services, group } = team;
  const results = await Promise.all([1, 2, 3].map(() => services.delivery.deliverNext(group.id)));
  expect(results.map(({ kind }) => kind).sort()).toEqual(['empty', 'sent', 'sent']);
  const shown = results.flatMap((result) => (result.kind === 'sent' ? [result.fileName] : []));
  expect(new Set(shown).size).toBe(2);
});

test('with two team chats /next in private asks for which one, and only a member’s own chat can be chosen', async () => {
  const { bob, alice, telegram, services } = team;
  await team.fill(1);
  const second = telegram.createGroup({ title: 'Second', members: [bob] });
  const foreign = telegram.createGroup({ title: 'Foreign', members: [alice] });
  for (const { id, title } of [second, foreign]) {
    await services.chats.admit({ id, title, type: 'supergroup', timeZone: 'UTC', addedBy: null });
  }
  bob.send(bob.privateChat, '/next');
  const question = await telegram.waitForMessage(bob.privateChat, ({ text }) => text === 'Which chat?');
  expect(question.reply_markup?.inline_keyboard.flat().map(({ text }) => text)).toEqual(['Team', 'Second']);
  const denied = await bob.tap(bob.privateChat, `queue:next:${foreign.id}`, { messageId: question.message_id });
  expect(denied).toEqual({ text: 'That is not one of your chats.', show_alert: true });
  expect(await bob.press(question, 'Team')).toEqual({ text: 'On its way.' });
  await telegram.waitForMessage(team.group, ({ photo }) => photo !== undefined);
  expect(telegram.messages(second)).toEqual([]);
});

/** When the planned posts come, in hours from noon. */
async function plannedHours(): Promise<number[]> {
  const rows = await team.test.db
    .select()
    .from(queueItems)
    .where(eq(queueItems.status, 'pending'))
    .orderBy(queueItems.scheduledFor);
  return rows.map(({ scheduledFor }) => (scheduledFor.getTime() - NOON.getTime()) / 3_600_000);
}

test('with /next the plan moves up: each later post takes the time of the one before it', async () => {
  await team.fill(5);
  const order = async () =>
    (await team.test.db.select().from(queueItems).orderBy(queueItems.scheduledFor, queueItems.id))
      .filter(({ status }) => status === 'pending')
      .map(({ mediaItemId }) => mediaItemId);
  const before = await order();
  expect(await plannedHours()).toEqual([2, 6, 10, 26, 30]);
  await next();
  expect(await plannedHours()).toEqual([2, 6, 10, 26]);
  expect(await order()).toEqual(before.slice(1));
  // The last time became free: the next upload takes it.
  await team.fill(1);
  expect(await plannedHours()).toEqual([2, 6, 10, 26, 30]);
});

test('/next for a post that is due already moves nothing: the others keep their times', async () => {
  await team.fill(3);
  team.clock.advance(2.5 * 3_600_000);
  await next();
  expect(await plannedHours()).toEqual([6, 10]);
});

test('people who ask at once get as many cards, in order, and the plan moves up as often', async () => {
  await team.fill(6);
  const { services, group } = team;
  const results = await Promise.all([1, 2, 3, 4].map(() => services.delivery.deliverNext(group.id)));
  const ids = results.flatMap((result) => (result.kind === 'sent' ? [result.queueItemId] : []));
  expect(new Set(ids).size).toBe(4);
  expect(await plannedHours()).toEqual([2, 6]);
});

test('a card that Telegram did not take stays first, and no two posts have the same time', async () => {
  await team.fill(3);
  const { mediaItemId } = await onlyCard(team.test.db);
  team.telegram.arm('sendPhoto', {
    error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 7 } },
  });
  expect((await next())[0]?.text).toMatch(/The card stays first in the queue/);
  expect(await plannedHours()).toEqual([0, 2, 6]);
  const [card] = await next();
  expect(card?.photo).toBeDefined();
  expect(await plannedHours()).toEqual([2, 6]);
  const [sent] = await team.test.db.select().from(queueItems).where(eq(queueItems.status, 'delivered'));
  expect(sent?.mediaItemId).toBe(mediaItemId);
});

/** The `/next` that was sent last comes once more, as Telegram sends again what nobody confirmed. */
async function comesAgain(): Promise<void> {
  const update = team.telegram.lastUpdate(({ message }) => message?.text === '/next');
  team.telegram.redeliver(update, { newUpdateId: true });
  await team.settle();
}
const photos = () => team.telegram.messages(team.group).filter(({ photo }) => photo !== undefined);
const asked = async () => (await interactionRows(team.test.db)).filter(({ interactionName: name }) => name === '/next');

test('a /next that comes again when its card is there brings no second one', async () => {
  await team.fill(3);
  await next();
  await comesAgain();
  await intoLibrary();
  await comesAgain();
  expect(photos()).toHaveLength(1);
  expect(await asked()).toMatchObject([{ context: { outcome: 'done' } }]);
});

test('in private a /next that comes again is answered with the card that it brought', async () => {
  const { bob, telegram } = team;
  await team.fill(2);
  await next(bob, bob.privateChat);
  await comesAgain();
  expect(photos()).toHaveLength(1);
  expect(telegram.messages(bob.privateChat).at(-1)?.text).toBe('The card is in Team.\nOpen it');
});

test('a /next that came to an empty queue is not answered twice, and brings nothing when it comes again later', async () => {
  await next();
  await team.fill(1);
  await comesAgain();
  expect(photos()).toEqual([]);
  expect(await asked()).toMatchObject([{ context: { outcome: 'noop' } }]);
});

test.each(['the plan', 'the library'])(
  'a /next whose card from %s was claimed when the database went away brings that one, labelled, and no other',
  async (from) => {
    const { services, test: database } = team;
    await team.fill(2);
    if (from === 'the library') await intoLibrary();
    const find = services.cards.find;
    services.cards.find = async (id) => {
      services.cards.find = find;
      await database.db.execute(sql`do $$ begin raise exception using errcode = '57P01'; end $$`);
      return find(id);
    };
    await next();
    expect(photos()).toMatchObject([{ caption: expect.stringContaining('🔁 Sent again') }]);
    expect(await asked()).toMatchObject([{ context: { outcome: 'done', success: true } }]);
  },
);

test('a /next that comes again after Telegram refused its card brings that card, and its row says so', async () => {
  await team.fill(3);
  team.telegram.arm('sendPhoto', {
    error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 7 } },
  });
  await next();
  const claimed = async () => (await asked()).map(({ context }) => context);
  const [first] = await claimed();
  expect(first).toMatchObject({ outcome: 'failed', success: false, queue_item_id: expect.any(String) });
  await comesAgain();
  expect(photos()).toHaveLength(1);
  expect(await claimed()).toEqual([{ ...first, outcome: 'done', success: true }]);
  const [sent] = await team.test.db.select().from(queueItems).where(eq(queueItems.status, 'delivered'));
  expect(sent?.id).toBe(first?.queue_item_id);
});

test('a /next that comes again after its card was given up says so, and takes no other', async () => {
  await team.fill(2);
  await next();
  await team.test.db
    .update(queueItems)
    .set({ status: 'failed', failure: 'gone', messageId: null })
    .where(eq(queueItems.status, 'delivered'));
  await comesAgain();
  expect(team.telegram.messages(team.group).at(-1)?.text).toMatch(/could not be sent: gone/);
  expect(photos()).toHaveLength(1);
});
