import { sql } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Person } from '../../src/simulator/simulator.ts';
import { dataOf } from '../support/buttons.ts';
import { decisionRows, interactionLines, interactionRows, onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
let card: Message;
beforeEach(async () => {
  team = await startTeam();
  await team.fill(1);
  card = await team.nextCard();
});
afterEach(() => team.stop());

/** What people did since the card arrived. */
async function taps(): Promise<string[]> {
  return (await interactionLines(team.test.db)).filter((line) => !line.includes('upload'));
}

test('T01: of two who tap Posted and Skip together one decides, the other reads who was first', async () => {
  const { bob, dana } = team;
  const [first, second] = await Promise.all([bob.press(card, 'Posted'), dana.press(card, 'Skip')]);
  expect(first).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  expect(second).toEqual({ text: 'Already posted by Bob, Fri 20 Nov 12:00.', show_alert: true });
  await team.settle();
  expect(await decisionRows(team.test.db)).toMatchObject([{ decision: 'posted', undoneAt: null }]);
  expect(await taps()).toEqual(['Bob posted done', 'Dana skip noop']);
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
});

test('T02: a double tap is one decision, and both taps are answered', async () => {
  const { bob, telegram } = team;
  const answers = await Promise.all([bob.press(card, 'Posted'), bob.press(card, 'Posted')]);
  expect(answers).toEqual([
    { text: 'Posted. Not offered again for 30 days.' },
    { text: 'Already posted by you, Fri 20 Nov 12:00.' },
  ]);
  await team.settle();
  expect(await taps()).toEqual(['Bob posted done', 'Bob posted noop']);
  expect(await decisionRows(team.test.db)).toHaveLength(1);
  expect(telegram.calls('editMessageCaption')).toHaveLength(1);
});

test('T03: the same tap delivered again under its update id has no second effect and no second row', async () => {
  const { bob, telegram } = team;
  await bob.press(card, 'Posted');
  await team.settle();
  telegram.redeliver(telegram.lastUpdate((update) => update.callback_query !== undefined));
  await team.settle();
  expect(await taps()).toEqual(['Bob posted done']);
  expect(await decisionRows(team.test.db)).toHaveLength(1);
  expect(telegram.calls('editMessageCaption')).toHaveLength(1);
});

test('T04: the same tap under a new update id and query id has no second effect and is a noop row', async () => {
  const { bob, telegram } = team;
  await bob.press(card, 'Posted');
  await team.settle();
  telegram.redeliver(
    telegram.lastUpdate((update) => update.callback_query !== undefined),
    { newUpdateId: true, newQueryId: true },
  );
  await team.settle();
  expect(await taps()).toEqual(['Bob posted done', 'Bob posted noop']);
  expect(await decisionRows(team.test.db)).toHaveLength(1);
});

test('a tap that is delivered again after its undo does not decide again', async () => {
  const { bob, telegram } = team;
  await bob.press(card, 'Posted');
  const update = telegram.lastUpdate((one) => one.callback_query?.data?.startsWith('posted') ?? false);
  await team.settle();
  await bob.press(team.now(card), 'Undo');
  await team.settle();
  telegram.redeliver(update, { newUpdateId: true });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
  expect(await taps()).toEqual(['Bob posted done', 'Bob undo done']);
  expect(team.now(card).caption).toBe(card.caption);
});

test('T08: an answer that comes too late leaves the decision alone, tells nobody of an error, and is counted', async () => {
  const { bob, telegram, group, services } = team;
  const tooOld = {
    code: 400,
    description: 'Bad Request: query is too old and response timeout expired or query ID is invalid',
  };
  telegram.arm('answerCallbackQuery', { error: tooOld });
  void bob.press(card, 'Posted');
  await telegram.waitForCall('answerCallbackQuery');
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted' });
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
  expect(telegram.messages(group).map(({ message_id: id }) => id)).toEqual([card.message_id]);
  expect(services.counters.read()).toMatchObject({ tap_unanswered_too_old: 1 });
  expect(await taps()).toEqual(['Bob posted done']);
});

test('T09: "message is not modified" is as good as an edit', async () => {
  const { bob, telegram, services } = team;
  const unchanged = { code: 400, description: 'Bad Request: message is not modified: specified new message content' };
  telegram.arm('editMessageCaption', { error: unchanged });
  await bob.press(card, 'Posted');
  await team.settle();
  const { version, renderedVersion } = await onlyCard(team.test.db);
  expect(renderedVersion).toBe(version);
  expect(await services.renderer.sweep()).toBe(0);
});

test('T10: with the card deleted a tap on a copy decides, and a short message says so', async () => {
  const { bob, telegram, group } = team;
  const posted = dataOf(card, 'Posted');
  telegram.deleteMessage(card);
  const answer = await bob.tap(group, posted, { messageId: card.message_id });
  expect(answer).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted' });
  const said = telegram.messages(group).map(({ text }) => text);
  expect(said).toEqual([expect.stringMatching(/^✅ Posted by Bob\n📁 photo .* \(the card itself is gone\)$/)]);
  // The undo button's minute is over: nothing is said a second time.
  team.clock.advance(61_000);
  await team.services.renderer.sweep();
  expect(telegram.messages(group)).toHaveLength(1);
});

test('T11: a tap on a message that Telegram shows no more (date 0) decides by the id', async () => {
  const { bob, group } = team;
  const answer = await bob.tap(group, dataOf(card, 'Skip'), { messageId: card.message_id, inaccessible: true });
  expect(answer).toEqual({ text: 'Skipped. Not offered again for 45 days.' });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'skipped' });
  expect(team.now(card).caption).toContain('⏭️ Skipped by Bob');
});

test('T13: 429 to an answer keeps the decision and is tried once more at most', async () => {
  const { bob, telegram } = team;
  const wait = { code: 429, description: 'Too Many Requests: retry after 0', parameters: { retry_after: 0 } };
  telegram.arm('answerCallbackQuery', { error: wait }, { times: 5 });
  void bob.press(card, 'Posted');
  await telegram.waitFor(() => telegram.calls('answerCallbackQuery').length === 2);
  await team.settle();
  expect(telegram.calls('answerCallbackQuery')).toHaveLength(2);
  expect(team.services.counters.read()).toMatchObject({ tap_unanswered_wait: 1 });
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted' });
});

test('D05: taps on a card that somebody holds for long are answered "busy" in time, and nothing piles up behind it', async () => {
  const { db } = team.test;
  await team.fill(1);
  const held = card;
  const free = await team.nextCard();
  const letGo = Promise.withResolvers<void>();
  const isHeld = Promise.withResolvers<void>();
  const holding = db.transaction(async (tx) => {
    await tx.execute(sql`select id from queue_items where message_id = ${held.message_id} for update`);
    isHeld.resolve();
    await letGo.promise;
  });
  await isHeld.promise;
  const seconds: number[] = [];
  const press = async (person: Person, on: Message, button: string) => {
    const before = performance.now();
    const answer = await person.press(on, button);
    seconds.push((performance.now() - before) / 1000);
    return answer;
  };
  const busy = { text: 'Busy just now: please tap again.' };
  const people = [team.alice, team.bob, team.dana];
  for (const answer of await Promise.all(people.map((person) => press(person, held, 'Posted')))) {
    expect(answer).toMatchObject(busy);
  }
  expect(await press(team.bob, free, 'Posted')).toMatchObject({ text: expect.stringMatching(/^Posted/) });
  expect(Math.max(...seconds)).toBeLessThan(3);
  const waiting = sql`select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  expect(await db.execute(waiting)).toHaveLength(0);
  letGo.resolve();
  await holding;
  expect(await press(team.dana, held, 'Posted')).toMatchObject({ text: expect.stringMatching(/^Posted/) });
});

test('T26: update ids that begin anew are handled like all others', async () => {
  const { bob, telegram } = team;
  telegram.nextUpdateId = 12;
  expect(await bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted' });
});

test('a tap tells how long the card waited and how long the answer took', async () => {
  const { bob, clock } = team;
  clock.advance(90_000);
  await bob.press(card, 'Posted');
  await team.settle();
  expect(await decisionRows(team.test.db)).toMatchObject([{ waitedMs: 90_000, decidedAt: clock.now() }]);
  const row = (await interactionRows(team.test.db)).at(-1);
  expect(row?.context.response_time_ms).toEqual(expect.any(Number));
});
