import { readdir } from 'node:fs/promises';
import type { Message } from 'grammy/types';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { PictureRenderer } from '../../src/charts/picture-renderer.ts';
import { chats, reportDeliveries } from '../../src/db/schema/index.ts';
import { temporaryFolder } from '../support/bot-process.ts';
import { startTeam, type Team, type TeamOptions } from '../support/team.ts';
import { addCard, DAY, HOUR, idOf, NINE, runReport } from './report-team.ts';

let team: Team;
afterEach(() => team.stop());

/** A PNG of 1080 by 1350, as far as a look at its head can tell. */
const HEAD = Buffer.from('89504e470d0a1a0a0000000d49484452000004380000054608020000000000000000', 'hex');
const easel: PictureRenderer = {
  render: async (picture) => Buffer.concat([HEAD, Buffer.from(JSON.stringify(picture))]),
  stop: async () => {},
};

/** Thursday: Bob posted one and Dana skipped one. */
async function start(options: TeamOptions = {}) {
  team = await startTeam({ pictureRenderer: easel, ...options });
  team.alice.send(team.alice.privateChat, '/start');
  await team.settle();
  const chatId = team.group.id;
  const noon = new Date(NINE.getTime() - 21 * HOUR);
  const later = new Date(noon.getTime() + 600_000);
  await addCard(team.test.db, {
    chatId,
    sentAt: noon,
    decidedAt: later,
    decision: 'posted',
    by: await idOf(team, team.bob),
  });
  await addCard(team.test.db, {
    chatId,
    sentAt: noon,
    decidedAt: later,
    decision: 'skipped',
    by: await idOf(team, team.dana),
  });
}

const inGroup = (chat: { id: number } = team.group): Message[] =>
  team.telegram.messages(chat).filter(({ from }) => from?.is_bot);
const captions = (chat?: { id: number }) => inGroup(chat).map(({ caption, text }) => caption ?? text ?? '');
const rows = () => team.test.db.select().from(reportDeliveries);
const notices = () =>
  team.telegram.messages(team.alice.privateChat).flatMap(({ text, from }) => (from?.is_bot && text ? [text] : []));

test('the daily report comes with a picture, once, however often its slot runs', async () => {
  await start();
  expect(await runReport(team, 'daily')).toEqual({ outcome: 'done', words: 'daily report sent' });
  const [report] = inGroup();
  expect(report?.photo?.at(-1)?.width).toBe(1080);
  expect(report?.caption).toMatch(/^📊 Daily report · Team\nThu 19 Nov 2026 · Europe\/Berlin\n {11}Thu/);
  expect(report?.caption).toContain('Bob · ✅ 1\nDana · ⏭️ 1');
  expect(await rows()).toMatchObject([
    { report: 'daily', periodStart: '2026-11-19', state: 'sent', messageId: report?.message_id, attempts: 1 },
  ]);
  expect(await runReport(team, 'daily', { now: new Date(NINE.getTime() + HOUR) })).toMatchObject({
    outcome: 'skipped',
  });
  expect(inGroup()).toHaveLength(1);
});

test('the weekly report is about the ISO week before, and a chat gets one of each', async () => {
  await start();
  const monday = new Date('2026-11-23T08:00:00Z');
  await runReport(team, 'weekly', { slot: monday });
  await runReport(team, 'daily', { slot: monday });
  expect(captions()).toEqual([expect.stringMatching(/^📊 Weekly report · Team\nMon 16 – Sun 22 Nov 2026/)]);
  expect((await rows()).map(({ report, periodStart, state }) => [report, periodStart, state])).toEqual([
    ['weekly', '2026-11-16', 'sent'],
    // Nothing happened on Sunday, and the chat wants no such report.
    ['daily', '2026-11-22', 'skipped'],
  ]);
});

test('an empty period is skipped, or said when the chat wants to hear it', async () => {
  await start();
  const slot = new Date(NINE.getTime() + 2 * DAY);
  expect(await runReport(team, 'daily', { slot })).toEqual({ outcome: 'skipped', words: 'Nothing happened' });
  expect(inGroup()).toEqual([]);
  await team.test.db.update(chats).set({ sendsEmptyReports: true });
  team.services.chats.forget(team.group.id);
  await runReport(team, 'daily', { slot: new Date(slot.getTime() + DAY) });
  expect(captions()).toEqual([
    '📊 Daily report · Team\nSun 22 Nov 2026 · Europe/Berlin\n\nNothing was decided in this time.',
  ]);
});

test('a period without decisions is reported when cards wait', async () => {
  await start();
  await addCard(team.test.db, { chatId: team.group.id, sentAt: NINE });
  await runReport(team, 'daily', { slot: new Date(NINE.getTime() + 2 * DAY) });
  expect(captions()).toEqual([
    expect.stringContaining('⏳ 1 card waits now since Fri 20 Nov 09:00. /queue has links.'),
  ]);
});

test('what is switched off does not come', async () => {
  await start();
  await team.test.db.update(chats).set({ sendsDailyReport: false, sendsWeeklyReport: false });
  team.services.chats.forget(team.group.id);
  for (const report of ['daily', 'weekly'] as const) {
    expect(await runReport(team, report)).toEqual({ outcome: 'skipped', words: 'Switched off in /settings' });
  }
  expect(inGroup()).toEqual([]);
});

test.each([
  [2 * HOUR + 20 * 60_000, 'Report of 09:00, sent 11:20 because I was away.'],
  [26 * HOUR, 'Report of Fri 20 Nov 09:00, sent Sat 21 Nov 11:00 because I was away.'],
])('C01: a late report is labelled with its own time (%i ms late)', async (late, label) => {
  await start();
  const outcome = await runReport(team, 'daily', { now: new Date(NINE.getTime() + late) });
  expect(outcome).toMatchObject({ outcome: 'done' });
  expect(captions()).toEqual([
    expect.stringMatching(new RegExp(`^🕰 ${label}\n\n📊 Daily report · Team\nThu 19 Nov 2026`)),
  ]);
});

test('T19: an answer that was cut leads to one labelled repeat, and never to a third', async () => {
  await start();
  team.telegram.arm('sendPhoto', { cut: 'after' }, { times: 2 });
  await expect(runReport(team, 'daily')).rejects.toMatchObject({ name: 'OutsideError', retryable: true });
  expect(await rows()).toMatchObject([{ state: 'pending', mayHaveArrived: true }]);
  const again = await runReport(team, 'daily', { slot: NINE, now: new Date(NINE.getTime() + 10_000) });
  expect(again).toMatchObject({ outcome: 'undeliverable', words: expect.stringContaining('never said whether') });
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'skipped' });
  expect(captions()).toEqual([
    expect.stringMatching(/^📊/),
    expect.stringMatching(/^🔁 Repeat of the 09:00 report: I could not be sure that the first one arrived\.\n\n📊/),
  ]);
  expect(await rows()).toMatchObject([{ state: 'lost' }]);
});

test('a repeat that arrives says so on its row', async () => {
  await start();
  team.telegram.arm('sendPhoto', { cut: 'before' });
  await expect(runReport(team, 'daily')).rejects.toThrow('did not say');
  expect(await runReport(team, 'daily')).toEqual({ outcome: 'done', words: 'daily report sent again, labelled' });
  expect(await rows()).toMatchObject([{ state: 'repeated', attempts: 2 }]);
});

test('a process that was killed while sending leaves a claim, and the next run is a labelled repeat', async () => {
  await start();
  const key = { report: 'daily', chatId: team.group.id, periodStart: '2026-11-19' };
  await team.test.db
    .insert(reportDeliveries)
    .values({ ...key, slot: NINE, state: 'sending', attempts: 1, sendingSince: NINE });
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'done' });
  expect(captions()).toEqual([expect.stringMatching(/^🔁 Repeat of the 09:00 report/)]);
  await team.test.db.update(reportDeliveries).set({ state: 'sending' });
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'undeliverable' });
  expect(captions()).toHaveLength(1);
});

test('while Telegram cannot be reached at all nothing is labelled and nothing is lost', async () => {
  await start();
  await team.telegram.stop();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await expect(runReport(team, 'daily')).rejects.toThrow('Telegram cannot be reached');
  }
  expect(await rows()).toMatchObject([{ state: 'pending', mayHaveArrived: false, attempts: 5 }]);
});

test('through answers of 502 it is tried until it arrives, labelled', async () => {
  await start();
  team.telegram.arm('sendPhoto', { error: { code: 502, description: 'Bad Gateway' } }, { times: 5 });
  for (let attempt = 0; attempt < 5; attempt += 1)
    await expect(runReport(team, 'daily')).rejects.toThrow('tried again');
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'done' });
  expect(captions()).toEqual([expect.stringMatching(/^🔁/)]);
});

test('429 is obeyed, and other chats get their reports meanwhile', async () => {
  await start();
  const { telegram, services } = team;
  const second = telegram.createGroup({ title: 'Second', members: [team.bob] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  await addCard(team.test.db, { chatId: second.id, sentAt: new Date(NINE.getTime() - 21 * HOUR), decision: 'posted' });
  const wait = { error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 30 } } };
  telegram.arm('sendPhoto', wait, { where: (payload) => Number(payload.chat_id) === team.group.id });
  await expect(runReport(team, 'daily')).rejects.toThrow('wait for 30 s');
  const calls = telegram.calls('sendPhoto').length;
  await expect(runReport(team, 'daily')).rejects.toThrow('has asked to wait');
  expect(telegram.calls('sendPhoto')).toHaveLength(calls);
  expect(await runReport(team, 'daily', { chatId: second.id })).toMatchObject({ outcome: 'done' });
  expect(captions(second)).toHaveLength(1);
  team.letPass(30_001);
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'done' });
  expect(captions()).toEqual([expect.stringMatching(/^📊/)]);
});

test('T14: kicked during the report, the chat is disabled, the admins hear of it once, and the slot is undeliverable', async () => {
  await start();
  const { telegram, group, services } = team;
  const told = notices().length;
  // The news of it has not come yet: the bot still thinks that it is in the group.
  await team.stopBot();
  telegram.removeBot(group, team.bob);
  expect(await runReport(team, 'daily')).toMatchObject({
    outcome: 'undeliverable',
    words: expect.stringContaining('“Team”'),
  });
  expect(await services.chats.byId(group.id)).toMatchObject({ isActive: false });
  expect(await rows()).toMatchObject([{ state: 'undeliverable', failure: expect.stringContaining('403') }]);
  const calls = telegram.calls('sendPhoto').length;
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'undeliverable' });
  expect(await runReport(team, 'weekly', { slot: new Date('2026-11-23T08:00:00Z') })).toMatchObject({
    outcome: 'undeliverable',
  });
  expect(telegram.calls('sendPhoto')).toHaveLength(calls);
  expect(notices().slice(told)).toEqual([expect.stringContaining('I cannot write into “Team” any more')]);
});

test('T14: let in again, the chat gets its reports by itself, and the admins hear that once', async () => {
  await start();
  const { group, services } = team;
  await team.stopBot();
  team.telegram.removeBot(group, team.bob);
  await runReport(team, 'daily');
  const told = notices().length;
  team.telegram.addBot(group, team.alice);
  team.startBot();
  await team.settle();
  expect(await services.chats.byId(group.id)).toMatchObject({ isActive: true });
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'done' });
  await addCard(team.test.db, { chatId: group.id, sentAt: NINE });
  expect(await runReport(team, 'daily', { slot: new Date(NINE.getTime() + DAY) })).toMatchObject({ outcome: 'done' });
  expect(captions().filter((text) => text.startsWith('📊'))).toHaveLength(2);
  for (const _ of [1, 2]) await services.tellAlerts();
  expect(notices().slice(told)).toEqual([expect.stringContaining('I can write into Team again')]);
});

test('T15: a group that became a supergroup gets its report there, once, and keeps those it had', async () => {
  await start({ groupType: 'group' });
  await runReport(team, 'daily');
  await team.stopBot();
  const moved = team.telegram.migrate(team.group);
  const slot = new Date(NINE.getTime() + DAY);
  await addCard(team.test.db, { chatId: team.group.id, sentAt: NINE, decision: 'posted' });
  expect(await runReport(team, 'daily', { slot })).toMatchObject({ outcome: 'done' });
  expect(captions(moved).filter((text) => text.startsWith('📊'))).toHaveLength(1);
  expect((await rows()).map(({ chatId, periodStart, state }) => [chatId, periodStart, state])).toEqual([
    [moved.id, '2026-11-19', 'sent'],
    [moved.id, '2026-11-20', 'sent'],
  ]);
  // The clock's run may still name the old id.
  expect(await runReport(team, 'daily', { slot })).toMatchObject({ outcome: 'skipped' });
});

test('reports go into their topic; when that is gone, into the chat, which is told once', async () => {
  await start();
  await team.services.settings.changeTyped('report_topic', { chatId: team.group.id, by: null, now: NINE }, '77');
  await runReport(team, 'daily');
  expect(inGroup().at(-1)).toMatchObject({ message_thread_id: 77 });
  await addCard(team.test.db, { chatId: team.group.id, sentAt: NINE });
  const gone = { error: { code: 400, description: 'Bad Request: message thread not found' } };
  team.telegram.arm('sendMessage', gone, { where: ({ message_thread_id: topic }) => topic !== undefined, times: 9 });
  await runReport(team, 'daily', { slot: new Date(NINE.getTime() + DAY) });
  await runReport(team, 'daily', { slot: new Date(NINE.getTime() + 2 * DAY) });
  const [, second, third] = inGroup();
  expect(second?.message_thread_id).toBeUndefined();
  expect(second?.text).toMatch(/^🧵 The topic for reports is gone: they come here now\./);
  expect(third?.text).toMatch(/^📊/);
  expect(await rows()).toMatchObject([{ state: 'sent' }, { state: 'sent' }, { state: 'sent' }]);
});

test('a picture that Telegram refuses, or that cannot be drawn, leaves the words', async () => {
  await start();
  team.telegram.arm('sendPhoto', { error: { code: 400, description: 'Bad Request: IMAGE_PROCESS_FAILED' } });
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'done' });
  expect(inGroup()).toMatchObject([{ text: expect.stringMatching(/^📊 Daily report/) }]);
});

test('what Telegram refuses three times is given up', async () => {
  await start();
  const refusal = {
    error: { code: 400, description: 'Bad Request: not enough rights to send text messages to the chat' },
  };
  team.telegram.arm('sendPhoto', refusal, { times: 9 });
  team.telegram.arm('sendMessage', refusal, { times: 9 });
  for (let attempt = 1; attempt < 3; attempt += 1)
    await expect(runReport(team, 'daily')).rejects.toThrow('not enough rights');
  expect(await runReport(team, 'daily')).toMatchObject({
    outcome: 'undeliverable',
    words: expect.stringContaining('not enough'),
  });
});

test('R14: a hundred reports that fail leave no file behind', async () => {
  await start();
  const folder = temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  team.telegram.arm('sendPhoto', { error: { code: 502, description: 'Bad Gateway' } }, { times: 100 });
  for (let attempt = 0; attempt < 100; attempt += 1) await expect(runReport(team, 'daily')).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
  expect(await runReport(team, 'daily')).toMatchObject({ outcome: 'done' });
});
