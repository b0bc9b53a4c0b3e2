import type { Message } from 'grammy/types';
import { afterEach, expect, test } from 'vitest';
import type { DecisionsPicture } from '../../src/charts/decisions-picture.ts';
import type { Person } from '../../src/simulator/simulator.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { interactionRows } from '../support/rows.ts';
import { settingsRow } from '../support/settings.ts';
import { startTeam, type Team } from '../support/team.ts';
import { addCard, DAY, HOUR, idOf, NINE, runReport } from './report-team.ts';

let team: Team;
afterEach(() => team.stop());

const HEAD = Buffer.from('89504e470d0a1a0a0000000d49484452000004380000054608020000000000000000', 'hex');

/** Bob posted one on Thursday and one on Wednesday, Dana skipped one a week before. Pictures are only remembered. */
async function start() {
  const drawn: DecisionsPicture[] = [];
  team = await startTeam({
    pictureRenderer: {
      render: async (picture) => {
        drawn.push(picture);
        return Buffer.concat([HEAD, Buffer.from(JSON.stringify(picture))]);
      },
      stop: async () => {},
    },
  });
  const chatId = team.group.id;
  const thursday = new Date(NINE.getTime() - 18 * HOUR);
  const by = { bob: await idOf(team, team.bob), dana: await idOf(team, team.dana) };
  for (const [days, decision, person] of [
    [0, 'posted', by.bob],
    [1, 'posted', by.bob],
    [7, 'skipped', by.dana],
  ] as const) {
    await addCard(team.test.db, { chatId, sentAt: new Date(thursday.getTime() - days * DAY), decision, by: person });
  }
  return { drawn };
}

/** Sends it and returns the bot's newest message there. */
async function ask(person: Person, text: string, chat: { id: number } = team.group): Promise<Message> {
  person.send(chat, text);
  await team.settle();
  const answer = team.telegram.messages(chat).findLast(({ from }) => from?.is_bot);
  if (!answer) throw new Error('no answer');
  return answer;
}

async function press(person: Person, message: Message, label: string) {
  const answer = await person.press(message, label);
  await team.settle();
  return answer;
}
const newest = (chat: { id: number } = team.group) => {
  const message = team.telegram.messages(chat).findLast(({ from }) => from?.is_bot);
  if (!message) throw new Error('no message');
  return message;
};

test('/report in the group offers each report of that chat, and sends the one that is pressed', async () => {
  const { drawn } = await start();
  const menu = await ask(team.alice, '/report');
  expect(menu.text).toBe(
    '📊 Which report of Team?\nTyped: /report daily, /report weekly, with a date for earlier ones.',
  );
  expect(buttonsOf(menu)).toEqual([
    ['Daily: yesterday', 'Daily: Wed 18'],
    ['Weekly: last', 'Weekly: W45'],
  ]);
  await press(team.alice, menu, 'Daily: Wed 18');
  const report = newest();
  expect(report.caption).toMatch(/^📊 Daily report · Team\nWed 18 Nov 2026 · Europe\/Berlin\n/);
  expect(drawn[0]).toMatchObject({ title: 'Team', focus: '2026-11-18', people: [{ name: 'Bob', posted: 1 }] });
  expect(drawn[0]?.days).toHaveLength(8);
  const rows = await interactionRows(team.test.db);
  expect(rows.map(({ interactionName, context }) => [interactionName, context.period])).toEqual([
    ['/report', undefined],
    ['report:get', '2026-11-18'],
  ]);
});

test('asked for on request it is sent each time, and does not stand in for the one that comes by itself', async () => {
  await start();
  await ask(team.alice, '/report daily');
  await ask(team.alice, '/report daily');
  await runReport(team, 'daily');
  expect(team.telegram.messages(team.group).filter(({ caption }) => caption?.startsWith('📊'))).toHaveLength(3);
});

test('a report is typed with its period, or without for the last one', async () => {
  await start();
  for (const [typed, period] of [
    ['/report daily', 'Thu 19 Nov 2026'],
    ['/report daily 2026-11-12', 'Thu 12 Nov 2026'],
    ['/report daily today', 'Fri 20 Nov 2026, so far'],
    ['/report Weekly', 'Mon 9 – Sun 15 Nov 2026'],
    ['/report weekly 2026-W47', 'Mon 16 – Sun 22 Nov 2026, so far'],
  ]) {
    const { caption, text } = await ask(team.alice, typed ?? '');
    expect(caption ?? text).toContain(`\n${period} · Europe/Berlin\n`);
  }
});

test('what cannot be is answered with what to send', async () => {
  await start();
  for (const [typed, answer] of [
    ['/report monthly', 'I know no report “monthly”. There are: daily, weekly. /report alone has buttons.'],
    [
      '/report daily 2026-11-21',
      '2026-11-21 has not come yet. Send a day like /report daily 2026-11-18, or /report daily for yesterday.',
    ],
    [
      '/report weekly soon',
      '“soon” is no week that I know. Send a week like /report weekly 2026-W47, one of its days, or /report weekly for the last one.',
    ],
    [
      '/report daily 2026-11-18 please',
      '“2026-11-18 please” is no day that I know. Send a day like /report daily 2026-11-18, or /report daily for yesterday.',
    ],
  ]) {
    expect((await ask(team.alice, typed ?? '')).text).toBe(answer);
  }
});

test('reports are for admins, in words and by buttons', async () => {
  await start();
  expect((await ask(team.bob, '/report daily')).text).toContain('This is for admins');
  const report = await ask(team.alice, '/report daily');
  expect(await press(team.bob, report, '7 d')).toMatchObject({ text: expect.stringContaining('This is for admins') });
  expect(team.now(report).caption).toBe(report.caption);
});

test('the buttons show other lengths and the period before in the same message, at once', async () => {
  const { drawn } = await start();
  await runReport(team, 'daily');
  const report = newest();
  expect(buttonsOf(report)).toEqual([['• 1 d', '7 d', '30 d', '90 d'], ['Hide the comparison']]);
  const count = team.telegram.messages(team.group).length;
  await press(team.alice, report, '7 d');
  expect(team.now(report).caption).toMatch(
    /\nFri 13 – Thu 19 Nov 2026 · Europe\/Berlin\n +7 d before {3}\+\/−\nDecided +2 +1 +\+1\n/,
  );
  expect(buttonsOf(team.now(report))).toEqual([['1 d', '• 7 d', '30 d', '90 d'], ['Hide the comparison']]);
  expect(drawn.at(-1)?.before).toHaveLength(7);
  await press(team.alice, team.now(report), 'Hide');
  expect(team.now(report).caption).toMatch(/\n +7 d\nDecided +2\n/);
  expect(drawn.at(-1)?.before).toBeUndefined();
  expect(await press(team.alice, team.now(report), '• 7 d')).toMatchObject({ text: 'That is what you see.' });
  await press(team.alice, team.now(report), 'Against the period before');
  await press(team.alice, team.now(report), '1 d');
  expect(team.now(report).caption).toBe(report.caption);
  expect(team.telegram.messages(team.group)).toHaveLength(count);
});

test('a report with only words can become one with a picture', async () => {
  await start();
  const quiet = await ask(team.alice, '/report daily 2026-11-17');
  expect(quiet).toMatchObject({ text: expect.stringContaining('Nothing was decided in this time.') });
  await press(team.alice, quiet, '7 d');
  expect(team.now(quiet)).toMatchObject({ caption: expect.stringContaining('Wed 11 – Tue 17 Nov 2026') });
});

test('in private it asks which chat, and knows all of them together', async () => {
  await start();
  const { telegram, services, alice } = team;
  const second = telegram.createGroup({ title: 'Second', members: [alice] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  await addCard(team.test.db, { chatId: second.id, sentAt: new Date(NINE.getTime() - 18 * HOUR), decision: 'posted' });
  const question = await ask(alice, '/report', alice.privateChat);
  expect(buttonsOf(question)).toEqual([['Team'], ['Second'], ['All chats']]);
  await press(alice, question, 'Second');
  const menu = team.now(question);
  expect(menu.text).toContain('Which report of Second?');
  await press(alice, menu, 'Daily: yesterday');
  expect(newest(alice.privateChat).caption).toMatch(/^📊 Daily report · Second\nThu 19 Nov 2026 · UTC\n/);

  const named = await ask(alice, '/report daily 2026-11-19', alice.privateChat);
  await press(alice, named, 'All chats');
  expect(newest(alice.privateChat).caption).toMatch(/^📊 Daily report · All chats\n[\s\S]*\nDecided +2 /);
});

test('with one team chat it does not ask; a button of another chat is refused', async () => {
  await start();
  const { telegram, alice } = team;
  const menu = await ask(alice, '/report', alice.privateChat);
  expect(menu.text).toContain('Which report of Team?');
  const foreign = dataOf(menu, 'yesterday').replace(String(team.group.id), '-1009999');
  expect(await alice.tap(alice.privateChat, foreign, { messageId: menu.message_id })).toMatchObject({
    text: 'That is not one of your chats.',
  });
  const inGroup = await ask(alice, '/report');
  const everywhere = dataOf(inGroup, 'yesterday').replace(String(team.group.id), 'all');
  const calls = telegram.calls('sendPhoto').length;
  expect(await alice.tap(team.group, everywhere, { messageId: inGroup.message_id })).toMatchObject({
    text: 'That is not one of your chats.',
  });
  await team.settle();
  expect(telegram.calls('sendPhoto')).toHaveLength(calls);
});

test('old buttons work after the group became a supergroup', async () => {
  await start();
  const report = await ask(team.alice, '/report daily', team.alice.privateChat);
  await team.services.chats.migrate(team.group.id, -1008);
  await team.alice.press(report, '7 d');
  await team.settle();
  expect(team.now(report).caption).toContain('Fri 13 – Thu 19 Nov 2026');
});

test('/report here makes the topic the one for reports, /report general takes that back', async () => {
  await start();
  team.alice.send(team.group, '/report here', { topicId: 12 });
  await team.settle();
  expect(newest()).toMatchObject({ text: '✅ Report topic: general → topic 12', message_thread_id: 12 });
  expect(await settingsRow(team)).toMatchObject({ reportTopicId: 12 });
  await runReport(team, 'daily');
  expect(newest()).toMatchObject({ message_thread_id: 12, caption: expect.stringContaining('Daily report') });
  expect((await ask(team.alice, '/report general')).text).toBe('✅ Report topic: topic 12 → general');
  expect((await ask(team.alice, '/report general')).text).toBe('Report topic is general already: nothing is changed.');
  expect((await ask(team.alice, '/report here', team.alice.privateChat)).text).toContain(
    'Send /report here in the group',
  );
});
