import { asc, eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats, mediaItems, queueItems } from '../../src/db/schema/index.ts';
import { buttonsOf } from '../support/buttons.ts';
import { onlyCard } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const HOUR = 3_600_000;
/** The first slot of the default window, 14:00 in Berlin. */
const FIRST_SLOT = new Date(NOON.getTime() + 2 * HOUR);

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

const refused = { error: { code: 400, description: 'Bad Request: wrong file identifier/HTTP URL specified' } };
const cards = () => team.telegram.messages(team.group).filter(({ from }) => from?.is_bot);
const items = () => team.test.db.select().from(queueItems).orderBy(asc(queueItems.scheduledFor));
const due = () => team.services.delivery.deliverDue();

/** Alice has a private chat with the bot, so notices to the admins reach her there. */
async function aliceIsReachable(): Promise<void> {
  team.alice.send(team.alice.privateChat, '/start');
  await team.settle();
}
const notices = () =>
  team.telegram.messages(team.alice.privateChat).flatMap(({ text, from }) => (from?.is_bot && text ? [text] : []));

test('one card of a chat comes at once, also when the server believes that nothing is planned', async () => {
  await team.fill(3);
  const { db } = team.test;
  // Statistics of a moment in which the plan was empty: the server then joins the other way round, and a claim that is a
  // part of the join came to all three.
  await db.update(queueItems).set({ status: 'cancelled' });
  await db.execute(sql`analyze`);
  await db.update(queueItems).set({ status: 'pending' });
  team.clock.advance(48 * HOUR);
  expect(await due()).toHaveLength(1);
  expect((await items()).map(({ status }) => status)).toEqual(['delivered', 'pending', 'pending']);
});

test('a card arrives when it is due and not before', async () => {
  await team.fill(1);
  team.clock.set(new Date(FIRST_SLOT.getTime() - 1));
  expect(await due()).toEqual([]);
  team.clock.advance(1);
  expect(await due()).toMatchObject([{ kind: 'sent', chatId: team.group.id }]);
  expect(cards()).toHaveLength(1);
  expect(await due()).toEqual([]);
});

test('after a long absence the plan catches up one card a minute, the oldest first', async () => {
  await team.fill(3);
  team.clock.advance(72 * HOUR);
  const names = (await items()).map(({ mediaItemId }) => mediaItemId);
  for (const sent of [1, 2, 3]) {
    expect(await due()).toHaveLength(1);
    expect(cards()).toHaveLength(sent);
    team.letPass(59_999);
    expect(await due()).toEqual([]);
    team.letPass(1);
  }
  expect(await due()).toEqual([]);
  const delivered = await team.test.db.select().from(queueItems).orderBy(asc(queueItems.messageId));
  expect(delivered.map(({ mediaItemId }) => mediaItemId)).toEqual(names);
});

test('each chat gets its own card in the same tick; a chat that the bot has left gets none', async () => {
  const { telegram, services, test: database } = team;
  await team.fill(3);
  const second = telegram.createGroup({ title: 'Second', members: [team.bob] });
  const left = telegram.createGroup({ title: 'Left', members: [team.bob] });
  for (const { id, title } of [second, left]) {
    await services.chats.admit({ id, title, type: 'supergroup', timeZone: 'UTC', addedBy: null });
  }
  await services.chats.deactivate(left.id);
  const ids = [team.group.id, second.id, left.id];
  for (const [index, { id }] of (await items()).entries()) {
    await database.db
      .update(queueItems)
      .set({ chatId: ids[index] ?? 0, scheduledFor: NOON })
      .where(sql`id = ${id}`);
  }
  expect((await due()).map((result) => result.kind === 'sent' && result.chatId).sort()).toEqual(ids.slice(0, 2).sort());
});

test('two processes that look at the same moment send a card once', async () => {
  await team.fill(1);
  team.clock.set(FIRST_SLOT);
  const results = await Promise.all([due(), due(), due()]);
  expect(results.flat()).toHaveLength(1);
  expect(cards()).toHaveLength(1);
});

test('the claim is in the database before Telegram is called', async () => {
  await team.fill(1);
  team.clock.set(FIRST_SLOT);
  team.telegram.arm('sendPhoto', { delayMs: 300 });
  const sending = due();
  await expect.poll(async () => (await onlyCard(team.test.db)).status, { interval: 5 }).toBe('sending');
  expect(cards()).toEqual([]);
  await sending;
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', sendingSince: FIRST_SLOT });
});

test('T19: an answer that was cut leads to one labelled repeat', async () => {
  await team.fill(1);
  team.clock.set(FIRST_SLOT);
  team.telegram.arm('sendPhoto', { cut: 'after' });
  expect(await due()).toEqual([{ kind: 'unknown_outcome' }]);
  team.clock.advance(119_999);
  await team.services.delivery.recoverStuck({ isStart: false });
  expect(cards()).toHaveLength(1);
  team.clock.advance(2);
  await team.services.delivery.recoverStuck({ isStart: false });
  await team.services.delivery.recoverStuck({ isStart: true });
  expect(cards().map(({ caption }) => caption)).toEqual([
    expect.not.stringContaining('🔁'),
    expect.stringMatching(/^🔁 Sent again: I could not be sure that the first one arrived\.\n📁/),
  ]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', isRepeat: true, failure: null });
});

test('T19: a tap on the card whose answer was cut is honoured, and nothing is repeated', async () => {
  await team.fill(1);
  team.clock.set(FIRST_SLOT);
  team.telegram.arm('sendPhoto', { cut: 'after' });
  await due();
  const [card] = cards();
  if (!card) throw new Error('no card');
  expect(await team.bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
  await team.settle();
  team.clock.advance(300_000);
  await team.services.delivery.recoverStuck({ isStart: false });
  expect(cards()).toHaveLength(1);
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted', messageId: card.message_id });
});

test('T19: a tap that settles nothing proves all the same that the card arrived, and it waits like any other', async () => {
  await team.fill(1);
  team.clock.set(FIRST_SLOT);
  team.telegram.arm('sendPhoto', { cut: 'after' });
  await due();
  const [card] = cards();
  if (!card) throw new Error('no card');
  await team.bob.press(card, 'Reject');
  await team.settle();
  await team.bob.press(team.now(card), 'No');
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'sending', messageId: card.message_id });
  team.clock.advance(300_000);
  await team.services.delivery.recoverStuck({ isStart: false });
  expect(cards()).toHaveLength(1);
  expect(await onlyCard(team.test.db)).toMatchObject({
    status: 'delivered',
    isRepeat: false,
    sentAt: FIRST_SLOT,
    waitingSince: FIRST_SLOT,
  });
});

test('T20: through twenty answers of 502 the backlog keeps its order in each chat, without a gap', async () => {
  const { telegram, services, test: database } = team;
  await team.fill(6);
  const second = telegram.createGroup({ title: 'Second', members: [team.bob] });
  await services.chats.admit({
    id: second.id,
    title: second.title,
    type: 'supergroup',
    timeZone: 'UTC',
    addedBy: null,
  });
  const chatIds = [team.group.id, second.id];
  const planned = await items();
  for (const [index, { id }] of planned.entries()) {
    const scheduledFor = new Date(NOON.getTime() + index * 1000);
    const chatId = chatIds[index % 2] ?? 0;
    await database.db.update(queueItems).set({ chatId, scheduledFor }).where(sql`id = ${id}`);
  }
  const mediaOf = (chatId: number) =>
    planned.flatMap(({ mediaItemId }, index) => (chatIds[index % 2] === chatId ? [mediaItemId] : []));
  team.clock.set(new Date(NOON.getTime() + 30_000));
  telegram.arm('sendPhoto', { error: { code: 502, description: 'Bad Gateway' } }, { times: 20 });
  for (let tick = 0; tick < 1000 && (await items()).some(({ status }) => status !== 'delivered'); tick += 1) {
    await due();
    await services.delivery.recoverStuck({ isStart: false });
    team.letPass(5_000);
  }

  expect(telegram.calls('sendPhoto').filter(({ answer }) => !answer.ok)).toHaveLength(20);
  for (const chatId of chatIds) {
    const arrived = await database.db.select().from(queueItems).where(eq(queueItems.chatId, chatId));
    const inOrder = arrived.toSorted((a, b) => (a.messageId ?? 0) - (b.messageId ?? 0));
    expect(inOrder.map(({ status, mediaItemId }) => ({ status, mediaItemId }))).toEqual(
      mediaOf(chatId).map((mediaItemId) => ({ status: 'delivered', mediaItemId })),
    );
    const captions = telegram.messages({ id: chatId }).flatMap(({ photo, caption }) => (photo ? [caption] : []));
    // The first of each chat is the one that met the failures, and may have arrived unseen.
    expect(captions).toEqual([
      expect.stringMatching(/^🔁 Sent again/),
      expect.not.stringContaining('🔁'),
      expect.not.stringContaining('🔁'),
    ]);
  }
});

test('a repeat without an answer is given up, and the admins are told', async () => {
  await team.fill(1);
  await aliceIsReachable();
  team.clock.set(FIRST_SLOT);
  team.telegram.arm('sendPhoto', { cut: 'before' }, { times: 2 });
  await due();
  for (const _ of [1, 2]) {
    team.clock.advance(121_000);
    await team.services.delivery.recoverStuck({ isStart: false });
  }
  expect(cards()).toEqual([]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'failed' });
  expect(notices().at(-1)).toContain('A card was given up');
});

test('at the start every open send belongs to a process that died, and is repeated at once', async () => {
  await team.fill(1);
  await team.test.db.update(queueItems).set({ status: 'sending', sendingSince: NOON, attempts: 1 });
  team.clock.advance(1000);
  await team.services.delivery.recoverStuck({ isStart: true });
  expect(cards()).toMatchObject([{ caption: expect.stringContaining('🔁 Sent again') }]);
});

test('a card that Telegram refuses three times is failed with the reason, and the admins are told once', async () => {
  await team.fill(2);
  await aliceIsReachable();
  team.clock.set(FIRST_SLOT);
  team.telegram.arm('sendPhoto', refused, { times: 3 });
  expect(await due()).toEqual([{ kind: 'later', seconds: 5 }]);
  expect((await items())[0]).toMatchObject({ status: 'pending', attempts: 1 });
  await due();
  expect(notices().some((text) => text.includes('could not be sent'))).toBe(false);
  expect(await due()).toMatchObject([{ kind: 'failed' }]);
  expect((await items())[0]).toMatchObject({ status: 'failed', failure: expect.stringContaining('wrong file') });
  expect(notices().filter((text) => text.includes('could not be sent and is out of the queue'))).toHaveLength(1);
  // The next one is not held up.
  team.clock.advance(24 * HOUR);
  expect(await due()).toMatchObject([{ kind: 'sent' }]);
});

test('429 puts a card back into the plan, uncounted, until the silence is over', async () => {
  await team.fill(1);
  team.clock.set(FIRST_SLOT);
  team.telegram.arm('sendPhoto', {
    error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 7 } },
  });
  expect(await due()).toEqual([{ kind: 'later', seconds: 7 }]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'pending', attempts: 0 });
  team.letPass(6_999);
  expect(await due()).toEqual([]);
  team.letPass(1);
  expect(await due()).toMatchObject([{ kind: 'sent' }]);
});

test('C08: a clock that jumps makes that silence neither longer nor shorter', async () => {
  await team.fill(1);
  team.clock.set(new Date(FIRST_SLOT.getTime() + HOUR));
  team.telegram.arm('sendPhoto', {
    error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 7 } },
  });
  await due();
  team.clock.advance(HOUR);
  expect(await due()).toEqual([]);
  team.clock.advance(-2 * HOUR);
  team.letPass(7_000);
  expect(await due()).toMatchObject([{ kind: 'sent' }]);
});

test('a chat that throws the bot out is switched off, its plan kept, and the admins are told', async () => {
  await team.fill(1);
  await aliceIsReachable();
  team.telegram.arm('sendPhoto', {
    error: { code: 403, description: 'Forbidden: bot was kicked from the supergroup chat' },
  });
  team.clock.set(FIRST_SLOT);
  expect(await due()).toMatchObject([{ kind: 'failed' }]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'pending' });
  expect(await team.test.db.select().from(chats)).toMatchObject([{ isActive: false }]);
  expect(notices().at(-1)).toMatch(/^🚪 I cannot write into Team any more/);
  expect(await due()).toEqual([]);
  await team.services.chats.admit({ id: team.group.id, title: '', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  expect(await due()).toMatchObject([{ kind: 'sent' }]);
});

test.each(['video', 'animation', 'document'] as const)(
  'media of the kind %s arrive as what they are, with their buttons',
  async (kind) => {
    const { alice, telegram } = team;
    const bytes = Buffer.from(`moving ${kind}`);
    alice.sendMedia(alice.privateChat, { kind, bytes, fileName: `one.${kind === 'document' ? 'pdf' : 'mp4'}` });
    await telegram.waitForMessage(alice.privateChat, ({ reply_to_message: to }) => to !== undefined);
    const card = await team.nextCard();
    expect(card[kind]).toBeDefined();
    expect(card.caption).toMatch(/^📁 one\./);
    expect(buttonsOf(card)).toEqual([
      ['✅ Posted', '⏭️ Skip'],
      ['🚫 Reject', '🙋 On it'],
      ['👍', 'ℹ️'],
    ]);
  },
);

test('an item without a Telegram file is failed and told, and the queue goes on', async () => {
  await team.fill(2);
  await aliceIsReachable();
  await team.test.db
    .update(mediaItems)
    .set({ telegramFileId: null })
    .where(sql`id = ${(await onlyCard(team.test.db)).mediaItemId}`);
  team.clock.advance(48 * HOUR);
  expect(await due()).toMatchObject([{ kind: 'failed', reason: 'no Telegram file is known for it' }]);
  expect(notices().at(-1)).toContain('no Telegram file is known for it');
  expect(await due()).toMatchObject([{ kind: 'sent' }]);
});
