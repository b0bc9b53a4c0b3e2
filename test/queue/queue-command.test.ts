import type { Message } from 'grammy/types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { interactionRows } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeAll(async () => {
  team = await startTeam();
  await team.fill(11);
  await team.nextCard();
});
afterAll(() => team.stop());

const lastRow = async () => (await interactionRows(team.test.db)).at(-1);
async function list(chat: { id: number }): Promise<Message> {
  team.bob.send(chat, '/queue');
  await team.settle();
  const message = team.telegram.messages(chat).findLast(({ from }) => from?.is_bot);
  if (!message) throw new Error('no answer');
  return message;
}

test('/queue shows the plan in pages and the card that waits, and turns pages in the same message', async () => {
  const first = await list(team.group);
  expect(first.text).toMatch(/^📅 Coming 1–8 of 10\n/);
  expect(first.text).toContain('⏳ Waiting for a decision 1\n• photo');
  expect(await lastRow()).toMatchObject({ context: { items_shown: 8, total_queue: 10 } });
  await team.bob.press(first, 'Later');
  await team.settle();
  expect(team.now(first).text).toMatch(/^📅 Coming 9–10 of 10\n/);
  expect(await lastRow()).toMatchObject({
    interactionName: 'queue:page',
    context: { items_shown: 2, outcome: 'done' },
  });
  await team.dana.press(team.now(first), 'Earlier');
  await team.settle();
  expect(team.now(first).text).toBe(first.text);
});

test('turning to the page that is there already, or to one that is gone, harms nothing', async () => {
  const first = await list(team.group);
  const turn = (page: string) =>
    team.bob.tap(team.group, `queue:page:${team.group.id}.${page}`, { messageId: first.message_id });
  expect(await turn('0')).not.toMatchObject({ show_alert: true });
  expect(await turn('999')).not.toMatchObject({ show_alert: true });
  await team.settle();
  expect(team.now(first).text).toMatch(/^📅 Coming 9–10 of 10/);
});

test('in private a member sees the plan of the own team chat, and of no other', async () => {
  const message = await list(team.bob.privateChat);
  expect(message.text).toMatch(/^📅 Coming 1–8 of 10/);
  const foreign = await team.bob.tap(team.bob.privateChat, 'queue:page:-100999.0', { messageId: message.message_id });
  expect(foreign).toEqual({ text: 'That is not one of your chats.', show_alert: true });
  await team.settle();
  expect(await lastRow()).toMatchObject({ interactionName: 'queue:page', context: { outcome: 'denied' } });
});
