import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import type { Message } from 'grammy/types';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { dataOf } from '../support/buttons.ts';
import { addCards, addChat, addMedia } from '../support/cards.ts';
import { decisionRows, interactionRows, onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

const OTHER_CHAT = -1009999999999;
const NOT_VALID = { text: 'This button is not valid any more. Send /next for a fresh card.', show_alert: true };
const UNKNOWN = { text: 'This button is not valid any more. Send /help for what I can do.', show_alert: true };

let team: Team;
let card: Message;
let foreign: string;
beforeAll(async () => {
  team = await startTeam();
  await team.fill(1);
  card = await team.nextCard();
  const { db } = team.test;
  await addChat(db, OTHER_CHAT);
  [foreign = ''] = await addCards(db, await addMedia(db, 1), OTHER_CHAT);
});
afterAll(() => team.stop());

/** Whatever was tapped: nobody has decided anything, and no card has changed. */
afterEach(async () => {
  await team.settle();
  expect(await decisionRows(team.test.db)).toEqual([]);
  const changed = sql`select id from queue_items where version <> 1 or status <> 'delivered' or reject_asked_at is not null`;
  expect([...(await team.test.db.execute(changed))]).toEqual([]);
  expect(team.now(card)).toEqual(card);
});

async function lastRow() {
  await team.settle();
  return (await interactionRows(team.test.db)).at(-1);
}

test.each(['posted', 'skip', 'reject', 'confirm_reject', 'cancel_reject', 'undo'])(
  'T23: %s of a card of another chat is not valid, changes nothing and is a row',
  async (action) => {
    expect(await team.bob.tap(team.group, `${action}:${foreign}`)).toEqual(NOT_VALID);
    expect(await lastRow()).toMatchObject({
      interactionType: 'callback',
      interactionName: action,
      by: 'Bob',
      context: { outcome: 'denied', queue_item_id: foreign },
    });
  },
);

test('T23: a card that does not exist is not valid', async () => {
  expect(await team.bob.tap(team.group, `posted:${randomUUID()}`)).toEqual(NOT_VALID);
  expect(await lastRow()).toMatchObject({ interactionName: 'posted', context: { outcome: 'denied' } });
});

test('T23: a card of the team tapped in private belongs to another chat', async () => {
  const { bob } = team;
  bob.send(bob.privateChat, '/start');
  await team.telegram.waitForMessage(bob.privateChat, ({ from }) => from?.is_bot === true);
  expect(await bob.tap(bob.privateChat, dataOf(card, 'Posted'))).toEqual({
    text: 'This card belongs to another chat. It can only be decided there.',
    show_alert: true,
  });
  expect(await lastRow()).toMatchObject({
    context: { outcome: 'denied', queue_item_id: (await onlyCard(team.test.db)).id },
  });
});

const real = () => dataOf(card, 'Posted');
test.each([
  ['an id that is no UUID', () => 'posted:17'],
  ['an id in capitals', () => real().replace(/:.*/, (id) => id.toUpperCase())],
  ['SQL for an id', () => "posted:' or 1=1 --"],
  ['an id with something behind it', () => `${real()}:1`],
  ['an action that does not exist', () => real().replace('posted', 'publish')],
  ['the name of a stored decision', () => real().replace('posted', 'skipped')],
  ['an empty id', () => 'posted:'],
  ['a property of every object', () => 'constructor:__proto__'],
  ['words', () => 'posted'],
  ['null bytes', () => 'posted:\u0000'],
])('T23: %s is answered, changes nothing and is recorded', async (_what, data) => {
  expect(await team.bob.tap(team.group, data())).toEqual(UNKNOWN);
  expect(await lastRow()).toMatchObject({ by: 'Bob', context: { outcome: 'noop' } });
});

test('T23: a button of no feature is recorded by its name without the id, all else as unknown', async () => {
  await team.bob.tap(team.group, 'queue:explode:123');
  expect(await lastRow()).toMatchObject({ interactionName: 'queue:explode' });
  await team.bob.tap(team.group, 'posted:17');
  expect(await lastRow()).toMatchObject({ interactionName: 'unknown' });
});

test('T23: 64 random bytes are answered, change nothing and are recorded', async () => {
  const before = (await interactionRows(team.test.db)).length;
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }).filter((it) => Buffer.byteLength(it) <= 64);
  const taps = fc.sample(text, { numRuns: 40, seed: 23 });
  for (const data of taps) {
    expect(await team.bob.tap(team.group, data)).toMatchObject({ show_alert: true });
  }
  await team.settle();
  expect((await interactionRows(team.test.db)).length).toBe(before + taps.length);
});
