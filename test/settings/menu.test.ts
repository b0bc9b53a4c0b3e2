import { eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, expect, test } from 'vitest';
import { auditLog, users } from '../../src/db/schema/index.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { HOSTILE } from '../support/hostile.ts';
import { interactionLines, interactionRows } from '../support/rows.ts';
import { auditLines, openSettings, press, settingsRow } from '../support/settings.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';

let team: Team;
afterEach(() => team.stop());

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  return team;
}

/** Another group in which the bot works, with Alice in it. */
async function secondGroup(title = 'Second') {
  const { telegram, services, alice } = team;
  const group = telegram.createGroup({ title, members: [alice], botIsAdministrator: true });
  await services.chats.admit({ id: group.id, title, type: group.type, timeZone: 'UTC', addedBy: null });
  return group;
}

test('the menu shows every setting of the chat, in the group about that chat', async () => {
  const { group } = await start();
  const menu = await openSettings(team, group);
  expect(menu.text).toBe(
    [
      '⚙️ Settings · Team',
      '',
      '▶️ Posting is on. It is 12:00.',
      '',
      '🎲 jitter off, plan 7 days',
      '💤 rest 30 d, after Skip 45 d',
      '⏰ reminder 12 h, discard 48 h',
      '🖼 enhanced, verbose',
      '👍 1 person · 🚪 guests closed',
      '🗂 all categories alike',
    ].join('\n'),
  );
  expect(buttonsOf(menu)).toEqual([
    ['⏸ Pause posting'],
    ['📅 Posts per day: 3'],
    ['🕑 Window: 14:00-02:00'],
    ['🌍 Time zone: Europe/Berlin'],
    ['💤 Plan, rest ›', '🖼 Cards ›'],
    ['👍 Approval ›', '🗂 Mix ›'],
    ['📣 Reports ›', '🔔 Notices ›'],
    ['🕘 History ›', '✖ Close'],
  ]);
});

test('no page has more than eight rows, and every page leads back', async () => {
  const { group } = await start();
  const menu = await openSettings(team, group);
  for (const page of ['Plan, rest', 'Cards', 'Approval', 'Mix', 'Reports', 'Notices', 'History']) {
    expect(await press(team, menu, page)).toContain('⚙️ Settings · Team · ');
    expect(buttonsOf(team.now(menu)).length, page).toBeLessThanOrEqual(8);
    await press(team, menu, 'Back');
    expect(buttonsOf(team.now(menu))).toEqual(buttonsOf(menu));
  }
});

test('in private it is about the only team chat, and asks which one when there are several', async () => {
  const { alice } = await start();
  expect((await openSettings(team, alice.privateChat)).text).toContain('Settings · Team');
  await secondGroup();
  const sent = alice.send(alice.privateChat, '/settings');
  const question = await team.telegram.waitForMessage(
    alice.privateChat,
    (message) => message.message_id > sent.message_id,
  );
  expect(buttonsOf(question)).toEqual([['Team'], ['Second']]);
  expect(await press(team, question, 'Second')).toContain('Settings · Second');
  expect(await press(team, question, 'Cards')).toContain('Settings · Second · Cards');
});

test('a toggle changes at once, in the same message, with an answer and an audit row that says who', async () => {
  const { group, alice, telegram, test: database } = await start();
  const menu = await openSettings(team, group);
  await press(team, menu, 'Cards');
  expect(await alice.press(menu, 'Verbose')).toEqual({ text: '✅ Verbose: on → off' });
  await team.settle();
  expect(team.now(menu).text).toContain('✅ Verbose: on → off\n\n⚙️ Settings · Team · Cards');
  expect(buttonsOf(team.now(menu))).toEqual([['🖼 Caption style: enhanced'], ['💬 Verbose: off'], ['‹ Back']]);
  await press(team, menu, 'Caption style');
  expect(await settingsRow(team)).toMatchObject({ isVerbose: false, captionStyle: 'simple' });
  expect(telegram.messages(group)).toHaveLength(2);
  const [alicesRow] = await database.db.select().from(users).where(eq(users.telegramUserId, alice.id));
  expect(await database.db.select().from(auditLog).where(eq(auditLog.action, 'setting_changed'))).toMatchObject([
    {
      at: NOON,
      actorId: alicesRow?.id,
      action: 'setting_changed',
      chatId: group.id,
      before: { verbose: 'on' },
      after: { verbose: 'off' },
    },
    { before: { caption_style: 'enhanced' }, after: { caption_style: 'simple' } },
  ]);
  const rows = (await interactionRows(database.db)).filter(({ interactionName }) => interactionName === 'settings:set');
  expect(rows.map(({ context }) => context)).toMatchObject([
    { setting: 'verbose', about_chat_id: group.id, outcome: 'done', response_time_ms: expect.any(Number) },
    { setting: 'caption_style', outcome: 'done' },
  ]);
});

test('every toggle goes to and fro', async () => {
  const { group } = await start();
  const menu = await openSettings(team, group);
  const toggles = [
    ['Cards', 'Caption style', 'captionStyle'],
    ['Cards', 'Verbose', 'isVerbose'],
    ['Approval', 'Four eyes', 'isFourEyes'],
    ['Reports', 'Guests', 'isOpenToGuests'],
    ['Reports', 'Daily report', 'sendsDailyReport'],
    ['Reports', 'Weekly report', 'sendsWeeklyReport'],
    ['Reports', 'Empty reports', 'sendsEmptyReports'],
    ['Notices', 'About people', 'alertsAboutPeople'],
  ] as const;
  const before = await settingsRow(team);
  for (const [page, label, column] of toggles) {
    await press(team, menu, page);
    await press(team, menu, label);
    expect((await settingsRow(team))[column], label).not.toBe(before[column]);
    await press(team, menu, label);
    expect(await settingsRow(team)).toEqual(before);
    await press(team, menu, 'Back');
  }
  expect(await auditLines(team)).toHaveLength(2 * toggles.length);
});

test('an old menu does what its label says and then shows what is true', async () => {
  const { group, alice } = await start();
  const old = await openSettings(team, group);
  await press(team, old, 'Cards');
  const fresh = await openSettings(team, group);
  await press(team, fresh, 'Cards');
  await press(team, fresh, 'Verbose');
  // The old one still says "on": pressing it means "off", which it is already.
  expect(await alice.press(old, 'Verbose')).toEqual({ text: 'Verbose is off already: nothing is changed.' });
  await team.settle();
  expect(buttonsOf(team.now(old))).toContainEqual(['💬 Verbose: off']);
  expect(await auditLines(team)).toEqual(['setting_changed {"verbose":"on"} {"verbose":"off"}']);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Alice settings:set noop');
});

test('a tap that is delivered again does not undo what came after it', async () => {
  const { group, telegram } = await start();
  const menu = await openSettings(team, group);
  await press(team, menu, 'Cards');
  await press(team, menu, 'Verbose');
  const first = telegram.lastUpdate((update) => update.callback_query !== undefined);
  await press(team, menu, 'Verbose');
  telegram.redeliver(first);
  telegram.redeliver(first, { newUpdateId: true });
  await team.settle();
  expect(await settingsRow(team)).toMatchObject({ isVerbose: true });
  expect(await auditLines(team)).toHaveLength(2);
  expect((await interactionLines(team.test.db)).filter((line) => line.startsWith('Alice settings:set'))).toHaveLength(
    2,
  );
});

test('members, guests and strangers get neither menu nor buttons, and are recorded as denied', async () => {
  const { group, bob, dana, charlie, telegram, test: database } = await start();
  const menu = await openSettings(team, group);
  await database.db.insert(users).values({ telegramUserId: dana.id, role: 'guest', dateJoined: NOON });
  for (const person of [bob, dana]) person.send(group, '/settings');
  charlie.send(charlie.privateChat, '/settings');
  await team.settle();
  expect(telegram.messages(group).filter(({ text }) => text?.startsWith('⚙️'))).toHaveLength(1);
  const before = await settingsRow(team);
  const buttons = team.now(menu).reply_markup?.inline_keyboard.flat() ?? [];
  for (const person of [bob, dana]) {
    for (const button of [...buttons.map(({ text }) => dataOf(menu, text)), `settings:set:${group.id}.verbose.off`]) {
      const answer = await person.tap(group, button, { messageId: menu.message_id });
      expect(answer).toEqual({ text: 'This is for admins. /stats shows your own figures.', show_alert: true });
    }
  }
  expect(
    await charlie.tap(group, `settings:set:${group.id}.verbose.off`, { messageId: menu.message_id }),
  ).toMatchObject({
    text: 'You cannot use this button.',
  });
  expect(await settingsRow(team)).toEqual(before);
  expect(await auditLines(team)).toEqual([]);
  const others = (await interactionLines(database.db)).filter((line) => !line.startsWith('Alice'));
  expect(others.every((line) => line.endsWith('denied'))).toBe(true);
});

test('an admin who is made a member loses the buttons of an open menu at once', async () => {
  const { group, alice, services, test: database } = await start({ adminIds: [] });
  await database.db.insert(users).values({ telegramUserId: alice.id, role: 'admin', dateJoined: NOON });
  const menu = await openSettings(team, group);
  await database.db.update(users).set({ role: 'member' });
  services.people.forget(alice.id);
  expect(await alice.press(menu, 'Cards')).toMatchObject({ text: expect.stringContaining('This is for admins') });
  expect(team.now(menu).text).toBe(menu.text);
});

test('a menu of another chat, forwarded or forged, is refused', async () => {
  const { group, alice } = await start();
  const second = await secondGroup();
  const copy = alice.forward(await openSettings(team, group), second);
  const answers = [
    await alice.press(copy, 'Cards'),
    await alice.tap(second, `settings:set:${group.id}.verbose.off`, { messageId: copy.message_id }),
    await alice.tap(alice.privateChat, 'settings:set:-100999.verbose.off', {
      messageId: copy.message_id,
      inaccessible: true,
    }),
  ];
  for (const answer of answers) {
    expect(answer).toEqual({ text: 'That is not one of your chats.', show_alert: true });
  }
  await team.settle();
  expect(await settingsRow(team)).toMatchObject({ isVerbose: true });
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Alice settings:set denied');
});

test('forged and outdated buttons are told so and change nothing', async () => {
  const { group, alice } = await start();
  const menu = await openSettings(team, group);
  const before = await settingsRow(team);
  const forged = [
    'set:ID.verbose.maybe',
    'set:ID.posts_per_day.500',
    'set:ID.constructor.on',
    'edit:ID.verbose',
    'edit:ID.__proto__',
    'zone:ID.Mars/Olympus',
    'constructor:ID',
    'nonsense:ID.x',
  ];
  for (const data of forged) {
    const answer = await alice.tap(group, `settings:${data.replace('ID', String(group.id))}`, {
      messageId: menu.message_id,
    });
    expect(answer, data).toEqual({
      text: 'This button is not valid any more. Send /settings for a new menu.',
      show_alert: true,
    });
  }
  expect(await settingsRow(team)).toEqual(before);
});

test('Close leaves one line, and pressing it twice does no harm', async () => {
  const { group, alice } = await start();
  const menu = await openSettings(team, group);
  const data = dataOf(menu, 'Close');
  expect(await press(team, menu, 'Close')).toBe('⚙️ Settings closed.');
  expect(buttonsOf(team.now(menu))).toEqual([]);
  expect(await alice.tap(group, data, { messageId: menu.message_id })).toEqual({});
  await team.settle();
  expect(team.telegram.messages(group).at(-1)?.text).toBe('⚙️ Settings closed.');
  expect(team.services.counters.read()).toEqual({});
});

test('a menu that somebody has deleted comes again with the next press', async () => {
  const { group, alice, telegram } = await start();
  const menu = await openSettings(team, group);
  const data = dataOf(menu, 'Cards');
  telegram.deleteMessage(menu);
  await alice.tap(group, data, { messageId: menu.message_id });
  await team.settle();
  expect(telegram.messages(group).at(-1)?.text).toContain('Settings · Team · Cards');
});

test('the first button pauses and resumes the chat', async () => {
  const { group, alice } = await start();
  await team.fill(1);
  const menu = await openSettings(team, group);
  expect(await press(team, menu, 'Pause posting')).toMatch(
    /Posting is paused[\s\S]*⚙️ Settings · Team[\s\S]*⏸ Posting is paused\./,
  );
  expect(await settingsRow(team)).toMatchObject({ isPaused: true, pausedAt: NOON });
  expect(await press(team, menu, 'Resume posting')).toContain('▶️ Posting goes on.');
  expect(await settingsRow(team)).toMatchObject({ isPaused: false });
  await press(team, menu, 'History');
  expect(team.now(menu).text).toContain('Posting: paused → going on');
  // With something overdue the way of /resume is asked for first.
  await press(team, menu, 'Back');
  await press(team, menu, 'Pause posting');
  team.clock.advance(24 * 3_600_000);
  expect(await press(team, menu, 'Resume posting')).toContain('⏸ Posting is paused.');
  const question = team.telegram.messages(group).at(-1) as Message;
  expect(question.text).toContain('1 post is overdue');
  await alice.press(question, 'Reschedule');
  await team.settle();
  expect(await settingsRow(team)).toMatchObject({ isPaused: false });
});

test('the history shows the last ten changes: when, who, from what to what', async () => {
  const { group, test: database } = await start();
  const menu = await openSettings(team, group);
  await press(team, menu, 'Cards');
  for (let index = 0; index < 11; index += 1) {
    await press(team, menu, index === 0 ? 'Caption style' : 'Verbose');
    team.clock.advance(60_000);
  }
  await database.db.insert(auditLog).values({
    at: team.clock.now(),
    action: 'queue_reset',
    chatId: group.id,
    before: { pending: 3, media_item_id: 'x' },
  });
  await press(team, menu, 'Back');
  const lines = (await press(team, menu, 'History')).split('\n').slice(2);
  expect(lines.slice(0, 5)).toEqual([
    'Fri 20 Nov 12:11 · the operator',
    'Queue reset',
    'Pending: 3',
    'Fri 20 Nov 12:10 · Alice',
    'Verbose: off → on',
  ]);
  expect(lines.filter((line) => line.includes(' · '))).toHaveLength(10);
  expect(lines.join()).not.toContain('Caption style');
});

test('settings go with the group when it becomes a supergroup, and so does their history', async () => {
  const { group, alice, telegram } = await start({ groupType: 'group' });
  const menu = await openSettings(team, group);
  await press(team, menu, 'Cards');
  await press(team, menu, 'Verbose');
  const moved = telegram.migrate(group);
  await team.settle();
  const fresh = await openSettings(team, moved);
  expect(await press(team, fresh, 'History')).toContain('Verbose: on → off');
  // A button of the old menu still names the old id.
  await alice.tap(moved, `settings:set:${group.id}.verbose.on`, { messageId: fresh.message_id });
  await team.settle();
  expect(await settingsRow(team)).toMatchObject({ id: moved.id, isVerbose: true });
});

test('T22: a hostile title and hostile names arrive as they are', async () => {
  const { group, alice, telegram, services } = await start();
  for (const title of HOSTILE) {
    await services.chats.rename(group.id, title);
    const menu = await openSettings(team, alice.privateChat);
    expect(menu.text).toContain(`⚙️ Settings · ${title.trim()}`);
  }
  telegram.world.people.set(alice.id, { ...alice.user, first_name: HOSTILE[0] ?? '' });
  const menu = await openSettings(team, group, telegram.person(alice.id));
  await press(team, menu, 'Cards', telegram.person(alice.id));
  await press(team, menu, 'Verbose', telegram.person(alice.id));
  await press(team, menu, 'Back', telegram.person(alice.id));
  expect(await press(team, menu, 'History', telegram.person(alice.id))).toContain(`· ${HOSTILE[0]}`);
});
