import { asc, eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats, decisions, mediaLocks, queueItems } from '../../src/db/schema/index.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

const HOUR = 3_600_000;

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

const look = () => team.services.lookAfterWaiting();
const reminders = () => team.telegram.messages(team.group).filter(({ text }) => text?.startsWith('⏰'));
const items = () => team.test.db.select().from(queueItems).orderBy(asc(queueItems.id));
const set = (changes: Partial<typeof chats.$inferInsert>) => team.test.db.update(chats).set(changes);
async function card(): Promise<Message> {
  await team.fill(1);
  return team.nextCard();
}

test('a card that waits is mentioned once, after twelve hours, with a link to it', async () => {
  const waiting = await card();
  team.clock.advance(12 * HOUR - 1);
  await look();
  expect(reminders()).toEqual([]);
  team.clock.advance(1);
  await look();
  await look();
  team.clock.advance(20 * HOUR);
  await look();
  const [reminder, ...more] = reminders();
  expect(more).toEqual([]);
  expect(reminder?.reply_to_message?.message_id).toBe(waiting.message_id);
  expect(reminder?.text).toMatch(
    /^⏰ This one has been waiting for 12 h\.\n👉 photo .*\nWithout a decision it leaves the queue in 1 d 12 h\.$/,
  );
  const url = `https://t.me/c/${String(team.group.id).slice(4)}/${waiting.message_id}`;
  expect(reminder?.entities).toContainEqual(expect.objectContaining({ type: 'text_link', url }));
});

test('several cards are mentioned a minute apart, the longest waiting first', async () => {
  const first = await card();
  team.clock.advance(1000);
  const second = await card();
  team.clock.advance(13 * HOUR);
  await look();
  expect(reminders().map((one) => one.reply_to_message?.message_id)).toEqual([first.message_id]);
  await look();
  expect(reminders().map((one) => one.reply_to_message?.message_id)).toEqual([first.message_id, second.message_id]);
});

test('a reminder of a card that was deleted comes all the same, and names it', async () => {
  const waiting = await card();
  team.telegram.deleteMessage(waiting);
  team.clock.advance(12 * HOUR);
  await look();
  expect(reminders()).toMatchObject([{ text: expect.stringContaining('👉 photo') }]);
});

test('a reminder that Telegram asks to wait with is said later; one without an answer is not said twice', async () => {
  await card();
  team.clock.advance(12 * HOUR);
  team.telegram.arm('sendMessage', {
    error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 7 } },
  });
  await look();
  expect(reminders()).toEqual([]);
  team.telegram.arm('sendMessage', { cut: 'after' });
  await look();
  await look();
  expect(reminders()).toHaveLength(1);
});

test('decided cards are neither mentioned nor taken out', async () => {
  const waiting = await card();
  await team.bob.press(waiting, 'Skip');
  team.clock.advance(100 * HOUR);
  await look();
  expect(reminders()).toEqual([]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'skipped' });
});

test('a card that nobody decides for 48 hours leaves the queue with the reason; its buttons go, its media stay free', async () => {
  const waiting = await card();
  await team.bob.press(waiting, 'Reject');
  await team.settle();
  const posted = dataOf(waiting, 'Posted');
  team.clock.advance(48 * HOUR - 1);
  await look();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
  team.clock.advance(1);
  await look();
  expect(await onlyCard(team.test.db)).toMatchObject({
    status: 'cancelled',
    failure: 'nobody decided within 48 h',
    rejectAskedAt: null,
  });
  expect(team.now(waiting).caption).toContain('⌛ Nobody decided within 48 h, so it is out of the queue.');
  expect(team.now(waiting).caption).toContain('It stays in the library.');
  expect(buttonsOf(team.now(waiting))).toEqual([]);
  const answer = await team.bob.tap(team.group, posted, { messageId: waiting.message_id });
  expect(answer).toMatchObject({ text: expect.stringContaining('out of the queue') });
  await team.settle();
  expect(await team.test.db.select().from(decisions)).toEqual([]);
  expect(await team.test.db.select().from(mediaLocks)).toEqual([]);
  // Not sent again by itself, but it may be planned.
  expect(await team.services.delivery.deliverDue()).toEqual([]);
  expect(await team.services.plan.extend(team.group.id, 1, team.clock.now())).toMatchObject({ planned: 1 });
});

test('both timers are settings of the chat, and 0 switches them off', async () => {
  await card();
  await set({ remindAfterHours: 0, discardAfterHours: 0 });
  team.clock.advance(1000 * HOUR);
  await look();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', remindedAt: null });
  await set({ remindAfterHours: 720, discardAfterHours: 0 });
  await look();
  expect(reminders()).toMatchObject([{ text: expect.not.stringContaining('leaves the queue') }]);
  await set({ discardAfterHours: 1 });
  await look();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'cancelled', failure: 'nobody decided within 1 h' });
});

test('nothing happens in a paused chat, nor in one that the bot has left', async () => {
  await card();
  team.clock.advance(100 * HOUR);
  await set({ isPaused: true, pausedAt: team.clock.now() });
  await look();
  await set({ isPaused: false, pausedAt: null, isActive: false });
  await look();
  expect(reminders()).toEqual([]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered' });
});

test('a tap and the end of the patience at the same moment: one of them wins, whole', async () => {
  const { db } = team.test;
  for (let round = 0; round < 5; round += 1) {
    const waiting = await card();
    team.clock.advance(48 * HOUR);
    const [answer] = await Promise.all([team.bob.press(waiting, 'Posted'), look()]);
    await team.settle();
    const item = (await items()).find(({ messageId }) => messageId === waiting.message_id);
    const made = await db
      .select()
      .from(decisions)
      .where(eq(decisions.queueItemId, item?.id ?? ''));
    expect(made).toHaveLength(item?.status === 'posted' ? 1 : 0);
    const words = item?.status === 'posted' ? /^Posted/ : /out of the queue/;
    expect(answer).toMatchObject({ text: expect.stringMatching(words) });
  }
});
