import { eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats } from '../../src/db/schema/index.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { HOSTILE } from '../support/hostile.ts';
import { decisionRows, interactionLines, interactionRows, onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
let card: Message;
beforeEach(async () => {
  team = await startTeam();
  await team.fill(1);
  await reasons('too dark', 'blurred');
  card = await team.nextCard();
});
afterEach(() => team.stop());

function reasons(...rejectReasons: string[]) {
  return team.test.db.update(chats).set({ rejectReasons }).where(eq(chats.id, team.group.id));
}
async function press(person: 'alice' | 'bob' | 'dana', button: string) {
  const answer = await team[person].press(team.now(card), button);
  await team.settle();
  return answer;
}
/** Bob taps Reject and "Other…"; the bot's question. */
async function question(): Promise<Message> {
  await press('bob', 'Reject');
  await press('bob', 'Other');
  const prompt = lastOfBot();
  if (!prompt.text?.includes('why is')) throw new Error('the bot did not ask why');
  return prompt;
}
function lastOfBot(): Message {
  const message = team.telegram.messages(team.group).findLast(({ from }) => from?.is_bot);
  if (!message) throw new Error('the bot said nothing');
  return message;
}
async function reply(person: 'bob' | 'dana', prompt: Message, text: string) {
  team[person].send(team.group, text, { replyTo: prompt });
  await team.settle();
  return lastOfBot();
}
const lastRow = async () => (await interactionRows(team.test.db)).at(-1);

test('one tap on a reason rejects, and the reason stands on the card, the decision and the interaction', async () => {
  await press('bob', 'Reject');
  expect(buttonsOf(team.now(card))).toEqual([
    ['🚫 too dark', '🚫 blurred'],
    ['✏️ Other…', '↩️ No, keep it'],
  ]);
  expect(await press('dana', 'too dark')).toEqual({ text: 'Rejected: it will never be queued again.' });
  expect(team.now(card).caption).toContain('🚫 Rejected by Dana · too dark\nFri 20 Nov 12:00');
  expect(await decisionRows(team.test.db)).toMatchObject([{ decision: 'rejected', reason: 'too dark' }]);
  expect(await lastRow()).toMatchObject({
    by: 'Dana',
    interactionType: 'callback',
    interactionName: 'confirm_reject',
    context: { outcome: 'done', reason: 'too dark', queue_item_id: expect.any(String) },
  });
});

test('"No" keeps it, and a rejection with a reason can be undone', async () => {
  await press('bob', 'Reject');
  expect(await press('bob', 'No, keep it')).toEqual({ text: 'Kept. The card is as it was.' });
  await press('bob', 'Reject');
  await press('bob', 'blurred');
  await press('bob', 'Undo');
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
});

test('a button whose reason was changed meanwhile rejects for no other reason', async () => {
  await press('bob', 'Reject');
  await reasons('blurred', 'too old');
  const answer = await press('bob', 'too dark');
  expect(answer).toEqual({
    text: 'The reasons were changed meanwhile. Tap No, then Reject again.',
    show_alert: true,
  });
  expect(await decisionRows(team.test.db)).toEqual([]);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Bob confirm_reject noop');
  // A reason that only moved up is still the same one.
  expect(await press('bob', 'blurred')).toMatchObject({ text: expect.stringContaining('Rejected') });
});

test('"Other…" asks one person by reply, and the answer is the reason', async () => {
  const prompt = await question();
  expect(prompt.text).toMatch(/^✏️ Bob, why is photo .* rejected\?\nReply to this message in at most 200 characters\./);
  expect(prompt.reply_to_message?.message_id).toBe(card.message_id);
  const sent = team.telegram.calls('sendMessage').at(-1)?.payload;
  expect(sent?.reply_markup).toMatchObject({ force_reply: true, selective: true });
  const answer = await reply('bob', prompt, '  The logo is\n missing ');
  expect(answer.text).toBe('Rejected: it will never be queued again.');
  expect(team.now(card).caption).toContain('🚫 Rejected by Bob · The logo is missing\n');
  expect((await interactionLines(team.test.db)).slice(-3)).toEqual([
    'Bob reject done',
    'Bob queue:other done',
    'Bob confirm_reject done',
  ]);
  expect(await lastRow()).toMatchObject({ context: { reason: 'The logo is missing', outcome: 'done' } });
  const question_ = { now: team.clock.now(), timeZone: 'UTC' };
  const bob = await team.services.users.byTelegramId(team.bob.id);
  expect(await team.services.interactions.getUserStats(bob?.id ?? '', question_)).toMatchObject({ posts_rejected: 1 });
});

test('the question survives a restart: nothing is remembered in the process', async () => {
  const prompt = await question();
  await team.stopBot();
  team.startBot();
  await reply('bob', prompt, 'too loud');
  expect(await decisionRows(team.test.db)).toMatchObject([{ reason: 'too loud' }]);
});

test('what somebody else replies is talk, no answer and no interaction', async () => {
  const prompt = await question();
  const before = (await interactionRows(team.test.db)).length;
  await reply('dana', prompt, 'because it is mine');
  expect(await decisionRows(team.test.db)).toEqual([]);
  expect(await interactionRows(team.test.db)).toHaveLength(before);
});

test('a reason that is too long is refused in words, and the question can be answered again', async () => {
  const prompt = await question();
  const refusal = await reply('bob', prompt, 'x'.repeat(201));
  expect(refusal.text).toBe('That is 201 characters, and a reason has 200 at most. Reply to my question again.');
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Bob reject_reason failed');
  expect((await reply('bob', prompt, '\u00a0')).text).toBe(
    'That is no reason. Reply to my question again, in a few words.',
  );
  await reply('bob', prompt, 'x'.repeat(200));
  expect(await decisionRows(team.test.db)).toMatchObject([{ reason: 'x'.repeat(200) }]);
});

test('/cancel leaves the question on the card', async () => {
  const prompt = await question();
  const answer = await reply('bob', prompt, '/cancel');
  expect(answer.text).toBe('No reason, then. The question is still on the card.');
  expect(team.now(card).caption).toContain('Reject for ever? (asked by Bob)');
});

test('an answer after the question was closed, or after somebody decided, changes nothing and says so', async () => {
  const prompt = await question();
  await press('dana', 'No, keep it');
  expect((await reply('bob', prompt, 'too dark')).text).toBe(
    'This question is not open any more. Tap Reject on the card to ask again.',
  );
  await press('dana', 'Skip');
  expect((await reply('bob', prompt, 'too dark')).text).toBe('Already skipped by Dana, Fri 20 Nov 12:00.');
  expect(await decisionRows(team.test.db)).toMatchObject([{ decision: 'skipped' }]);
});

test('"Other…" on a card whose question is closed asks nothing', async () => {
  await press('bob', 'Reject');
  const asked = team.now(card);
  await press('bob', 'No, keep it');
  expect(await team.bob.tap(team.group, dataOf(asked, 'Other'), { messageId: card.message_id })).toMatchObject({
    text: 'This question is not open any more. Tap Reject on the card to ask again.',
  });
});

test('a redelivered answer rejects once', async () => {
  const prompt = await question();
  await reply('bob', prompt, 'too dark');
  await press('bob', 'Undo');
  team.telegram.redeliver(
    team.telegram.lastUpdate(({ message }) => message?.text === 'too dark'),
    { newUpdateId: true },
  );
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
});

test('in a basic group, whose messages have no links, the question carries its card too', async () => {
  await team.stop();
  team = await startTeam({ groupType: 'group' });
  await team.fill(1);
  await reasons('too dark');
  card = await team.nextCard();
  await reply('bob', await question(), 'too loud');
  expect(await decisionRows(team.test.db)).toMatchObject([{ reason: 'too loud' }]);
});

test('T22: hostile words arrive on the card as they were written', async () => {
  const [first = ''] = HOSTILE;
  await reply('bob', await question(), first);
  expect(team.now(card).caption).toContain(`🚫 Rejected by Bob · ${first}\n`);
});
