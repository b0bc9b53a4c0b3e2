import { InlineKeyboard, InputFile } from 'grammy';
import { expect, test } from 'vitest';
import type { CallView } from '../../src/simulator/call-view.ts';
import { pngOf, refusalOf, runBot } from './cast.ts';
import { listen, startPage } from './page.ts';

async function startCalls(options: Parameters<typeof startPage>[0] = { keepHistory: false }) {
  const page = await startPage(options);
  const calls = async (query = '') => ((await page.get(`calls${query}`)).body as { calls: CallView[] }).calls;
  return { ...page, calls };
}

test('every call of the bot is listed with what was said and answered, oldest first', async () => {
  const { telegram, api, calls, alice, team } = await startCalls();
  const keyboard = new InlineKeyboard().text('✅ Posted', 'posted:1').text('Skip', 'skip:1');
  const card = await api.sendMessage(team.id, 'Two\n\n  lines', { reply_markup: keyboard });
  await api.editMessageReplyMarkup(team.id, card.message_id, { reply_markup: keyboard.row().text('Undo', 'undo:1') });
  await api.editMessageReplyMarkup(team.id, card.message_id);
  await api.sendPhoto(team.id, new InputFile(pngOf(600, 800), 'a.png'));
  await api.sendPhoto(team.id, new InputFile(pngOf(600, 800), 'a.png'), { caption: 'poster' });
  await api.sendChatAction(team.id, 'upload_photo');
  await api.setMyCommands([{ command: 'start', description: 'Begin' }]);
  await api.setMessageReaction(team.id, card.message_id, [{ type: 'emoji', emoji: '👍' }]);
  await refusalOf(api.sendMessage(alice.id, 'hi'));
  const answer = alice.press(await api.sendMessage(team.id, 'x', { reply_markup: keyboard }), 'Posted');
  await api.answerCallbackQuery(telegram.lastUpdate().callback_query?.id ?? '', { text: 'Noted' });
  await answer;

  const listed = await calls();
  expect(listed.map(({ method, ok, code, summary }) => [method, ok, code, summary])).toEqual([
    ['sendMessage', true, 200, 'Two lines'],
    ['editMessageReplyMarkup', true, 200, '✅ Posted · Skip · Undo'],
    ['editMessageReplyMarkup', true, 200, 'no buttons'],
    ['sendPhoto', true, 200, '<a.png, 64 bytes>'],
    ['sendPhoto', true, 200, 'poster'],
    ['sendChatAction', true, 200, 'upload_photo'],
    ['setMyCommands', true, 200, '1 command'],
    ['setMessageReaction', true, 200, '👍'],
    ['sendMessage', false, 403, "Forbidden: bot can't initiate conversation with a user"],
    ['sendMessage', true, 200, 'x'],
    ['answerCallbackQuery', true, 200, 'Noted'],
  ]);
  expect(listed[0]).toMatchObject({
    sequence: 1,
    at: '2026-03-01T12:00:00.000Z',
    ms: expect.any(Number),
    payload: { chat_id: team.id, text: 'Two\n\n  lines' },
    answer: { ok: true, result: { message_id: card.message_id } },
  });
  expect(listed[8]?.answer).toMatchObject({ ok: false, error_code: 403 });
  expect(await calls('?after=9')).toEqual(listed.slice(9));
  expect(await calls('?after=11')).toEqual([]);
  // A page that stayed open while the process started anew knows numbers that are not there yet.
  expect(await calls('?after=500')).toEqual(listed);
});

test('long texts, long lists and files are cut short, whatever their size', async () => {
  const { api, calls, team } = await startCalls();
  await api.sendMessage(team.id, '🦩'.repeat(2000));
  await api.sendDocument(team.id, new InputFile(new Uint8Array(3_400_000), 'big.bin'));
  await api.setMyCommands(Array.from({ length: 60 }, (_, index) => ({ command: `c${index}`, description: 'x' })));
  const [long, file, list] = await calls();
  expect(long?.payload).toMatchObject({ text: `${'🦩'.repeat(250)}…` });
  expect(long?.summary.length).toBeLessThanOrEqual(120);
  expect(file?.payload).toMatchObject({ document: '<big.bin, 3.4 MB>' });
  expect(list?.payload).toMatchObject({ commands: { length: 21, 20: '… 40 more' } });
});

test('at most the newest 200 are kept', async () => {
  const { api, calls, team } = await startCalls();
  for (let index = 1; index <= 203; index++) await api.sendChatAction(team.id, 'typing');
  const listed = await calls();
  expect([listed.length, listed[0]?.sequence, listed.at(-1)?.sequence]).toEqual([200, 4, 203]);
});

test('a long poll is listed when it brought updates or failed, and not when it brought nothing', async () => {
  const { telegram, api, calls, alice } = await startCalls();
  await api.getUpdates({ timeout: 0 });
  alice.send(alice.privateChat, '/start');
  alice.send(alice.privateChat, 'hello');
  await api.getUpdates({ timeout: 0 });
  telegram.arm('getUpdates', { error: { code: 409, description: 'Conflict: other' } });
  await refusalOf(api.getUpdates());
  const listed = await calls();
  expect(listed.map(({ method, code, summary }) => [method, code, summary])).toEqual([
    ['getUpdates', 200, '2 updates: message, message'],
    ['getUpdates', 409, 'Conflict: other'],
  ]);
  expect(listed[0]?.answer).toMatchObject({ result: [{ message: { text: '/start' } }, {}] });
});

test('a call is heard at once, and says which fault it met', async () => {
  const { telegram, api, calls, team } = await startCalls();
  const until = await listen(telegram.url);
  telegram.arm('sendMessage', { cut: 'before' });
  telegram.arm('sendMessage', { cut: 'after' });
  telegram.arm('sendMessage', { delayMs: 30 });
  telegram.arm('sendMessage', { error: { code: 500, description: 'Internal Server Error' } });
  for (const text of ['one', 'two', 'three', 'four', 'five']) {
    await api.sendMessage(team.id, text).catch(() => undefined);
  }
  const heard = await until((event) => JSON.stringify(event).includes('"four"'));
  const listed = await calls();
  expect(heard).toEqual({ kind: 'call', call: listed[3] });
  expect(listed.map(({ ok, code, fault, summary }) => [ok, code, fault, summary])).toEqual([
    [false, 0, 'cut before', 'connection cut, nothing was done'],
    [false, 0, 'cut after', 'connection cut after it was done: two'],
    [true, 200, 'slow', 'three'],
    [false, 500, 'error', 'Internal Server Error'],
    [true, 200, undefined, 'five'],
  ]);
  expect(listed[2]?.ms).toBeGreaterThanOrEqual(29);
});

test('the calls of a running bot are those it made, polls without news left out', async () => {
  const { telegram, calls, alice } = await startCalls();
  runBot(telegram, (bot) => bot.command('start', (context) => context.reply('Hello Alice')));
  alice.send(alice.privateChat, '/start');
  await telegram.waitForMessage(alice.privateChat, ({ text }) => text === 'Hello Alice');
  await telegram.idle();
  const summaries = (await calls()).map(({ method, summary }) => `${method} ${summary}`);
  expect(summaries).toEqual(expect.arrayContaining(['getUpdates 1 update: message', 'sendMessage Hello Alice']));
  expect(summaries.filter((line) => line.startsWith('getUpdates'))).toHaveLength(1);
});
