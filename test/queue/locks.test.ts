import { asc, eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditLog, decisions, mediaItems, mediaLocks } from '../../src/db/schema/index.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { addMedia } from '../support/cards.ts';
import { decisionRows, interactionLines, interactionRows, onlyMedium } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const DAY = 86_400_000;

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

async function say(person: 'alice' | 'bob', text: string, chat: { id: number } = team.group): Promise<Message> {
  team[person].send(chat, text);
  await team.settle();
  const message = team.telegram.messages(chat).findLast(({ from }) => from?.is_bot);
  if (!message) throw new Error('no answer');
  return message;
}
async function press(message: Message, person: 'alice' | 'bob' | 'dana', button: string) {
  const answer = await team[person].press(team.now(message), button);
  await team.settle();
  return answer;
}
/** A card that Bob has rejected. */
async function rejected(): Promise<Message> {
  await team.fill(1);
  const card = await team.nextCard();
  await press(card, 'bob', 'Reject');
  await press(card, 'bob', 'Yes');
  return card;
}
const figures = async () => {
  const { rejected: count } = await team.services.interactions.getContentDecisions({
    now: team.clock.now(),
    timeZone: 'UTC',
  });
  return count;
};
const auditRows = () => team.test.db.select().from(auditLog).where(eq(auditLog.action, 'item_unrejected'));
const isFree = async () => {
  const { id } = await onlyMedium(team.test.db);
  return (await team.services.media.lockedUntil(id, team.clock.now())) === undefined;
};

test('with nothing locked /locks and /unreject say so', async () => {
  expect((await say('bob', '/locks')).text).toBe('🔓 Nothing is locked: everything in the library is free.');
  expect((await say('alice', '/unreject')).text).toBe('🔓 Nothing is rejected for ever.');
});

test('/locks names what is rejected first, then what rests and until when, and admins may lift', async () => {
  await rejected();
  await team.fill(2);
  await press(await team.nextCard(), 'dana', 'Posted');
  await press(await team.nextCard(), 'dana', 'Skip');
  await team.test.db.update(decisions).set({ reason: 'too dark' }).where(eq(decisions.decision, 'rejected'));
  const message = await say('bob', '/locks');
  expect(message.text?.replaceAll(/photo \S+ #(\d+)\.jpg/g, 'photo')).toBe(
    [
      '🔒 Locked 1 for ever, 2 resting',
      '1. 🚫 photo',
      'by Bob, Fri 20 Nov 12:00 · too dark',
      '2. 💤 photo',
      'posted, until Sun 20 Dec 12:00',
      '3. 💤 photo',
      'skipped, until Mon 4 Jan 2027 12:00',
      '',
      'Times are Europe/Berlin.',
    ].join('\n'),
  );
  expect(buttonsOf(message)).toEqual([]);
  expect(buttonsOf(await say('alice', '/locks'))).toEqual([['🔓 1']]);
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionName: '/locks',
    context: { items_shown: 3, total_locked: 3 },
  });
});

test('ten a page, and locks whose time is over are none', async () => {
  const ids = await addMedia(team.test.db, 13);
  const until = (index: number) => (index < 12 ? new Date(NOON.getTime() + (index + 1) * DAY) : NOON);
  await team.test.db
    .insert(mediaLocks)
    .values(ids.map((mediaItemId, index) => ({ mediaItemId, reason: 'skip' as const, lockedUntil: until(index) })));
  const message = await say('bob', '/locks');
  expect(message.text).toContain('10. 💤 picture 10.jpg');
  expect(message.text).not.toContain('11.');
  expect(buttonsOf(message)).toEqual([['›']]);
  await press(message, 'bob', '›');
  expect(team.now(message).text).toMatch(/11\. 💤 picture 11\.jpg.*12\. 💤 picture 12\.jpg/s);
  expect(team.now(message).text).not.toContain('picture 13');
  await press(message, 'dana', '‹');
  expect(team.now(message).text).toBe(message.text);
});

test('/unreject lists rejections with buttons, asks, and lifts one: it may be queued again', async () => {
  await rejected();
  const list = await say('alice', '/unreject');
  expect(list.text).toMatch(
    /^🚫 Rejected for ever 1–1 of 1\n1\. 🚫 photo .*\nby Bob, Fri 20 Nov 12:00\n\nTap a number/,
  );
  await press(list, 'alice', '🔓 1');
  expect(team.now(list).text).toMatch(/^Lift this rejection\?\n📁 photo .*\nRejected by Bob, Fri 20 Nov 12:00\n/);
  expect(await press(list, 'alice', 'Yes, lift it')).toEqual({ text: 'Lifted.' });
  expect(team.now(list).text).toMatch(
    /^🔓 photo .* is not rejected any more\.\nIt may be queued again\.\nLifted by Alice\.$/,
  );
  expect(await isFree()).toBe(true);
  expect(await team.nextCard()).toMatchObject({ caption: expect.stringContaining('photo') });
  expect((await interactionLines(team.test.db)).slice(-3)).toEqual([
    'Alice /unreject done',
    'Alice locks:ask done',
    'Alice locks:lift done',
  ]);
});

test('what was decided stays: history, figures, and the lock that belongs to the decision, ended', async () => {
  await rejected();
  const list = await say('alice', '/unreject');
  await press(list, 'alice', '🔓 1');
  team.clock.advance(1000);
  await press(list, 'alice', 'Yes, lift it');
  const [decision] = await decisionRows(team.test.db);
  expect(decision).toMatchObject({ decision: 'rejected', undoneAt: null });
  expect(await figures()).toBe(1);
  expect(await team.test.db.select().from(mediaLocks)).toMatchObject([
    { decisionId: decision?.id, reason: 'permanent_reject', lockedUntil: team.clock.now(), replacedBy: null },
  ]);
  const alice = await team.services.users.byTelegramId(team.alice.id);
  expect(await auditRows()).toMatchObject([
    {
      actorId: alice?.id,
      chatId: team.group.id,
      before: { decision_id: decision?.id, locked_until: 'for ever' },
      after: { locked_until: null },
    },
  ]);
});

test('"No" leaves it rejected and goes back to the list', async () => {
  await rejected();
  const list = await say('alice', '/unreject');
  await press(list, 'alice', '🔓 1');
  await press(list, 'alice', 'No');
  expect(team.now(list).text).toBe(list.text);
  expect(await isFree()).toBe(false);
});

test('two admins who lift at once lift once', async () => {
  await rejected();
  await press(await say('alice', '/locks'), 'dana', '🔓 1');
  const dana = await team.services.users.byTelegramId(team.dana.id);
  await team.services.users.admit(dana?.id ?? '', 'admin', NOON);
  team.services.people.forget(team.dana.id);
  const list = await say('alice', '/unreject');
  await press(list, 'alice', '🔓 1');
  const question = team.now(list);
  const answers = await Promise.all([team.alice.press(question, 'Yes'), team.dana.press(question, 'Yes')]);
  await team.settle();
  expect(answers).toEqual([{ text: 'Lifted.' }, { text: 'That rejection is lifted already.', show_alert: true }]);
  expect(await auditRows()).toHaveLength(1);
});

test('lifting by many connections at once happens once', async () => {
  await rejected();
  const [lock] = await team.test.db.select().from(mediaLocks);
  const alice = await team.services.users.byTelegramId(team.alice.id);
  const by = { userId: alice?.id ?? '', now: NOON };
  const results = await Promise.all(Array.from({ length: 8 }, () => team.services.locks.lift(lock?.id ?? '', by)));
  expect(results.filter((result) => result !== undefined)).toHaveLength(1);
  expect(await auditRows()).toHaveLength(1);
});

test('a rest that the rejection had replaced holds again for the rest of its time', async () => {
  await team.fill(1);
  const { id: mediaItemId } = await onlyMedium(team.test.db);
  const lockedUntil = new Date(NOON.getTime() + 10 * DAY);
  await team.test.db.insert(mediaLocks).values({ mediaItemId, reason: 'recent_post', lockedUntil });
  const card = await team.nextCard();
  await press(card, 'bob', 'Reject');
  await press(card, 'bob', 'Yes');
  const list = await say('alice', '/unreject');
  await press(list, 'alice', '🔓 1');
  await press(list, 'alice', 'Yes, lift it');
  expect(team.now(list).text).toContain('It rests until Mon 30 Nov 12:00, as before the rejection');
  expect(await team.services.media.lockedUntil(mediaItemId, NOON)).toEqual(lockedUntil);
});

test('an undo after the lifting changes nothing about it; a new rejection holds again', async () => {
  const card = await rejected();
  const list = await say('alice', '/unreject');
  await press(list, 'alice', '🔓 1');
  await press(list, 'alice', 'Yes, lift it');
  expect(await press(card, 'bob', 'Undo')).toMatchObject({ text: 'Undone: the card is open again.' });
  expect(await isFree()).toBe(true);
  await press(card, 'bob', 'Reject');
  await press(card, 'bob', 'Yes');
  expect(await isFree()).toBe(false);
  expect(await team.test.db.select().from(mediaLocks)).toHaveLength(1);
});

test('members may look and not lift, whatever button they press', async () => {
  await rejected();
  expect((await say('bob', '/unreject')).text).toContain('This is for admins');
  const list = await say('alice', '/locks');
  const refusal = { text: 'This is for admins. /stats shows your own figures.', show_alert: true };
  expect(await press(list, 'bob', '🔓 1')).toEqual(refusal);
  const lift = dataOf(list, '🔓 1').replace('ask', 'lift');
  expect(await team.bob.tap(team.group, lift)).toEqual(refusal);
  expect(await isFree()).toBe(false);
});

test('an admin lifts in private too', async () => {
  await rejected();
  const list = await say('alice', '/unreject', team.alice.privateChat);
  await press(list, 'alice', '🔓 1');
  await press(list, 'alice', 'Yes, lift it');
  await press(list, 'alice', '‹ All rejected');
  expect(team.now(list).text).toBe('🔓 Nothing is rejected for ever.');
});

test('/unreject with something behind it gets one sentence', async () => {
  expect((await say('alice', '/unreject paris.jpg')).text).toBe(
    'Send /unreject alone: it lists what is rejected, with a button for each.',
  );
});

test('media that left the library are not listed', async () => {
  await rejected();
  await team.test.db.update(mediaItems).set({ isActive: false });
  expect((await say('bob', '/locks')).text).toContain('Nothing is locked');
  expect(await team.test.db.select().from(mediaLocks).orderBy(asc(mediaLocks.id))).toHaveLength(1);
});
