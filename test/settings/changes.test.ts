import { asc, eq } from 'drizzle-orm';
import { afterEach, expect, test } from 'vitest';
import { auditLog, categoryMix, chats, mediaItems, queueItems, userInteractions } from '../../src/db/schema/index.ts';
import { createChatRepository } from '../../src/settings/chat-repository.ts';
import { createSettingsRepository } from '../../src/settings/settings-repository.ts';
import { createSettingsService } from '../../src/settings/settings-service.ts';
import { buttonsOf } from '../support/buttons.ts';
import { addChat, addPerson, servicesOver, TEAM_CHAT } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { answer, auditLines, openSettings, press, settingsRow } from '../support/settings.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';

let team: Team;
const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  opened.push(team);
  return team;
}

const TYPED = [
  { page: undefined, label: 'Posts per day', good: '50', bad: '51', column: 'postsPerDay', value: 50, said: '3 → 50' },
  {
    page: undefined,
    label: 'Window',
    good: '22-6',
    bad: '22',
    column: 'windowEnd',
    value: '06:00:00',
    said: '→ 22:00-06:00',
  },
  {
    page: undefined,
    label: 'Window',
    good: '8-8',
    bad: '8-25',
    column: 'windowEnd',
    value: '08:00:00',
    said: '→ all day from 08:00',
  },
  {
    page: undefined,
    label: 'Time zone',
    good: 'asia/kathmandu',
    bad: '+05:45',
    column: 'timeZone',
    value: 'Asia/Kathmandu',
    said: 'It is 16:45 there now.',
  },
  {
    page: 'Plan, rest',
    label: 'Jitter',
    good: '30',
    bad: '31',
    column: 'jitterMinutes',
    value: 30,
    said: 'off → 30 min',
  },
  {
    page: 'Plan, rest',
    label: 'Plan ahead',
    good: '1',
    bad: '31',
    column: 'planDays',
    value: 1,
    said: '7 days → 1 day',
  },
  {
    page: 'Plan, rest',
    label: 'Rest after Posted',
    good: '3650',
    bad: '3651',
    column: 'repostLockDays',
    value: 3650,
    said: '30 days → 3650 days',
  },
  {
    page: 'Plan, rest',
    label: 'Rest after Skip',
    good: '0',
    bad: '-1',
    column: 'skipLockDays',
    value: 0,
    said: '45 days → off',
  },
  {
    page: 'Plan, rest',
    label: 'Reminder after',
    good: '47',
    bad: '48',
    column: 'remindAfterHours',
    value: 47,
    said: '12 h → 47 h',
  },
  {
    page: 'Plan, rest',
    label: 'Reminder after',
    good: 'off',
    bad: '721',
    column: 'remindAfterHours',
    value: 0,
    said: '12 h → off',
  },
  {
    page: 'Plan, rest',
    label: 'Discard after',
    good: '720',
    bad: '12',
    column: 'discardAfterHours',
    value: 720,
    said: '48 h → 720 h',
  },
  {
    page: 'Approval',
    label: 'People needed',
    good: '10',
    bad: '11',
    column: 'approvalsNeeded',
    value: 10,
    said: '1 → 10',
  },
  {
    page: 'Reports',
    label: 'Report time',
    good: '7.30',
    bad: '7:3',
    column: 'reportTime',
    value: '07:30:00',
    said: '09:00 → 07:30',
  },
  {
    page: 'Reports',
    label: 'Report topic',
    good: 'https://t.me/c/2100000001/45',
    bad: 'https://t.me/c/2100000001/news',
    column: 'reportTopicId',
    value: 45,
    said: 'general → topic 45',
  },
] as const;

test.each(TYPED)('$label: $good is taken, $bad is not', async ({ page, label, good, bad, column, value, said }) => {
  const { alice } = await start();
  const menu = await openSettings(team, alice.privateChat);
  if (page) await press(team, menu, page);
  const before = await settingsRow(team);
  expect(await answer(team, menu, label, bad)).toMatch(/^⚠️ /);
  expect(await settingsRow(team)).toEqual(before);
  alice.send(alice.privateChat, good);
  await team.settle();
  expect(team.now(menu).text).toContain(said);
  // What was typed on a page of its own leads back to that page.
  expect(team.now(menu).text).toContain(page ? `⚙️ Settings · Team · ` : '⚙️ Settings · Team\n');
  expect((await settingsRow(team))[column]).toBe(value);
  expect(await auditLines(team)).toHaveLength(1);
});

test('reasons are typed one by one, at most four, and removed by their buttons', async () => {
  const { alice } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Approval');
  const reasons = ['too dark', '_*[]()<>&', 'مرحبا \u202Eright', '👩‍👩‍👧‍👦'.repeat(5)];
  for (const reason of reasons) await answer(team, menu, 'Add a reason', reason);
  expect(await settingsRow(team)).toMatchObject({ rejectReasons: reasons });
  expect(buttonsOf(team.now(menu)).flat()).toEqual([
    '👍 People needed: 1',
    '👀 Four eyes: off',
    ...reasons.map((reason) => `🗑 ${reason}`),
    '‹ Back',
  ]);
  expect(await press(team, menu, '🗑 _*')).toContain('✅ Reject reasons: too dark, _*[]()<>&');
  expect(await settingsRow(team)).toMatchObject({ rejectReasons: reasons.filter((_, index) => index !== 1) });
  // Pressed again in an old menu: it is gone already, and no other reason goes in its place.
  const old = `settings:drop:${team.group.id}.${'0'.repeat(12)}`;
  expect(await alice.tap(alice.privateChat, old, { messageId: menu.message_id })).toMatchObject({
    text: expect.stringContaining('already: nothing is changed'),
  });
  await answer(team, menu, 'Add a reason', 'TOO DARK');
  expect(team.now(menu).text).toContain('is among the reasons already');
});

test('the category mix is typed in percent or ratios, must make 100 %, and keeps its history', async () => {
  const { alice, group, test: database } = await start();
  await database.db.insert(mediaItems).values([
    { fileName: 'a.jpg', category: 'nature', telegramFileId: 'a' },
    { fileName: 'b.jpg', category: 'people', telegramFileId: 'b' },
    { fileName: 'c.jpg', category: 'old', telegramFileId: 'c', isActive: false },
  ]);
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Mix');
  expect(await press(team, menu, 'Change')).toContain('The library has: nature, people.');
  for (const [typed, sentence] of [
    ['nature 70, people 40', 'The parts sum to 110 %, they must make 100 %.'],
    ['nature 50, dogs 50', 'The library has no category “dogs”. It has: nature, people.'],
    ['old 100', 'The library has no category “old”.'],
    ['hello', 'I cannot read “hello”.'],
  ] as const) {
    alice.send(alice.privateChat, typed);
    await team.settle();
    expect(team.now(menu).text).toContain(`⚠️ ${sentence}`);
  }
  alice.send(alice.privateChat, 'Nature 70, people 30');
  await team.settle();
  expect(team.now(menu).text).toContain('✅ Category mix: all alike → nature 70 %, people 30 %');
  expect(team.now(menu).text).toContain('\n70 % nature\n30 % people');
  await answer(team, menu, 'Change', 'people=0.3; nature=0.7');
  expect(team.now(menu).text).toContain('already: nothing is changed');
  team.clock.advance(60_000);
  await answer(team, menu, 'Change', 'people 100');
  expect(await press(team, menu, 'All alike')).toContain('✅ Category mix: people 100 % → all alike');
  expect(buttonsOf(team.now(menu))).toEqual([['✏️ Change'], ['‹ Back']]);
  expect(await auditLines(team)).toEqual([
    'setting_changed {"category_mix":{}} {"category_mix":{"nature":0.7,"people":0.3}}',
    'setting_changed {"category_mix":{"nature":0.7,"people":0.3}} {"category_mix":{"people":1}}',
    'setting_changed {"category_mix":{"people":1}} {"category_mix":{}}',
  ]);
  const rows = await database.db.select().from(categoryMix).orderBy(asc(categoryMix.id));
  expect(rows.map(({ category, ratio, validTo }) => [category, ratio, validTo !== null])).toEqual([
    ['nature', 0.7, true],
    ['people', 0.3, true],
    ['people', 1, true],
  ]);
  expect(await team.services.categoryMix.present(group.id)).toEqual([]);
  expect(await press(team, menu, 'Back')).toContain('🗂 all categories alike');
});

test('a change of the slots moves what is planned, in the same transaction, and says how much and what is next', async () => {
  const { alice, test: database } = await start();
  await team.fill(4);
  const planned = async () =>
    (await database.db.select().from(queueItems).orderBy(asc(queueItems.id))).map(({ scheduledFor }) =>
      scheduledFor.toISOString(),
    );
  const before = await planned();
  const menu = await openSettings(team, alice.privateChat);
  expect(await answer(team, menu, 'Posts per day', '6')).toMatch(
    /^✅ Posts per day: 3 → 6\n3 planned posts have moved; the next one is today 14:00\.\n/,
  );
  const after = await planned();
  expect(after).toEqual(after.toSorted());
  expect(after).not.toEqual(before);
  expect(await answer(team, menu, 'Window', '15-3')).toContain(
    '4 planned posts have moved; the next one is today 15:00.',
  );
  expect(await answer(team, menu, 'Time zone', 'UTC')).toContain('the next one is today 15:00.');
  await press(team, menu, 'Plan, rest');
  expect(await answer(team, menu, 'Plan ahead', '3')).not.toContain('moved');
});

test('when moving the plan fails, the setting, its audit row and the interaction are as if nothing had been pressed', async () => {
  const database = await testDatabase();
  opened.push({ stop: database.close });
  await addChat(database.db);
  const by = await addPerson(database.db, 'Alice', 'admin');
  const services = servicesOver(database.database);
  const seen: number[] = [];
  const settings = createSettingsService({
    settings: createSettingsRepository(database.database, {
      record: services.interactions.log,
      reslot: async (tx, chatId) => {
        // It runs inside the transaction: it sees the new value, others do not.
        const [inside] = await tx.select().from(chats).where(eq(chats.id, chatId));
        const [outside] = await database.db.select().from(chats);
        seen.push(inside?.postsPerDay ?? 0, outside?.postsPerDay ?? 0);
        throw new Error('no slots today');
      },
    }),
    chats: createChatRepository(database.database),
    mix: { ...services.categoryMix, parse: () => [] },
  });
  const about = { chatId: TEAM_CHAT, by, now: NOON, interaction: draft(by) };
  await expect(settings.changeTyped('posts_per_day', about, '9')).rejects.toThrow('no slots today');
  expect(seen).toEqual([9, 3]);
  expect((await database.db.select().from(chats))[0]?.postsPerDay).toBe(3);
  expect(await database.db.select().from(auditLog)).toEqual([]);
  expect(await database.db.select().from(userInteractions)).toEqual([]);
});

test('of many admins at the same time each audit row tells the true value before', async () => {
  const database = await testDatabase();
  opened.push({ stop: database.close });
  await addChat(database.db);
  const by = await addPerson(database.db, 'Alice', 'admin');
  const { settings } = servicesOver(database.open({ max: 10, lockTimeoutMs: 10_000 }));
  await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      settings.changeTyped(
        'posts_per_day',
        { chatId: TEAM_CHAT, by, now: NOON, interaction: draft(by) },
        String(index + 10),
      ),
    ),
  );
  const rows = await database.db.select().from(auditLog);
  const next = new Map(rows.map(({ before, after }) => [JSON.stringify(before), JSON.stringify(after)]));
  let value: string | undefined = '{"posts_per_day":3}';
  for (let steps = 0; steps < 30; steps += 1) value = next.get(value ?? '');
  expect(rows).toHaveLength(30);
  const [chat] = await database.db.select().from(chats);
  expect(value).toBe(JSON.stringify({ posts_per_day: chat?.postsPerDay }));
});

test('one tap or message changes once, however often it arrives', async () => {
  const database = await testDatabase();
  opened.push({ stop: database.close });
  await addChat(database.db);
  const by = await addPerson(database.db, 'Alice', 'admin');
  const { settings } = servicesOver(database.open({ max: 10, lockTimeoutMs: 10_000 }));
  const interaction = draft(by);
  const results = await Promise.all(
    ['4', '5', '6', '7'].map((typed) =>
      settings.changeTyped('posts_per_day', { chatId: TEAM_CHAT, by, now: NOON, interaction }, typed),
    ),
  );
  expect(results.map(({ kind }) => kind).toSorted()).toEqual(['changed', 'repeated', 'repeated', 'repeated']);
  expect(await database.db.select().from(auditLog)).toHaveLength(1);
});

let drafts = 0;
function draft(userId: string) {
  drafts += 1;
  return {
    type: 'message' as const,
    name: 'settings_answer',
    userId,
    chatId: TEAM_CHAT,
    messageId: drafts,
    deliveryKey: `1:msg:${TEAM_CHAT}:${drafts}`,
    createdAt: NOON,
    elapsedMs: () => 5,
    context: {},
    outcome: 'done' as const,
    isRecorded: false,
  };
}
