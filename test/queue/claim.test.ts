import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { decisionRows, interactionLines, interactionRows, onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

const MINUTE = 60_000;
const CLAIM = 'On it';

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
const handlingTimes = async () => (await decisionRows(team.test.db)).map(({ handlingMs }) => handlingMs);

test('"On it" shows everybody who is posting it right now', async () => {
  expect(await press('bob', CLAIM)).toEqual({ text: 'You are on it until 12:10. The card says so.' });
  expect(team.now(card).caption).toContain('\n🙋 Bob is on it\n');
  expect(buttonsOf(team.now(card))).toEqual(buttonsOf(card));
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    by: 'Bob',
    interactionName: 'queue:claim',
    context: { outcome: 'done', media_filename: expect.any(String), queue_item_id: expect.any(String) },
  });
});

test('another person is told who is on it until when, and nothing changes', async () => {
  await press('bob', CLAIM);
  team.clock.advance(2 * MINUTE);
  expect(await press('dana', CLAIM)).toEqual({ text: 'Bob is on it until 12:10.' });
  expect(team.now(card).caption).toContain('🙋 Bob is on it');
  expect(await press('alice', CLAIM)).toEqual({ text: 'Bob is on it until 12:10.' });
  expect((await interactionLines(team.test.db)).slice(-2)).toEqual(['Dana queue:claim noop', 'Alice queue:claim noop']);
});

test('after ten minutes the card looks as before, and somebody else may be on it', async () => {
  await press('bob', CLAIM);
  team.clock.advance(10 * MINUTE - 1);
  expect(await team.services.renderer.sweep()).toBe(0);
  team.clock.advance(1);
  expect(await team.services.renderer.sweep()).toBe(1);
  expect(team.now(card).caption).toBe(card.caption);
  expect(await press('dana', CLAIM)).toEqual({ text: 'You are on it until 12:20. The card says so.' });
});

test('pressing again prolongs it', async () => {
  await press('bob', CLAIM);
  team.clock.advance(8 * MINUTE);
  expect(await press('bob', CLAIM)).toEqual({ text: 'You are on it until 12:18. The card says so.' });
  team.clock.advance(9 * MINUTE);
  await team.services.renderer.sweep();
  expect(team.now(card).caption).toContain('🙋 Bob is on it');
});

test('it is a hint, no lock: anybody decides, and the claimer’s time is not theirs', async () => {
  await press('bob', CLAIM);
  team.clock.advance(MINUTE);
  expect(await press('dana', 'Posted')).toMatchObject({ text: expect.stringContaining('Posted.') });
  expect(team.now(card).caption).not.toContain('is on it');
  expect(await handlingTimes()).toEqual([null]);
});

test('the handling time runs from the first press to the decision, over everything that prolonged it', async () => {
  await press('bob', CLAIM);
  for (const _ of [1, 2]) {
    team.clock.advance(9 * MINUTE);
    await press('bob', CLAIM);
  }
  team.clock.advance(2 * MINUTE);
  await press('bob', 'Posted');
  expect(await handlingTimes()).toEqual([20 * MINUTE]);
});

test('a claim that was over is no beginning: the time runs from the next one', async () => {
  await press('bob', CLAIM);
  team.clock.advance(60 * MINUTE);
  await press('bob', CLAIM);
  team.clock.advance(3 * MINUTE);
  await press('bob', 'Skip');
  expect(await handlingTimes()).toEqual([3 * MINUTE]);
});

test('who decides after the claim was over, or without one, has no handling time', async () => {
  await press('bob', CLAIM);
  team.clock.advance(10 * MINUTE);
  await press('bob', 'Posted');
  expect(await handlingTimes()).toEqual([null]);
});

test('an undo brings the claim back with the card', async () => {
  await press('bob', CLAIM);
  team.clock.advance(MINUTE);
  await press('dana', 'Skip');
  await press('dana', 'Undo');
  expect(team.now(card).caption).toContain('🙋 Bob is on it');
  team.clock.advance(9 * MINUTE);
  expect(await team.services.renderer.sweep()).toBe(1);
  expect(team.now(card).caption).toBe(card.caption);
});

test('a claim ends in time on a card with an open question, and the question after it', async () => {
  await press('bob', CLAIM);
  await press('dana', 'Reject');
  expect(team.now(card).caption).toContain('🙋 Bob is on it\n⚠️ Reject for ever? (asked by Dana)');
  team.clock.advance(10 * MINUTE);
  await team.services.renderer.sweep();
  expect(team.now(card).caption).not.toContain('is on it');
  expect(team.now(card).caption).toContain('asked by Dana');
  team.clock.advance(24 * 60 * MINUTE);
  await team.services.renderer.sweep();
  expect(team.now(card).caption).toBe(card.caption);
  expect(await onlyCard(team.test.db)).toMatchObject({ renderAgainAt: null });
});

test('a claim survives a question that was answered with No', async () => {
  await press('bob', CLAIM);
  await press('dana', 'Reject');
  await press('dana', 'No, keep it');
  expect(team.now(card).caption).toContain('🙋 Bob is on it');
  team.clock.advance(10 * MINUTE);
  expect(await team.services.renderer.sweep()).toBe(1);
  expect(team.now(card).caption).toBe(card.caption);
});

test('a card that is decided cannot be claimed', async () => {
  await press('bob', 'Posted');
  const answer = await team.dana.tap(team.group, dataOf(card, CLAIM), { messageId: card.message_id });
  expect(answer).toEqual({ text: 'Already posted by Bob, Fri 20 Nov 12:00.', show_alert: true });
});

test('a claim of a card of another chat, or of none, is refused', async () => {
  const forged = 'queue:claim:01234567-89ab-7def-8123-456789abcdef';
  expect(await team.bob.tap(team.group, forged)).toMatchObject({ show_alert: true });
  await team.settle();
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Bob queue:claim denied');
});
