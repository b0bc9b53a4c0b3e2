import { expect, test } from 'vitest';
import { runBot, startTelegram } from './cast.ts';

test('waiting ends with the change that fulfils it', async () => {
  const { telegram, alice, team } = await startTelegram();
  runBot(telegram, (bot) => bot.command('start', (context) => context.reply('welcome')));
  alice.send(team, '/start');
  const call = await telegram.waitForCall('sendMessage', ({ payload }) => payload.text === 'welcome');
  const message = await telegram.waitForMessage(team, ({ text }) => text === 'welcome');
  expect(call.answer).toMatchObject({ ok: true, result: { message_id: message.message_id } });
  alice.send(team, '/start');
  const next = await telegram.waitForCall('sendMessage', undefined, { after: call.sequence });
  expect(next.sequence).toBeGreaterThan(call.sequence);
});

test('waiting in vain says for what, and what happened last', async () => {
  const { telegram, api, team } = await startTelegram();
  await api.sendMessage(team.id, 'almost');
  const waiting = telegram.waitFor(() => false, { timeoutMs: 20, describe: 'a miracle' });
  await expect(waiting).rejects.toThrow(
    /Waited 20 ms for: a miracle\nThe last calls were:\n {2}sendMessage\(almost\) -> ok/,
  );
});

test('without history nothing is kept but the newest call', async () => {
  const { telegram, api, team } = await startTelegram({ keepHistory: false });
  const message = await api.sendMessage(team.id, 'one');
  await api.editMessageText(team.id, message.message_id, 'two');
  expect(telegram.history).toHaveLength(1);
  expect(telegram.versions(message)).toEqual([]);
});
