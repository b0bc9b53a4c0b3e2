import { eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { approvals, chats, mediaItems, mediaLocks, queueItems } from '../../src/db/schema/index.ts';
import { approveAllQuestion, approvedAllMessage } from '../../src/queue/approve-all-messages.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { addCards, addMedia } from '../support/cards.ts';
import { decisionRows, interactionLines, interactionRows } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
let cards: Message[];
beforeEach(async () => {
  team = await startTeam();
  await team.fill(3);
  cards = [await team.nextCard(), await team.nextCard(), await team.nextCard()];
});
afterEach(() => team.stop());

function wanting(settings: Partial<typeof chats.$inferInsert>) {
  return team.test.db.update(chats).set(settings).where(eq(chats.id, team.group.id));
}
async function say(person: 'alice' | 'bob', text: string, chat: { id: number } = team.group): Promise<Message> {
  team[person].send(chat, text);
  await team.settle();
  const message = team.telegram.messages(chat).findLast(({ from }) => from?.is_bot);
  if (!message) throw new Error('no answer');
  return message;
}
async function press(message: Message, person: 'alice' | 'bob' | 'dana', button: string) {
  const answer = await team[person].press(team.now(message), button);
  await team.settle();
  return answer;
}
const statuses = async () => (await team.test.db.select().from(queueItems)).map(({ status }) => status).sort();
const alices = async () => (await team.services.users.byTelegramId(team.alice.id))?.id ?? '';

test('asks first, grouped by category, then marks every delivered card, and says so on each', async () => {
  const [first] = await team.test.db.select({ id: mediaItems.id }).from(mediaItems).orderBy(mediaItems.id);
  await team.test.db.update(mediaItems).set({ category: 'people' });
  await team.test.db
    .update(mediaItems)
    .set({ category: 'nature' })
    .where(eq(mediaItems.id, first?.id ?? ''));
  const question = await say('alice', '/approveall');
  expect(question.text).toBe('Mark 3 cards as posted?\npeople 2, nature 1');
  expect(await decisionRows(team.test.db)).toEqual([]);
  expect(await press(question, 'alice', 'Yes, all')).toEqual({ text: 'Done.' });
  expect(team.now(question).text).toBe('✅ 3 cards marked as posted by Alice, all at once.');
  expect(buttonsOf(team.now(question))).toEqual([['↩️ Undo all']]);
  for (const card of cards) {
    expect(team.now(card).caption).toContain('✅ Posted by Alice (all at once)');
    expect(buttonsOf(team.now(card))).toEqual([['↩️ Undo', '👍']]);
  }
  expect(await decisionRows(team.test.db)).toMatchObject(
    cards.map(() => ({ decision: 'posted', source: 'approve_all', handlingMs: null })),
  );
  expect(await team.test.db.select().from(mediaLocks)).toHaveLength(3);
});

test('leaves one interaction, which is no tap on Posted: a person’s figures tell them apart', async () => {
  await press(await say('alice', '/approveall'), 'alice', 'Yes');
  const rows = (await interactionRows(team.test.db)).slice(-2);
  expect(rows).toMatchObject([
    { interactionName: '/approveall', context: { cards: 3, outcome: 'done' } },
    { interactionName: 'approve:confirm', context: { posted: 3, voted: 0, outcome: 'done' } },
  ]);
  const question = { now: team.clock.now(), timeZone: 'UTC' };
  expect(await team.services.interactions.getUserStats(await alices(), question)).toMatchObject({ posts_marked: 0 });
  expect(await team.services.interactions.getContentDecisions(question)).toMatchObject({ posted: 3 });
});

test('a question that was deleted meanwhile undoes nothing', async () => {
  const question = await say('alice', '/approveall');
  const data = dataOf(question, 'Yes');
  team.telegram.deleteMessage(question);
  await team.alice.tap(team.group, data, { messageId: question.message_id });
  await team.settle();
  expect(await statuses()).toEqual(['posted', 'posted', 'posted']);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Alice approve:confirm done');
});

test('"No" changes nothing', async () => {
  const question = await say('alice', '/approveall');
  expect(await press(question, 'alice', 'No')).toEqual({ text: 'Nothing was changed.' });
  expect(team.now(question).text).toBe('Nothing was changed: the cards wait as before.');
  expect(await decisionRows(team.test.db)).toEqual([]);
});

test('all of it is taken back within a minute, but for what was undone by itself', async () => {
  const before = await team.test.db.select().from(mediaItems).orderBy(mediaItems.id);
  const question = await say('alice', '/approveall');
  await press(question, 'alice', 'Yes');
  await press(cards[0] as Message, 'alice', 'Undo');
  await press(cards[0] as Message, 'bob', 'Skip');
  team.clock.advance(59_999);
  expect(await press(question, 'alice', 'Undo all')).toEqual({ text: 'Taken back.' });
  expect(team.now(question).text).toBe('↩️ Taken back by Alice: 2 cards as before.');
  expect(await statuses()).toEqual(['delivered', 'delivered', 'skipped']);
  expect(await team.test.db.select().from(mediaItems).orderBy(mediaItems.id)).toEqual(before);
  expect(await team.test.db.select().from(mediaLocks)).toMatchObject([{ reason: 'skip' }]);
  expect(team.now(cards[1] as Message).caption).toBe(cards[1]?.caption);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Alice approve:undo done');
});

test('after the minute nothing is taken back', async () => {
  const question = await say('alice', '/approveall');
  await press(question, 'alice', 'Yes');
  team.clock.advance(60_000);
  const late = 'Undo works for one minute after the decision. That minute is over.';
  expect(await press(question, 'alice', 'Undo all')).toEqual({ text: late, show_alert: true });
  expect(await statuses()).toEqual(['posted', 'posted', 'posted']);
});

test('only what the person saw: a card that came after the question, and what is planned, stay', async () => {
  const question = await say('alice', '/approveall');
  team.clock.advance(1000);
  await team.fill(2);
  await team.nextCard();
  await press(question, 'alice', 'Yes');
  expect(await statuses()).toEqual(['delivered', 'pending', 'posted', 'posted', 'posted']);
});

test('a card about which somebody has asked “Reject?” is left alone, and the question says so', async () => {
  await press(cards[0] as Message, 'bob', 'Reject');
  const question = await say('alice', '/approveall');
  expect(question.text).toBe('Mark 2 cards as posted?\n1 card with an open “Reject?” stays as it is.');
  await press(cards[1] as Message, 'bob', 'Reject');
  await press(question, 'alice', 'Yes');
  expect(await statuses()).toEqual(['delivered', 'delivered', 'posted']);
});

test('where two people are needed it is one approval for each card, and posts what has enough then', async () => {
  await wanting({ approvalsNeeded: 2 });
  await press(cards[0] as Message, 'bob', 'Posted');
  const question = await say('alice', '/approveall');
  expect(question.text).toContain('Each post needs 2 people here');
  await press(question, 'alice', 'Yes');
  expect(team.now(question).text).toBe(
    '✅ 1 card marked as posted by Alice, all at once.\n👍 2 cards approved by Alice; somebody else is needed too.',
  );
  expect(await statuses()).toEqual(['delivered', 'delivered', 'posted']);
  expect(team.now(cards[1] as Message).caption).toContain('Approved by Alice (1 of 2)');
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({ context: { posted: 1, voted: 2 } });

  await press(question, 'alice', 'Undo all');
  expect(await statuses()).toEqual(['delivered', 'delivered', 'delivered']);
  expect(await team.test.db.select().from(approvals)).toHaveLength(1);
  expect(team.now(cards[0] as Message).caption).toContain('Approved by Bob (1 of 2)');
  expect(team.now(cards[1] as Message).caption).not.toContain('Approved');
});

test('four eyes are not passed by: what the admin added waits for somebody else', async () => {
  await wanting({ isFourEyes: true });
  const question = await say('alice', '/approveall');
  await press(question, 'alice', 'Yes');
  expect(team.now(question).text).toBe('3 cards could not be approved by Alice: added by the same person.');
  expect(await statuses()).toEqual(['delivered', 'delivered', 'delivered']);
});

test('pressed twice, or redelivered after an undo, it happens once', async () => {
  const question = await say('alice', '/approveall');
  const data = dataOf(question, 'Yes');
  await press(question, 'alice', 'Yes');
  const tap = team.telegram.lastUpdate(({ callback_query: query }) => query?.data === data);
  await team.alice.tap(team.group, data, { messageId: question.message_id });
  await team.settle();
  expect(await decisionRows(team.test.db)).toHaveLength(3);
  team.telegram.redeliver(tap, { newUpdateId: true });
  await team.settle();
  await team.services.renderer.sweep();
  for (const card of cards) await press(card, 'alice', 'Undo');
  team.telegram.redeliver(tap, { newUpdateId: true });
  await team.settle();
  expect(await statuses()).toEqual(['delivered', 'delivered', 'delivered']);
});

test('two admins at once in the same chat: each card is decided once', async () => {
  const ids = await addCards(team.test.db, await addMedia(team.test.db, 20), team.group.id);
  const userId = await alices();
  const once = (key: string) =>
    team.services.approveAll.approve(
      {
        chatId: team.group.id,
        userId,
        now: NOON,
        interaction: {
          type: 'callback',
          name: 'approve:confirm',
          userId,
          chatId: team.group.id,
          messageId: 1,
          deliveryKey: key,
          createdAt: NOON,
          elapsedMs: () => 5,
          context: {},
          outcome: 'done',
          isRecorded: false,
        },
      },
      NOON,
    );
  const results = await Promise.all([once('1:cb:1'), once('1:cb:2')]);
  const posted = results.flatMap((result) => result?.posted ?? []);
  expect(posted).toHaveLength(new Set(posted).size);
  expect(posted).toHaveLength(ids.length + cards.length);
  expect(await decisionRows(team.test.db)).toHaveLength(ids.length + cards.length);
});

test('in private the admin’s team chat is meant, and another chat’s data is refused', async () => {
  const question = await say('alice', '/approveall', team.alice.privateChat);
  await press(question, 'alice', 'Yes');
  expect(await statuses()).toEqual(['posted', 'posted', 'posted']);
  const foreign = await team.alice.tap(team.alice.privateChat, `approve:confirm:-100999.${NOON.getTime()}`);
  expect(foreign).toEqual({ text: 'That is not one of your chats.', show_alert: true });
});

test('members are refused, by command and by button', async () => {
  expect((await say('bob', '/approveall')).text).toContain('This is for admins');
  const question = await say('alice', '/approveall');
  for (const button of ['Yes', 'No']) expect(await press(question, 'bob', button)).toMatchObject({ show_alert: true });
  expect(await statuses()).toEqual(['delivered', 'delivered', 'delivered']);
});

test('with nothing waiting it says so', async () => {
  await team.test.db.update(queueItems).set({ status: 'skipped' });
  expect((await say('alice', '/approveall')).text).toBe('📭 No card waits for a decision.');
});

test('many categories and a long name stay short', () => {
  const categories = Array.from({ length: 30 }, (_, index) => ({ category: `category ${index}`, count: 1 }));
  const { text } = approveAllQuestion({ categories, asked: 0, approvalsNeeded: 1 }, -1, NOON);
  expect(text.text).toMatch(/category 7 1, others 22$/);
  const done = approvedAllMessage({ posted: ['a'], voted: [], own: 0 }, '👩‍👩‍👧‍👦'.repeat(99), -1, NOON);
  expect(done.text.text.length).toBeLessThan(200);
});
