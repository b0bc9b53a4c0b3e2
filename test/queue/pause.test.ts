import { asc, eq, ne } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditLog, chats, queueItems } from '../../src/db/schema/index.ts';
import { buttonsOf } from '../support/buttons.ts';
import { addMedia } from '../support/cards.ts';
import { interactionRows } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

const answers = (chat: { id: number } = team.group) =>
  team.telegram.messages(chat).filter(({ from, photo }) => from?.is_bot && !photo);
async function say(words: string, person = team.alice, chat: { id: number } = team.group): Promise<Message> {
  person.send(chat, words);
  await team.settle();
  const answer = answers(chat).at(-1);
  if (!answer) throw new Error(`no answer to ${words}`);
  return answer;
}
async function press(message: Message, button: string, person = team.alice) {
  const answer = await person.press(team.now(message), button);
  await team.settle();
  return answer;
}
const items = () => team.test.db.select().from(queueItems).orderBy(asc(queueItems.scheduledFor), asc(queueItems.id));
const pending = async () => (await items()).filter(({ status }) => status === 'pending');
const due = () => team.services.delivery.deliverDue();
const lastRow = async () => (await interactionRows(team.test.db)).at(-1);
const audit = async () =>
  (await team.test.db.select().from(auditLog).where(ne(auditLog.action, 'role_changed')).orderBy(asc(auditLog.id))).map(
    ({ action, before, after }) => ({
      action,
      before,
      after,
    }),
  );
const isPaused = async () => (await team.test.db.select().from(chats))[0]?.isPaused;

/** Six posts planned today and tomorrow, paused, and the clock after today's first two. */
async function pausedWithOverdue(): Promise<void> {
  await addMedia(team.test.db, 12);
  await say('/schedule 2');
  await say('/pause');
  team.clock.advance(6.5 * HOUR);
}

test('/pause stops the clock’s posts, says what stands still, and is one row in the audit log', async () => {
  await team.fill(3);
  await team.nextCard();
  expect((await say('/pause')).text).toBe(
    '⏸️ Posting is paused.\n2 planned posts and the timer of 1 waiting card stand still.\nButtons and /next work as ever. /resume goes on.',
  );
  team.clock.advance(12 * HOUR);
  expect(await due()).toEqual([]);
  expect(await audit()).toEqual([
    { action: 'setting_changed', before: { isPaused: false }, after: { isPaused: true } },
  ]);
  expect(await lastRow()).toMatchObject({ interactionName: '/pause', context: { outcome: 'done', pending: 2 } });
});

test('the second /pause says since when, and changes nothing', async () => {
  await say('/pause');
  team.clock.advance(HOUR);
  expect((await say('/pause')).text).toBe('⏸️ Already paused since today 12:00.\n/resume goes on.');
  expect(await audit()).toHaveLength(1);
  expect(await lastRow()).toMatchObject({ context: { outcome: 'noop' } });
});

test('/next and the buttons work while posting is paused', async () => {
  await team.fill(2);
  await say('/pause');
  const card = await team.nextCard();
  expect(await press(card, 'Posted', team.bob)).toMatchObject({ text: expect.stringContaining('Posted') });
  team.clock.advance(DAY);
  expect(await due()).toEqual([]);
});

test('/resume without anything overdue goes on at once; without a pause it says so', async () => {
  await team.fill(1);
  expect((await say('/resume')).text).toBe('▶️ Posting is not paused.\nNext card: today 14:00 (Europe/Berlin).');
  expect(await lastRow()).toMatchObject({ context: { outcome: 'noop' } });
  await say('/pause');
  expect((await say('/resume')).text).toBe('▶️ Posting goes on.\nNext card: today 14:00 (Europe/Berlin).');
  expect((await audit()).at(-1)).toEqual({
    action: 'setting_changed',
    before: { isPaused: true },
    after: { isPaused: false },
  });
  team.clock.advance(2 * HOUR);
  expect(await due()).toMatchObject([{ kind: 'sent' }]);
});

test('/resume with overdue posts asks, and until it is answered the chat stays paused', async () => {
  await pausedWithOverdue();
  const question = await say('/resume');
  expect(question.text).toMatch(/^⏸️ 2 posts are overdue, 4 come later\.\nWhat should happen to the overdue ones\?\n/);
  expect(buttonsOf(question)).toEqual([['🔄 Reschedule'], ['🗑 Clear overdue'], ['▶️ Send anyway']]);
  expect(await isPaused()).toBe(true);
  expect(await due()).toEqual([]);
});

test('Reschedule gives overdue posts the next slots, in order, and the rest moves behind them', async () => {
  await pausedWithOverdue();
  const before = (await pending()).map(({ id }) => id);
  const question = await say('/resume');
  await press(question, 'Reschedule');
  expect(team.now(question).text).toBe(
    '▶️ Posting goes on.\n2 overdue posts got new times; the order is as it was.\nNext card: today 22:00 (Europe/Berlin).',
  );
  expect(buttonsOf(team.now(question))).toEqual([]);
  const after = await pending();
  expect(after.map(({ id }) => id)).toEqual(before);
  expect(after.map(({ scheduledFor }) => (scheduledFor.getTime() - NOON.getTime()) / HOUR)).toEqual([
    10, 26, 30, 34, 50, 54,
  ]);
  expect(await isPaused()).toBe(false);
  expect(await due()).toEqual([]);
  expect(await lastRow()).toMatchObject({ interactionName: 'resume:reschedule', context: { overdue: 2 } });
  expect((await audit()).slice(-2)).toEqual([
    { action: 'overdue_settled', before: null, after: { choice: 'reschedule', posts: 2 } },
    { action: 'setting_changed', before: { isPaused: true }, after: { isPaused: false } },
  ]);
});

test('Clear overdue takes them out with the reason; their media may be planned again', async () => {
  await pausedWithOverdue();
  const question = await say('/resume');
  await press(question, 'Clear overdue');
  expect(team.now(question).text).toContain('2 overdue posts are out of the queue. The media stay in the library.');
  const cleared = (await items()).filter(({ status }) => status === 'cancelled');
  expect(cleared.map(({ failure }) => failure)).toEqual(Array(2).fill('overdue after a pause, and cleared'));
  expect(await pending()).toHaveLength(4);
  expect((await say('/schedule 10')).text).toMatch(/Planned 8 posts/);
});

test('Send anyway catches up one card a minute, the oldest first', async () => {
  await team.fill(3);
  await say('/pause');
  team.clock.advance(6.5 * HOUR);
  const [first, second] = await pending();
  const question = await say('/resume');
  await press(question, 'Send anyway');
  expect(team.now(question).text).toBe('▶️ Posting goes on.\n2 overdue posts come now, one a minute, the oldest first.');
  expect(await due()).toMatchObject([{ kind: 'sent', queueItemId: first?.id }]);
  expect(await due()).toEqual([]);
  team.letPass(60_000);
  expect(await due()).toMatchObject([{ kind: 'sent', queueItemId: second?.id }]);
  team.letPass(60_000);
  expect(await due()).toEqual([]);
});

test('a button of an old question finds the chat running and changes nothing; so does the second of two admins', async () => {
  await pausedWithOverdue();
  const question = await say('/resume');
  await press(question, 'Send anyway');
  const before = await pending();
  const { group } = team;
  await team.alice.tap(group, `resume:clear:${group.id}`, { messageId: question.message_id });
  await team.settle();
  expect(team.now(question).text).toMatch(/^▶️ Posting is not paused\./);
  expect(await pending()).toEqual(before);
  expect(await lastRow()).toMatchObject({ interactionName: 'resume:clear', context: { outcome: 'noop' } });
});

test('two admins who answer at once settle it once', async () => {
  await pausedWithOverdue();
  const { pauses } = team.services;
  const now = team.clock.now();
  const choices = ['clear', 'reschedule', 'send'] as const;
  const results = await Promise.all(choices.map((overdue) => pauses.resume(team.group.id, { by: null, now, overdue })));
  expect(results.map(({ kind }) => kind).sort()).toEqual(['not_paused', 'not_paused', 'resumed']);
  expect((await audit()).filter(({ action }) => action === 'overdue_settled')).toHaveLength(1);
});

test('members may neither pause nor go on, nor press the buttons', async () => {
  await pausedWithOverdue();
  const question = await say('/resume');
  const denied = { text: expect.stringMatching(/^This is for admins/), show_alert: true };
  expect(await press(question, 'Clear overdue', team.bob)).toEqual(denied);
  expect((await say('/resume', team.bob)).text).toMatch(/^This is for admins/);
  expect(await isPaused()).toBe(true);
  expect(await pending()).toHaveLength(6);
});

test('in private /pause and /resume are about the only team chat', async () => {
  const { alice } = team;
  await say('/pause', alice, alice.privateChat);
  expect(await isPaused()).toBe(true);
  expect((await say('/resume', alice, alice.privateChat)).text).toMatch(/^▶️ Posting goes on\./);
  expect(await isPaused()).toBe(false);
});

test('timers of waiting cards stand still during the pause, also of those that came during it', async () => {
  await team.fill(2);
  await team.nextCard();
  const [first] = await items();
  team.clock.advance(10 * HOUR);
  await say('/pause');
  team.clock.advance(5 * HOUR);
  await team.nextCard();
  const second = (await items()).find(({ id, status }) => status === 'delivered' && id !== first?.id);
  team.clock.advance(100 * HOUR);
  await team.services.lookAfterWaiting();
  expect((await items()).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  await say('/resume');
  const waits = async (id: string | undefined) => {
    const [item] = await team.test.db
      .select()
      .from(queueItems)
      .where(eq(queueItems.id, id ?? ''));
    return (team.clock.now().getTime() - (item?.waitingSince?.getTime() ?? 0)) / HOUR;
  };
  expect(await waits(first?.id)).toBe(10);
  expect(await waits(second?.id)).toBe(0);
});
