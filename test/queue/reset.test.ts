import { eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditLog, mediaItems, queueItems } from '../../src/db/schema/index.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { interactionRows } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

async function reset(person = team.alice): Promise<Message> {
  person.send(team.group, '/reset');
  await team.settle();
  const answer = team.telegram.messages(team.group).findLast(({ from, photo }) => from?.is_bot && !photo);
  if (!answer) throw new Error('no answer');
  return answer;
}
async function press(message: Message, button: string, person = team.alice) {
  const answer = await person.press(team.now(message), button);
  await team.settle();
  return answer;
}
const statuses = async () => (await team.test.db.select().from(queueItems)).map(({ status }) => status).sort();
const lastRow = async () => (await interactionRows(team.test.db)).at(-1);
const audit = () => team.test.db.select().from(auditLog).where(eq(auditLog.action, 'queue_reset'));

test('/reset asks, and after Yes nothing is planned; media and waiting cards stay', async () => {
  await team.fill(3);
  await team.nextCard();
  const question = await reset();
  expect(question.text).toBe(
    '🗑 Take 2 planned posts out of the queue of Team?\nThe media stay in the library. Cards that wait for a decision stay, too.',
  );
  expect(buttonsOf(question)).toEqual([['🗑 Yes, take out', '↩️ No']]);
  await press(question, 'Yes');
  expect(team.now(question).text).toBe(
    '🗑 2 posts are out of the queue.\nThe media stay in the library.\nWithin the hour I plan anew from the library; /schedule does it now, /pause stops it.',
  );
  expect(await statuses()).toEqual(['cancelled', 'cancelled', 'delivered']);
  expect(await team.test.db.select().from(mediaItems).where(eq(mediaItems.isActive, true))).toHaveLength(3);
  expect(await lastRow()).toMatchObject({ interactionName: 'reset:confirm', context: { outcome: 'done', cleared: 2 } });
  expect(await audit()).toMatchObject([{ action: 'queue_reset', before: { pending: 2 } }]);
});

test('No changes nothing, and with nothing planned there is nothing to ask', async () => {
  expect((await reset()).text).toBe('📭 Nothing is planned, so there is nothing to take out.');
  await team.fill(1);
  const question = await reset();
  await press(question, 'No');
  expect(team.now(question).text).toBe('↩️ Nothing was changed.');
  expect(await statuses()).toEqual(['pending']);
});

test('Yes to a plan that has changed meanwhile asks again with the new number', async () => {
  await team.fill(2);
  const question = await reset();
  await team.fill(1);
  await press(question, 'Yes');
  expect(team.now(question).text).toMatch(/^🗑 Take 3 planned posts out/);
  expect(await statuses()).toEqual(['pending', 'pending', 'pending']);
  await press(question, 'Yes');
  expect(await statuses()).toEqual(['cancelled', 'cancelled', 'cancelled']);
});

test('Yes after ten minutes asks again; the second of two presses finds nothing to take out', async () => {
  await team.fill(2);
  const question = await reset();
  const old = dataOf(question, 'Yes');
  team.clock.advance(600_000);
  await press(question, 'Yes');
  expect(team.now(question).text).toMatch(/^🗑 Take 2 planned posts out/);
  expect(await statuses()).toEqual(['pending', 'pending']);
  await press(question, 'Yes');
  await team.alice.tap(team.group, old, { messageId: question.message_id });
  await team.settle();
  expect(team.now(question).text).toBe('📭 Nothing is planned, so there is nothing to take out.');
  expect(await lastRow()).toMatchObject({ context: { outcome: 'noop' } });
});

test('members may neither ask nor press', async () => {
  await team.fill(1);
  const question = await reset();
  expect(await press(question, 'Yes', team.bob)).toMatchObject({ text: expect.stringMatching(/^This is for admins/) });
  expect((await reset(team.bob)).text).toMatch(/^This is for admins/);
  expect(await statuses()).toEqual(['pending']);
});

test('two who confirm at once empty the plan once', async () => {
  await team.fill(2);
  const { resets } = team.services;
  const act = { by: null, now: team.clock.now(), expected: 2 };
  const results = await Promise.all([1, 2, 3].map(() => resets.reset(team.group.id, act)));
  expect(results.map(({ kind }) => kind).sort()).toEqual(['changed', 'changed', 'reset']);
  expect(await audit()).toHaveLength(1);
});
