import type { Update } from 'grammy/types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataOf } from '../support/buttons.ts';
import { interactionLines, onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.stop());

/** Hands the bot an update that the simulator itself never makes, and waits until it is dealt with. */
async function receive(body: Record<string, unknown>): Promise<void> {
  const update: Update = JSON.parse(JSON.stringify({ update_id: 0, ...body }));
  team.telegram.redeliver(update, { newUpdateId: true });
  await team.settle();
}

test.each([
  ['of a kind that does not exist yet', { telepathy: { from: { id: 1 }, thought: 'hm' } }],
  ['with nothing in it', {}],
  [
    'from a channel',
    { channel_post: { message_id: 1, date: 0, chat: { id: -1001, type: 'channel', title: 'C' }, text: '/queue' } },
  ],
  [
    'that edits a message',
    { edited_message: { message_id: 1, date: 0, chat: { id: 102, type: 'private' }, text: '/queue' } },
  ],
])('T21: an update %s is passed over without a failure or a row', async (_what, body) => {
  const calls = team.telegram.calls('sendMessage').length;
  await receive(body);
  expect(team.telegram.calls('sendMessage')).toHaveLength(calls);
  expect(team.services.counters.read().updates_failed).toBeUndefined();
  expect(await interactionLines(team.test.db)).toEqual([]);
});

test('T21: a command with fields that nobody knows yet is a command', async () => {
  const { bob, group, telegram } = team;
  bob.send(group, '/help');
  await team.settle();
  const known = telegram.lastUpdate(({ message }) => message?.text === '/help').message;
  await receive({ message: { ...known, message_id: 4_000, aura: { colour: 'blue' }, from: { ...bob.user, mood: 7 } } });
  expect(await interactionLines(team.test.db)).toEqual(['Bob /help done', 'Bob /help done']);
});

test('T23: a tap without data, and one from an inline message, decide nothing', async () => {
  await team.fill(1);
  const card = await team.nextCard();
  const query = { id: '1', from: team.bob.user, chat_instance: '1' };
  await receive({ callback_query: { ...query, message: card, game_short_name: 'chess' } });
  await receive({ callback_query: { ...query, id: '2', inline_message_id: 'x', data: dataOf(card, 'Posted') } });
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', version: 1 });
  expect((await interactionLines(team.test.db)).slice(-2)).toEqual(['Bob unknown noop', 'Bob posted denied']);
});
