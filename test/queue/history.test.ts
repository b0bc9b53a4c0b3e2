import { eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats, queueItems } from '../../src/db/schema/index.ts';
import { historyMessage, parseHistoryArguments } from '../../src/queue/history-messages.ts';
import { interactionRows } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const HOUR = 3_600_000;

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

async function say(person: 'alice' | 'bob' | 'charlie', text: string, chat: { id: number } = team.group) {
  team[person].send(chat, text);
  await team.settle();
  const message = team.telegram.messages(chat).findLast(({ from }) => from?.is_bot);
  if (!message) throw new Error('no answer');
  return message;
}
async function press(card: Message, person: 'alice' | 'bob' | 'dana', button: string) {
  await team[person].press(team.now(card), button);
  await team.settle();
}
/** Cards with the file names a.jpg, b.jpg, … */
async function cards(count: number): Promise<Message[]> {
  await team.fill(count);
  const all = [];
  for (let index = 0; index < count; index += 1) all.push(await team.nextCard());
  return all;
}
const linesOf = (message: Message) => (message.text ?? '').replaceAll(/photo \S+ #(\d+)\.jpg/g, 'photo').split('\n');

test('an empty history says what to do', async () => {
  expect((await say('bob', '/history')).text).toBe('📭 Nothing has been decided here yet.\n/next brings a card.');
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionName: '/history',
    context: { items_shown: 0, outcome: 'done' },
  });
});

test('the last five, newest first: icon, time in the chat’s zone, who, the file with a link to its card, why', async () => {
  await team.test.db
    .update(chats)
    .set({ rejectReasons: ['too dark'] })
    .where(eq(chats.id, team.group.id));
  const all = await cards(6);
  for (const [index, card] of all.entries()) {
    team.clock.advance(60_000);
    if (index === 4) {
      await press(card, 'dana', 'Reject');
      await press(card, 'dana', 'too dark');
    } else await press(card, 'bob', index % 2 === 0 ? 'Posted' : 'Skip');
  }
  await press(all[5] as Message, 'bob', 'Undo');
  const message = await say('bob', '/history');
  expect(linesOf(message)).toEqual([
    '🗒 Last in Team',
    '⏭️ Fri 20 Nov 12:06 · Bob, undone by Bob',
    'photo',
    '🚫 Fri 20 Nov 12:05 · Dana',
    'photo · too dark',
    '⏭️ Fri 20 Nov 12:04 · Bob',
    'photo',
    '✅ Fri 20 Nov 12:03 · Bob',
    'photo',
    '⏭️ Fri 20 Nov 12:02 · Bob',
    'photo',
    '',
    'Times are Europe/Berlin.',
  ]);
  const urls = message.entities?.flatMap((entity) => (entity.type === 'text_link' ? [entity.url] : []));
  expect(urls).toEqual(
    [...all]
      .reverse()
      .slice(0, 5)
      .map((card) => `https://t.me/c/${String(team.group.id).slice(4)}/${card.message_id}`),
  );
});

test('cards that could not be sent, or that nobody decided in time, stand there with their reason', async () => {
  await cards(2);
  const [failed, discarded] = await team.test.db.select().from(queueItems).orderBy(queueItems.id);
  const change = (id: string | undefined, values: Partial<typeof queueItems.$inferInsert>) =>
    team.test.db
      .update(queueItems)
      .set(values)
      .where(eq(queueItems.id, id ?? ''));
  await change(failed?.id, { status: 'failed', failure: 'sendPhoto: 400 Bad Request: wrong file' });
  await change(discarded?.id, { status: 'cancelled', failure: 'nobody decided within 48 h', waitingSince: NOON });
  team.clock.advance(49 * HOUR);
  expect(linesOf(await say('bob', '/history 2'))).toEqual([
    '🗒 Last in Team',
    '⌛ Sun 22 Nov 12:00 · nobody',
    'photo · nobody decided within 48 h',
    '⚠️ Fri 20 Nov 12:00 · not sent',
    'photo · sendPhoto: 400 Bad Request: wrong file',
    '',
    'Times are Europe/Berlin.',
  ]);
});

test('what was planned and taken out by /reset never was a card, and is no history', async () => {
  await team.fill(1);
  await team.test.db.update(queueItems).set({ status: 'cancelled', failure: 'taken out of the queue by /reset' });
  expect((await say('bob', '/history')).text).toContain('Nothing has been decided');
});

test('a member asks in private about the own team chat; the history of another chat stays there', async () => {
  const [card] = await cards(1);
  await press(card as Message, 'bob', 'Posted');
  expect((await say('bob', '/history', team.bob.privateChat)).text).toContain('Bob');
  const answer = await team.bob.tap(team.bob.privateChat, 'queue:history:-100999');
  expect(answer).toEqual({ text: 'That is not one of your chats.', show_alert: true });
});

test('a stranger learns nothing', async () => {
  const [card] = await cards(1);
  await press(card as Message, 'bob', 'Posted');
  expect((await say('charlie', '/history', team.charlie.privateChat)).text).not.toContain('Bob');
});

test('a number out of range, or none, gets one sentence', async () => {
  for (const text of ['0', '21', 'five', '-3', '1.5', '3 4']) {
    expect(parseHistoryArguments(text)).toBe('Please send a number from 1 to 20, like /history 10.');
  }
  expect([parseHistoryArguments(''), parseHistoryArguments('1'), parseHistoryArguments('20')]).toEqual([5, 1, 20]);
  expect((await say('bob', '/history 21')).text).toBe('Please send a number from 1 to 20, like /history 10.');
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({ context: { outcome: 'failed' } });
});

test('twenty entries with the longest names and reasons fit into one message', () => {
  const long = '👩‍👩‍👧‍👦'.repeat(50);
  const entry = {
    at: NOON,
    what: 'rejected',
    reason: long,
    isOneOfMany: true,
    label: long,
    messageId: 1,
    isUndone: true,
  } as const;
  const entries = Array.from({ length: 20 }, () => ({ ...entry, by: long, undoneBy: long }));
  const text = historyMessage(entries, { id: team.group.id, title: long, timeZone: 'UTC' }, NOON).text;
  expect(text.length).toBeLessThanOrEqual(4096);
});
