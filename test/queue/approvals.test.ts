import { asc, eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { approvals, chats, mediaItems, users } from '../../src/db/schema/index.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { decisionRows, interactionLines, onlyCard, onlyMedium } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
let card: Message;
beforeEach(async () => {
  team = await startTeam();
  await team.fill(1);
  await wanting({ approvalsNeeded: 2 });
  card = await team.nextCard();
});
afterEach(() => team.stop());

function wanting(settings: Partial<typeof chats.$inferInsert>) {
  return team.test.db.update(chats).set(settings).where(eq(chats.id, team.group.id));
}
async function press(person: 'alice' | 'bob' | 'dana', button: string) {
  const answer = await team[person].press(team.now(card), button);
  await team.settle();
  return answer;
}
async function voters() {
  const rows = await team.test.db
    .select({ name: users.firstName })
    .from(approvals)
    .innerJoin(users, eq(users.id, approvals.userId))
    .orderBy(asc(approvals.votedAt), asc(users.firstName));
  return rows.map(({ name }) => name);
}
const figures = async () => {
  const question = { now: team.clock.now(), timeZone: 'UTC' };
  const bob = await team.services.users.byTelegramId(team.bob.id);
  return [
    (await team.services.interactions.getContentDecisions(question)).posted,
    (await team.services.interactions.getUserStats(bob?.id ?? '', question)).posts_marked,
  ];
};

test('the first approval is counted on the card and decides nothing', async () => {
  expect(buttonsOf(card)[0]).toEqual(['✅ Posted 0/2', '⏭️ Skip']);
  expect(await press('bob', 'Posted')).toEqual({ text: 'Approved: 1 of 2. 1 more is needed.' });
  expect(team.now(card).caption).toContain('\nApproved by Bob (1 of 2)\n');
  expect(buttonsOf(team.now(card))).toEqual([
    ['✅ Posted 1/2', '⏭️ Skip'],
    ['🚫 Reject', '🙋 On it'],
    ['👍', 'ℹ️'],
    ['↩️ Take my approval back'],
  ]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
  expect(await decisionRows(team.test.db)).toEqual([]);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Bob posted vote');
  expect(await figures()).toEqual([0, 0]);
});

test('the second person decides: the card is posted, and both stand on it', async () => {
  await press('bob', 'Posted');
  expect(await press('dana', 'Posted')).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  expect(team.now(card).caption).toContain('✅ Posted by Dana\nApproved by Bob, Dana\n');
  expect(await onlyMedium(team.test.db)).toMatchObject({ timesPosted: 1 });
  expect((await interactionLines(team.test.db)).slice(-2)).toEqual(['Bob posted vote', 'Dana posted done']);
  expect(await voters()).toEqual(['Bob', 'Dana']);
});

test('the same person counts once, and is told how many are missing', async () => {
  await press('bob', 'Posted');
  expect(await press('bob', 'Posted')).toEqual({ text: 'You have approved it already. 1 more is needed.' });
  expect(await voters()).toEqual(['Bob']);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Bob posted noop');
});

test('an approval is taken back by who gave it, and by nobody else', async () => {
  await press('bob', 'Posted');
  expect(await press('dana', 'Take my approval back')).toEqual({
    text: 'You have not approved this one, so there is nothing of yours to take back.',
    show_alert: true,
  });
  expect(await press('bob', 'Take my approval back')).toEqual({ text: 'Your approval is taken back.' });
  const { edit_date: _edited, ...now } = team.now(card);
  expect(now).toEqual(card);
  expect(await voters()).toEqual([]);
  expect((await interactionLines(team.test.db)).slice(-2)).toEqual(['Dana undo noop', 'Bob undo done']);
});

test('who approves is not on it any more', async () => {
  await press('bob', 'On it');
  await press('bob', 'Posted');
  expect(team.now(card).caption).not.toContain('is on it');
  expect(await onlyCard(team.test.db)).toMatchObject({ claimedBy: null, claimedAt: null, renderAgainAt: null });
  await press('dana', 'On it');
  await press('alice', 'Posted');
  expect(team.now(card).caption).toContain('✅ Posted by Alice');
});

test('skip and reject take one person, whatever was approved', async () => {
  await press('bob', 'Posted');
  expect(await press('dana', 'Skip')).toEqual({ text: 'Skipped. Not offered again for 45 days.' });
  expect(team.now(card).caption).not.toContain('Approved');
});

test('undo takes back the decision and the approval that made it; the one before it stays', async () => {
  await press('bob', 'Posted');
  await press('dana', 'Posted');
  expect(await press('dana', 'Undo')).toEqual({ text: 'Undone: the card is open again.' });
  expect(await voters()).toEqual(['Bob']);
  expect(team.now(card).caption).toContain('Approved by Bob (1 of 2)');
  expect(await figures()).toEqual([0, 0]);
  expect(await press('alice', 'Posted')).toMatchObject({ text: expect.stringContaining('Posted.') });
});

test('the same tap redelivered is one approval, answered as the first time', async () => {
  await press('bob', 'Posted');
  const tap = team.telegram.lastUpdate((update) => update.callback_query !== undefined);
  team.telegram.redeliver(tap, { newUpdateId: true });
  await team.settle();
  expect(await voters()).toEqual(['Bob']);
  expect((await interactionLines(team.test.db)).filter((line) => line.includes('posted'))).toEqual(['Bob posted vote']);
});

test('fewer people wanted: that holds from the next press on, also of somebody who has approved', async () => {
  await wanting({ approvalsNeeded: 3 });
  await press('bob', 'Posted 0');
  await press('dana', 'Posted 1');
  await wanting({ approvalsNeeded: 2 });
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
  expect(await press('bob', 'Posted')).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  expect(team.now(card).caption).toContain('✅ Posted by Bob\nApproved by Bob, Dana\n');
});

test('more people wanted: approvals that were there count', async () => {
  await press('bob', 'Posted');
  await wanting({ approvalsNeeded: 3 });
  expect(await press('dana', 'Posted')).toEqual({ text: 'Approved: 2 of 3. 1 more is needed.' });
  expect(buttonsOf(team.now(card))[0]?.[0]).toBe('✅ Posted 2/3');
});

test('four eyes: who added the item does not approve it, and one other person is enough', async () => {
  await wanting({ approvalsNeeded: 1, isFourEyes: true });
  const own = { text: 'You added this one yourself: somebody else has to approve it.', show_alert: true };
  expect(await press('alice', 'Posted')).toEqual(own);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Alice posted denied');
  expect(await press('bob', 'Posted')).toEqual({ text: 'Posted. Not offered again for 30 days.' });
});

test('four eyes: an approval that who added it gave before does not count any more', async () => {
  await press('alice', 'Posted');
  await wanting({ isFourEyes: true });
  expect(await press('bob', 'Posted')).toEqual({ text: 'Approved: 1 of 2. 1 more is needed.' });
  expect(team.now(card).caption).toContain('Approved by Bob (1 of 2)');
});

test('four eyes: whoever added it may still skip or reject it', async () => {
  await wanting({ isFourEyes: true });
  expect(await press('alice', 'Skip')).toEqual({ text: 'Skipped. Not offered again for 45 days.' });
});

test('four eyes: of a medium that nobody sent, who brought it into the queue is the one who added it', async () => {
  await wanting({ approvalsNeeded: 1, isFourEyes: true });
  await team.test.db.update(mediaItems).set({ addedBy: null });
  expect(await press('alice', 'Posted')).toMatchObject({ show_alert: true });
  expect(await press('bob', 'Posted')).toMatchObject({ text: expect.stringContaining('Posted.') });
});

test('a chat where one is enough keeps no approvals', async () => {
  await wanting({ approvalsNeeded: 1 });
  await team.bob.tap(team.group, dataOf(card, 'Posted'), { messageId: card.message_id });
  await team.settle();
  expect(await voters()).toEqual([]);
  expect(team.now(card).caption).toContain('✅ Posted by Bob\nFri');
});
