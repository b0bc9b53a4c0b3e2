import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startTelegram } from './cast.ts';

/** The status of a GET with headers that fetch would not send. */
function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject).end();
  });
}

test('page and Bot API serve this machine only', async () => {
  const { telegram } = await startTelegram();
  const api = `${telegram.apiRoot}/bot${telegram.token}/getMe`;
  for (const url of [telegram.url, api]) {
    expect(await statusOf(url, {})).toBe(200);
    expect(await statusOf(url, { host: `localhost:${new URL(url).port}` })).toBe(200);
    expect(await statusOf(url, { host: '[::1]:80' })).toBe(200);
    for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'via']) {
      expect(await statusOf(url, { [name]: '10.0.0.1' })).toBe(403);
    }
    expect(await statusOf(url, { host: 'storyline.example.org' })).toBe(403);
    expect(await statusOf(url, { host: 'localhost.example.org' })).toBe(403);
  }
});

test('a request that no loopback socket carries is refused', async () => {
  const { telegram } = await startTelegram();
  const path = `/bot${telegram.token}/getMe`;
  expect((await telegram.routes.request(`http://127.0.0.1${path}`)).status).toBe(403);
  const incoming = { socket: { remoteAddress: '192.168.1.7' }, headers: { host: '127.0.0.1' } };
  expect((await telegram.routes.request(`http://127.0.0.1${path}`, {}, { incoming })).status).toBe(403);
});

test('another site’s page cannot call the Bot API through the browser', async () => {
  const { telegram } = await startTelegram();
  const api = `${telegram.apiRoot}/bot${telegram.token}/getMe`;
  expect(await statusOf(api, { origin: 'https://example.org' })).toBe(403);
  expect(await statusOf(api, { 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await statusOf(telegram.url, { 'sec-fetch-site': 'cross-site' })).toBe(200);
});
