import { asc, eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { categoryMix, chats, mediaItems, queueItems } from '../../src/db/schema/index.ts';
import { buttonsOf } from '../support/buttons.ts';
import { addMedia } from '../support/cards.ts';
import { interactionRows } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

/** Sends the words and returns the bot's answer. */
async function say(words: string, person = team.alice, chat: { id: number } = team.group) {
  const before = new Set(team.telegram.messages(chat).map(({ message_id: id }) => id));
  person.send(chat, words);
  await team.settle();
  const answer = team.telegram.messages(chat).find(({ message_id: id, from }) => !before.has(id) && from?.is_bot);
  if (!answer) throw new Error(`no answer to ${words}`);
  return answer;
}
const lastRow = async () => (await interactionRows(team.test.db)).at(-1);
const planned = () =>
  team.test.db.select().from(queueItems).where(eq(queueItems.status, 'pending')).orderBy(asc(queueItems.scheduledFor));

test('/schedule plans as many days as the chat wants, and says how much, until when and of what', async () => {
  const { db } = team.test;
  await addMedia(db, 15, { category: 'nature' });
  await addMedia(db, 3, { category: 'people' });
  await db.insert(categoryMix).values([
    { chatId: team.group.id, category: 'nature', ratio: 0.7, validFrom: NOON },
    { chatId: team.group.id, category: 'people', ratio: 0.3, validFrom: NOON },
  ]);
  expect((await say('/schedule')).text).toBe(
    [
      '📅 Planned 18 posts until Wednesday 25 November, 22:00 (Europe/Berlin).',
      '15 nature, 3 people.',
      'people ran out: media of other categories fill in.',
      '3 slots stay empty: nothing else in the library may be posted now.',
      'Send me media in private to fill the plan; what rests comes back by itself.',
    ].join('\n'),
  );
  expect(await lastRow()).toMatchObject({
    interactionName: '/schedule',
    context: { outcome: 'done', days: 7, scheduled: 18, empty: 3 },
  });
  expect(await planned()).toHaveLength(18);
});

test('/schedule with days plans that far; the same again adds nothing, more days go on', async () => {
  await addMedia(team.test.db, 10);
  expect((await say('/schedule 1')).text).toBe('📅 Planned 3 posts until Saturday 21 November, 02:00 (Europe/Berlin).');
  expect((await say('/schedule 1')).text).toBe(
    '📅 The plan already reaches until Saturday 21 November, 02:00 (Europe/Berlin). Nothing was added.',
  );
  expect(await lastRow()).toMatchObject({ context: { outcome: 'noop', scheduled: 0 } });
  expect((await say('/schedule 2')).text).toMatch(/^📅 Planned 3 posts until Sunday 22 November, 02:00/);
});

test('/schedule with an empty library says what to do; a paused chat is planned and told', async () => {
  expect((await say('/schedule 1')).text).toBe(
    '📭 Nothing was planned: nothing in the library may be posted now, and 3 slots are empty.\n' +
      'Send me media in private to fill the plan; what rests comes back by itself.',
  );
  await addMedia(team.test.db, 3);
  await say('/pause');
  expect((await say('/schedule 1')).text).toMatch(/^📅 Planned 3 posts .*\nPosting is paused; \/resume goes on\.$/);
});

test.each(['0', '31', '-1', '7.5', 'seven', '7 days', '1e1', '٣', '007'])(
  'T22: /schedule %s gets one clear sentence and plans nothing',
  async (typed) => {
    await addMedia(team.test.db, 10);
    expect((await say(`/schedule ${typed}`)).text).toBe(
      'Days must be a whole number from 1 to 30, for example /schedule 7. Nothing was planned.',
    );
    expect(await planned()).toEqual([]);
    expect(await lastRow()).toMatchObject({ context: { outcome: 'noop' } });
  },
);

test('members may not plan', async () => {
  await addMedia(team.test.db, 3);
  expect((await say('/schedule', team.bob)).text).toMatch(/^This is for admins\./);
  expect(await planned()).toEqual([]);
});

test('in private with two team chats /schedule 2 asks for which one, and keeps the number', async () => {
  const { alice, telegram, services, test: database } = team;
  await addMedia(database.db, 20);
  const second = telegram.createGroup({ title: 'Second', members: [alice] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  await database.db.update(chats).set({ jitterMinutes: 0 });
  const question = await say('/schedule 2', alice, alice.privateChat);
  expect(buttonsOf(question)).toEqual([['Team'], ['Second']]);
  await alice.press(question, 'Second');
  await team.settle();
  expect(telegram.messages(alice.privateChat).at(-1)?.text).toBe(
    '📅 Planned 6 posts until Sunday 22 November, 02:00 (UTC).',
  );
  expect((await planned()).every(({ chatId }) => chatId === second.id)).toBe(true);
});

test('a category with any name arrives as it is', async () => {
  const name = '<b>*_[x](y) & "q" 🏳️‍🌈';
  await addMedia(team.test.db, 3, { category: name });
  expect((await say('/schedule 1')).text).toContain(`3 ${name}.`);
  expect(await team.test.db.select().from(mediaItems)).toHaveLength(3);
});
