import { HttpError } from 'grammy';
import { expect, test } from 'vitest';
import { refusalOf, startTelegram } from './cast.ts';

const FLOOD = {
  error: { code: 429, description: 'Too Many Requests: retry after 7', parameters: { retry_after: 7 } },
};

test('an armed error hits as many calls as it was armed for and does nothing else', async () => {
  const { telegram, api, team } = await startTelegram();
  telegram.arm('sendMessage', FLOOD, { times: 2 });
  for (let call = 0; call < 2; call++) {
    await expect(api.sendMessage(team.id, 'x')).rejects.toMatchObject({
      error_code: 429,
      parameters: { retry_after: 7 },
    });
  }
  await api.sendMessage(team.id, 'through');
  expect(telegram.messages(team).map(({ text }) => text)).toEqual(['through']);
  expect(telegram.calls('sendMessage').map(({ answer }) => answer.ok)).toEqual([false, false, true]);
});

test('a fault can be meant for some calls only, for every method, and be disarmed', async () => {
  const { telegram, api, team } = await startTelegram();
  telegram.arm('*', FLOOD, { where: (payload) => payload.text === 'bad', times: Number.POSITIVE_INFINITY });
  await api.sendMessage(team.id, 'good');
  expect(await refusalOf(api.sendMessage(team.id, 'bad'))).toMatch(/^429/);
  expect(await refusalOf(api.sendMessage(team.id, 'bad'))).toMatch(/^429/);
  telegram.disarm();
  await api.sendMessage(team.id, 'bad');
});

test('a connection can be cut before anything is done, and after everything is', async () => {
  const { telegram, api, team } = await startTelegram();
  telegram.arm('sendMessage', { cut: 'before' });
  await expect(api.sendMessage(team.id, 'lost')).rejects.toThrow(HttpError);
  telegram.arm('sendMessage', { cut: 'after' });
  await expect(api.sendMessage(team.id, 'kept')).rejects.toThrow(HttpError);
  expect(telegram.messages(team).map(({ text }) => text)).toEqual(['kept']);
  expect(telegram.calls('sendMessage')).toMatchObject([
    { cut: 'before', answer: { ok: false, error_code: 0 } },
    { cut: 'after', answer: { ok: true } },
  ]);
});

test('a slow call does not hold up the others', async () => {
  const { telegram, api, team } = await startTelegram();
  telegram.arm('sendMessage', { delayMs: 300 }, { where: (payload) => payload.text === 'slow' });
  const slow = api.sendMessage(team.id, 'slow');
  await api.sendMessage(team.id, 'fast');
  await slow;
  expect(telegram.messages(team).map(({ text }) => text)).toEqual(['fast', 'slow']);
});

test('429 carries a retry-after header', async () => {
  const { telegram, team } = await startTelegram();
  telegram.arm('sendMessage', FLOOD);
  const response = await fetch(`${telegram.apiRoot}/bot${telegram.token}/sendMessage?chat_id=${team.id}&text=x`);
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
});

test('a download can fail too', async () => {
  const { telegram, api, alice } = await startTelegram();
  const bytes = Buffer.from('hello');
  const { document } = alice.sendMedia(alice.privateChat, { kind: 'document', bytes, fileName: 'a.txt' });
  const { file_path } = await api.getFile(document?.file_id ?? '');
  const url = `${telegram.apiRoot}/file/bot${telegram.token}/${file_path}`;
  telegram.arm('downloadFile', { error: { code: 502, description: 'Bad Gateway' } });
  expect((await fetch(url)).status).toBe(502);
  telegram.arm('downloadFile', { cut: 'before' });
  await expect(fetch(url)).rejects.toThrow();
  expect(await (await fetch(url)).text()).toBe('hello');
});
