import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { POSTING_STEPS } from '../../src/queue/card-messages.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { decisionRows, interactionLines, onlyCard, onlyMedium } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

const HOUR = 3_600_000;
const QUESTION = [['🚫 Yes, reject', '↩️ No, keep it']];
const OPEN = [
  ['✅ Posted', '⏭️ Skip'],
  ['🚫 Reject', '🙋 On it'],
  ['👍', 'ℹ️'],
];
/** The line of an open card that goes while a question is on it. */
const STEPS = `\n${POSTING_STEPS}`;
const NOT_OPEN = { text: 'This question is not open any more. Tap Reject on the card to ask again.', show_alert: true };

let team: Team;
let card: Message;
beforeEach(async () => {
  team = await startTeam();
  await team.fill(1);
  card = await team.nextCard();
});
afterEach(() => team.stop());

async function press(person: 'alice' | 'bob' | 'dana', button: string) {
  const answer = await team[person].press(team.now(card), button);
  await team.settle();
  return answer;
}
const lockOf = async () => team.services.media.lockedUntil((await onlyMedium(team.test.db)).id, team.clock.now());

test('Reject asks on the card, and names who asked', async () => {
  expect(await press('bob', 'Reject')).toEqual({ text: 'Reject for ever? Please confirm on the card.' });
  expect(team.now(card).caption).toBe(
    `${card.caption?.replace(STEPS, '')}\n⚠️ Reject for ever? (asked by Bob)\nIt will never be queued again.`,
  );
  expect(buttonsOf(team.now(card))).toEqual(QUESTION);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
});

test('a second Reject changes nothing and points at the question', async () => {
  await press('bob', 'Reject');
  const answer = await team.dana.tap(team.group, dataOf(card, 'Reject'), { messageId: card.message_id });
  expect(answer).toEqual({ text: 'The question is on the card: Yes or No?' });
  await team.settle();
  expect(team.now(card).caption).toContain('asked by Bob');
});

test('"No" restores the card exactly', async () => {
  await press('bob', 'Reject');
  expect(await press('bob', 'No, keep it')).toEqual({ text: 'Kept. The card is as it was.' });
  const { edit_date: _edited, ...now } = team.now(card);
  expect(now).toEqual(card);
  expect(await lockOf()).toBeUndefined();
});

test('T24: another member may confirm, and the rejection is theirs', async () => {
  await press('bob', 'Reject');
  expect(await press('dana', 'Yes, reject')).toEqual({ text: 'Rejected: it will never be queued again.' });
  expect(team.now(card).caption).toContain('🚫 Rejected for ever by Dana\nFri 20 Nov 12:00');
  expect(await lockOf()).toBe('for ever');
  expect((await interactionLines(team.test.db)).slice(1)).toEqual(['Bob reject done', 'Dana confirm_reject done']);
});

test('T24: confirming twice rejects once', async () => {
  await press('bob', 'Reject');
  const question = team.now(card);
  const answers = await Promise.all([team.bob.press(question, 'Yes'), team.dana.press(question, 'Yes')]);
  await team.settle();
  expect(answers[1]).toEqual({ text: 'Already rejected by Bob, Fri 20 Nov 12:00.', show_alert: true });
  expect(await decisionRows(team.test.db)).toHaveLength(1);
});

test('T24: after 24 hours the question is closed, and the card shows its buttons again', async () => {
  await press('bob', 'Reject');
  const question = team.now(card);
  team.clock.advance(24 * HOUR);
  expect(await team.dana.press(question, 'Yes, reject')).toEqual(NOT_OPEN);
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
  await team.services.renderer.sweep();
  expect(team.now(card).caption).toBe(card.caption);
  expect(buttonsOf(team.now(card))).toEqual(OPEN);
  expect(await press('dana', 'Reject')).toMatchObject({ text: 'Reject for ever? Please confirm on the card.' });
  expect(team.now(card).caption).toContain('asked by Dana');
});

test('T24: one moment before the 24 hours are over the question still counts', async () => {
  await press('bob', 'Reject');
  team.clock.advance(24 * HOUR - 1);
  expect(await press('dana', 'Yes, reject')).toEqual({ text: 'Rejected: it will never be queued again.' });
});

test('Yes and No are refused when nothing was asked', async () => {
  const id = dataOf(card, 'Posted').split(':')[1];
  for (const action of ['confirm_reject', 'cancel_reject']) {
    expect(await team.bob.tap(team.group, `${action}:${id}`)).toEqual(NOT_OPEN);
  }
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', version: 1 });
  expect((await interactionLines(team.test.db)).slice(1)).toEqual([
    'Bob confirm_reject noop',
    'Bob cancel_reject noop',
  ]);
});

test('T25: "No" after the rejection is refused, the item stays rejected', async () => {
  await press('bob', 'Reject');
  const question = team.now(card);
  await press('bob', 'Yes, reject');
  const answer = await team.dana.tap(team.group, dataOf(question, 'No'), { messageId: card.message_id });
  expect(answer).toEqual({ text: 'Already rejected by Bob, Fri 20 Nov 12:00.', show_alert: true });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'rejected' });
  expect(await lockOf()).toBe('for ever');
});

test('Posted settles a card whose question is open', async () => {
  await press('bob', 'Reject');
  const answer = await team.dana.tap(team.group, dataOf(card, 'Posted'), { messageId: card.message_id });
  expect(answer).toMatchObject({ text: 'Posted. Not offered again for 30 days.' });
  await team.settle();
  expect(team.now(card).caption).toContain('✅ Posted by Dana');
});
