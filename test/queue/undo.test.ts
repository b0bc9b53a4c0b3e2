import { asc } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats, mediaLocks, queueItems } from '../../src/db/schema/index.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { addCards, addChat, addMedia } from '../support/cards.ts';
import { decisionRows, interactionLines, onlyCard, onlyMedium } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const DAY = 86_400_000;
const TOO_LATE = { text: 'Undo works for one minute after the decision. That minute is over.', show_alert: true };

let team: Team;
let card: Message;
beforeEach(async () => {
  team = await startTeam();
  await team.fill(1);
  card = await team.nextCard();
});
afterEach(() => team.stop());

async function press(person: 'alice' | 'bob' | 'dana', button: string, message = card) {
  const answer = await team[person].press(team.now(message), button);
  await team.settle();
  return answer;
}
const locks = () => team.test.db.select().from(mediaLocks).orderBy(asc(mediaLocks.id));
const figures = () => team.services.interactions.getContentDecisions({ now: team.clock.now(), timeZone: 'UTC' });

test('the decider undoes within the minute: item, lock, counter, last post and figures are as before', async () => {
  const [cardBefore, mediumBefore] = [await onlyCard(team.test.db), await onlyMedium(team.test.db)];
  await press('bob', 'Posted');
  expect(await onlyMedium(team.test.db)).toMatchObject({ timesPosted: 1, lastPostedAt: NOON });
  team.clock.advance(59_999);
  expect(await press('bob', 'Undo')).toEqual({ text: 'Undone: the card is open again.' });
  const { version, renderedVersion, ...after } = await onlyCard(team.test.db);
  expect({ ...after, version: 1, renderedVersion: 1 }).toEqual(cardBefore);
  expect(renderedVersion).toBe(version);
  expect(await onlyMedium(team.test.db)).toEqual(mediumBefore);
  expect(await locks()).toEqual([]);
  expect(await figures()).toMatchObject({ total_decisions: 0, posted: 0 });
  expect(await decisionRows(team.test.db)).toMatchObject([{ decision: 'posted', undoneAt: team.clock.now() }]);
  expect((await interactionLines(team.test.db)).slice(1)).toEqual(['Bob posted done', 'Bob undo done']);
});

test('after an undo the card can be decided anew', async () => {
  await press('bob', 'Posted');
  await press('bob', 'Undo');
  expect(await press('dana', 'Skip')).toEqual({ text: 'Skipped. Not offered again for 45 days.' });
  expect(team.now(card).caption).toContain('⏭️ Skipped by Dana');
  expect(await figures()).toMatchObject({ total_decisions: 1, posted: 0, skipped: 1 });
});

test('an admin undoes what somebody else decided', async () => {
  await press('bob', 'Skip');
  expect(await press('alice', 'Undo')).toEqual({ text: 'Undone: the card is open again.' });
  const [decision] = await decisionRows(team.test.db);
  expect(decision?.undoneBy).not.toBe(decision?.userId);
});

test('another member may not undo, and reads who may', async () => {
  await press('bob', 'Posted');
  const answer = await press('dana', 'Undo');
  expect(answer).toEqual({ text: 'Only Bob or an admin can undo this, within one minute.', show_alert: true });
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted' });
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Dana undo denied');
});

test('after 60 seconds nobody undoes', async () => {
  await press('bob', 'Posted');
  team.clock.advance(60_000);
  expect(await press('bob', 'Undo')).toEqual(TOO_LATE);
  expect(await press('alice', 'Undo')).toEqual(TOO_LATE);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted' });
});

test('undoing twice undoes once', async () => {
  await press('bob', 'Posted');
  const decided = team.now(card);
  const answers = await Promise.all([team.bob.press(decided, 'Undo'), team.alice.press(decided, 'Undo')]);
  expect(answers).toEqual([{ text: 'Undone: the card is open again.' }, TOO_LATE]);
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
});

test('the undo button goes away when its minute is over', async () => {
  await press('bob', 'Posted');
  expect(buttonsOf(team.now(card))).toEqual([['↩️ Undo', '👍']]);
  team.clock.advance(59_999);
  expect(await team.services.renderer.sweep()).toBe(0);
  team.clock.advance(1);
  expect(await team.services.renderer.sweep()).toBe(1);
  expect(buttonsOf(team.now(card))).toEqual([['👍']]);
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
  expect(await team.services.renderer.sweep()).toBe(0);
});

test('a post is locked for 30 days, a skip for 45, a rejection for ever', async () => {
  await press('bob', 'Posted');
  expect(await locks()).toMatchObject([{ reason: 'recent_post', lockedUntil: new Date(NOON.getTime() + 30 * DAY) }]);
  await press('bob', 'Undo');
  await press('bob', 'Skip');
  expect(await locks()).toMatchObject([{ reason: 'skip', lockedUntil: new Date(NOON.getTime() + 45 * DAY) }]);
  await press('bob', 'Undo');
  await press('bob', 'Reject');
  await press('bob', 'Yes, reject');
  expect(await locks()).toMatchObject([{ reason: 'permanent_reject', lockedUntil: null }]);
});

test('undoing a rejection brings back the shorter locks that it replaced', async () => {
  const { db } = team.test;
  const { id: mediaItemId } = await onlyMedium(db);
  const lockedUntil = new Date(NOON.getTime() + 10 * DAY);
  await db.insert(mediaLocks).values({ mediaItemId, reason: 'recent_post', lockedUntil });
  await press('bob', 'Reject');
  await press('bob', 'Yes, reject');
  expect(await team.services.media.lockedUntil(mediaItemId, NOON)).toBe('for ever');
  await press('bob', 'Undo');
  expect(await team.services.media.lockedUntil(mediaItemId, NOON)).toEqual(lockedUntil);
});

test('a medium that two cards rejected stays rejected when one of them is undone', async () => {
  const { db } = team.test;
  const { id: mediaItemId } = await onlyMedium(db);
  const [other = ''] = await addCards(db, [mediaItemId], team.group.id);
  await press('bob', 'Reject');
  await press('bob', 'Yes, reject');
  await team.bob.tap(team.group, `reject:${other}`);
  await team.bob.tap(team.group, `confirm_reject:${other}`);
  await press('bob', 'Undo');
  expect(await team.services.media.lockedUntil(mediaItemId, NOON)).toBe('for ever');
  await team.bob.tap(team.group, `undo:${other}`);
  expect(await team.services.media.lockedUntil(mediaItemId, NOON)).toBeUndefined();
});

test('an undo leaves other media alone', async () => {
  const { db } = team.test;
  const [other = ''] = await addCards(db, await addMedia(db, 1), team.group.id);
  await team.bob.tap(team.group, `posted:${other}`);
  await press('bob', 'Posted');
  await press('bob', 'Undo');
  expect(await figures()).toMatchObject({ total_decisions: 1, posted: 1 });
  expect(await locks()).toHaveLength(1);
});

/** Puts a medium into the plan of the team's chat; its time there. */
async function planAgain(mediaItemId: string): Promise<Date> {
  const chat = await team.services.chats.byId(team.group.id);
  if (!chat) throw new Error('there is no chat');
  return team.services.queue.enqueue({ chat, mediaItemId, userId: null, now: team.clock.now() });
}
const queued = () => team.test.db.select().from(queueItems).orderBy(asc(queueItems.id));

test('where media rest for no days, an undo takes the medium out of this chat’s plan again, and all else stays', async () => {
  const { db } = team.test;
  const { id: mediaItemId } = await onlyMedium(db);
  await db.update(chats).set({ repostLockDays: 0 });
  await press('bob', 'Posted');
  const [before = ''] = await addMedia(db, 1);
  const first = await planAgain(before);
  await planAgain(mediaItemId);
  const [after = ''] = await addMedia(db, 1);
  const last = await planAgain(after);
  const elsewhere = await addChat(db);
  await db.insert(queueItems).values({ chatId: elsewhere, mediaItemId, scheduledFor: last });
  expect(await press('bob', 'Undo')).toEqual({ text: 'Undone: the card is open again.' });
  expect(await queued()).toMatchObject([
    { mediaItemId, status: 'delivered', failure: null },
    { mediaItemId: before, status: 'pending', scheduledFor: first },
    { mediaItemId, status: 'cancelled', failure: 'its earlier card was taken back' },
    { mediaItemId: after, status: 'pending', scheduledFor: last },
    { mediaItemId, status: 'pending', chatId: elsewhere },
  ]);
});

test('a newer card of the medium that is in the chat already stays there, beside the one that is open again', async () => {
  const { id: mediaItemId } = await onlyMedium(team.test.db);
  await team.test.db.update(chats).set({ repostLockDays: 0 });
  await press('bob', 'Posted');
  await planAgain(mediaItemId);
  const newer = await team.nextCard();
  await press('bob', 'Undo');
  expect(await queued()).toMatchObject([{ status: 'delivered' }, { status: 'delivered', failure: null }]);
  expect(await press('bob', 'Posted')).toMatchObject({ text: expect.stringContaining('Posted.') });
  expect(await press('dana', 'Skip', newer)).toMatchObject({ text: expect.stringContaining('Skipped.') });
});

test('there is nothing to undo on a card that nobody has decided', async () => {
  expect(await team.bob.tap(team.group, dataOf(card, 'Posted').replace('posted', 'undo'))).toEqual(TOO_LATE);
});
