import { asc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { auditLog, categoryMix, chats, queueItems } from '../../src/db/schema/index.ts';
import { categoryHistory, listCategories, categoryMix as mixCommand } from '../../src/queue/categories-command.ts';
import { createSchedule } from '../../src/queue/schedule-command.ts';
import { addMedia, servicesOver, TEAM_CHAT } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);
const { settings } = servicesOver(database.database);

beforeEach(async () => {
  await db.execute(sql`truncate chats, media_items, queue_items, category_mix, audit_log cascade`);
  await db.insert(chats).values({ id: TEAM_CHAT, title: 'Team', createdAt: new Date(0) });
});

/** Runs a terminal command and returns what it printed. */
async function printed(
  command: (terminal: {
    database: typeof database.database;
    print: (line: string) => void;
    changeMix: typeof settings.changeMix;
  }) => Promise<void>,
): Promise<string[]> {
  const out: string[] = [];
  await command({
    database: database.database,
    print: (line) => out.push(line),
    changeMix: settings.changeMix,
  });
  return out;
}
const secondChat = () => db.insert(chats).values({ id: -5, title: 'Second' });
const planned = () => db.select().from(queueItems).where(eq(queueItems.status, 'pending'));

test('schedule create plans for every chat, or for the one that --chat names', async () => {
  await addMedia(db, 30);
  await secondChat();
  expect(await printed((terminal) => createSchedule(terminal, { days: '2', chat: '-5' }))).toEqual([
    expect.stringMatching(/^Second: 📅 Planned [4-6] posts until /),
  ]);
  expect((await planned()).every(({ chatId }) => chatId === -5)).toBe(true);
  expect(await printed((terminal) => createSchedule(terminal, {}))).toEqual([
    expect.stringMatching(/^Team: 📅 Planned/),
    expect.stringMatching(/^Second: 📅 Planned/),
  ]);
});

test.each(['0', '31', 'x', ''])('schedule create --days %s is refused in one sentence', async (days) => {
  await expect(printed((terminal) => createSchedule(terminal, { days }))).rejects.toThrow(
    `“${days}” is no number of days from 1 to 30. Nothing was planned.`,
  );
});

test('an unknown chat is refused with the ones that there are', async () => {
  await expect(printed((terminal) => createSchedule(terminal, { chat: '7' }))).rejects.toThrow(
    `There is no team chat 7. There are: ${TEAM_CHAT} (Team).`,
  );
  await db.update(chats).set({ isActive: false });
  await expect(printed((terminal) => listCategories(terminal, {}))).rejects.toThrow('The bot is in no team chat yet');
});

test('categories lists media, what is left, share and days of each category', async () => {
  await addMedia(db, 21, { category: 'nature' });
  await addMedia(db, 3, { category: 'people' });
  await addMedia(db, 1);
  await printed((terminal) => mixCommand(terminal, { set: 'nature=0.7,people=0.3' }));
  await createSchedule({ database: database.database, print: () => {} }, { days: '1' });
  expect(await printed((terminal) => listCategories(terminal, {}))).toEqual([
    'Team: material for 3 days (people ends first)',
    '  category              media   left   share  lasts',
    '  nature                   21     21    70 %  10 days',
    '  people                    3      3    30 %  3 days',
    '  (none)                    1      1       -  -',
  ]);
  const [json = ''] = await printed((terminal) => listCategories(terminal, { json: true }));
  expect(JSON.parse(json)).toMatchObject({
    chat_id: TEAM_CHAT,
    categories: [{ category: 'nature', ratio: 0.7, days: 10 }, { category: 'people' }, { category: null, days: null }],
  });
});

test('categories mix shows and changes the mix, with history and a row in the audit log', async () => {
  await addMedia(db, 1, { category: 'nature' });
  await addMedia(db, 1, { category: 'people' });
  expect(await printed((terminal) => mixCommand(terminal, {}))).toEqual(['Team: all categories alike']);
  expect(await printed((terminal) => mixCommand(terminal, { set: 'nature=0.7,people=0.3' }))).toEqual([
    'Team: nature 70 %, people 30 %',
  ]);
  expect(await printed((terminal) => mixCommand(terminal, { set: 'nature=0.7,people=0.3' }))).toEqual([
    'It was so already.',
    'Team: nature 70 %, people 30 %',
  ]);
  await printed((terminal) => mixCommand(terminal, { set: 'nature=1' }));
  expect(await printed((terminal) => mixCommand(terminal, { set: 'even' }))).toEqual(['Team: all categories alike']);
  const rows = await db.select().from(categoryMix).orderBy(asc(categoryMix.id));
  expect(rows).toHaveLength(3);
  expect(rows.every(({ validTo }) => validTo !== null)).toBe(true);
  expect(await db.select().from(auditLog)).toHaveLength(3);
  const [title, ...periods] = await printed((terminal) => categoryHistory(terminal, {}));
  expect(title).toBe('Team:');
  expect(periods).toEqual([
    expect.stringMatching(/until (?!now).*: nature 100 %$/),
    expect.stringMatching(/until (?!now).*: nature 70 %, people 30 %$/),
  ]);
});

test.each([
  ['nature=0.7,people=0.2', /sum to 90 %/],
  ['nature=0.7,cats=0.3', /no category “cats”\. It has: nature, people/],
  ['nature', /cannot read “nature”/],
  ['nature=0.5,nature=0.5', /stands there twice/],
  ['', /./],
])('categories mix --set %s is refused in words, and nothing is changed', async (set, words) => {
  await addMedia(db, 1, { category: 'nature' });
  await addMedia(db, 1, { category: 'people' });
  await expect(printed((terminal) => mixCommand(terminal, { set }))).rejects.toThrow(words);
  expect(await db.select().from(categoryMix)).toEqual([]);
});

test('with several chats categories mix asks which one', async () => {
  await secondChat();
  await expect(printed((terminal) => mixCommand(terminal, {}))).rejects.toThrow(
    /several team chats: say which with --chat\. They are: -1001234567890 \(Team\), -5 \(Second\)/,
  );
  expect(await printed((terminal) => mixCommand(terminal, { chat: '-5' }))).toEqual(['Second: all categories alike']);
});

test('a chat that never had a mix has no history', async () => {
  expect(await printed((terminal) => categoryHistory(terminal, {}))).toEqual(['Team: all categories alike, always']);
});
