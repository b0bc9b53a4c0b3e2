import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { refusalOf, runBot, startTelegram } from './cast.ts';

describe('getUpdates', () => {
  test('returns updates until an offset confirms them', async () => {
    const { api, alice } = await startTelegram();
    for (const text of ['one', 'two', 'three']) alice.send(alice.privateChat, text);
    const all = await api.getUpdates();
    expect(all.map((update) => update.message?.text)).toEqual(['one', 'two', 'three']);
    expect(await api.getUpdates()).toHaveLength(3);
    const [first] = all;
    const rest = await api.getUpdates({ offset: (first?.update_id ?? 0) + 1, limit: 1 });
    expect(rest.map((update) => update.message?.text)).toEqual(['two']);
    expect(await api.getUpdates()).toHaveLength(2);
  });

  test('with a negative offset keeps only the last updates', async () => {
    const { telegram, api, alice } = await startTelegram();
    for (const text of ['one', 'two', 'three']) alice.send(alice.privateChat, text);
    expect((await api.getUpdates({ offset: -1 })).map((update) => update.message?.text)).toEqual(['three']);
    expect(telegram.pendingUpdates()).toHaveLength(1);
  });

  test('waits for the next update and answers at once when it comes', async () => {
    const { api, alice } = await startTelegram();
    const poll = api.getUpdates({ timeout: 30 });
    alice.send(alice.privateChat, 'now');
    expect((await poll)[0]?.message?.text).toBe('now');
  });

  test('ends empty when its timeout is over', async () => {
    const { api } = await startTelegram();
    const before = performance.now();
    expect(await api.getUpdates({ timeout: 1 })).toEqual([]);
    expect(performance.now() - before).toBeGreaterThan(900);
  });

  test('of the older of two pollers ends with 409', async () => {
    const { telegram, api, alice } = await startTelegram();
    const older = refusalOf(api.getUpdates({ timeout: 30, limit: 1 }));
    const newer = api.getUpdates({ timeout: 30, limit: 2 });
    expect(await older).toBe(
      '409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    );
    alice.send(alice.privateChat, 'hello');
    expect(await newer).toHaveLength(1);
    expect(telegram.calls('getUpdates')).toHaveLength(2);
  });

  test('of a client that has gone away loses nothing and stands in nobody’s way', async () => {
    const { telegram, api, alice } = await startTelegram();
    const controller = new AbortController();
    const url = `${telegram.apiRoot}/bot${telegram.token}/getUpdates?timeout=30`;
    const abandoned = fetch(url, { signal: controller.signal }).catch(() => 'aborted');
    controller.abort();
    expect(await abandoned).toBe('aborted');
    alice.send(alice.privateChat, 'still here');
    expect(await api.getUpdates({ timeout: 1 })).toHaveLength(1);
    expect(telegram.calls('getUpdates').every(({ answer }) => answer.ok)).toBe(true);
  });

  test('keeps Telegram’s defaults and remembers what it was asked for', async () => {
    const { telegram, api, alice, bob, team } = await startTelegram();
    telegram.setMember(team, telegram.bot, 'administrator');
    telegram.setMember(team, bob, 'restricted');
    alice.react(alice.send(team, 'x'), '👍');
    const kinds = async () => (await api.getUpdates()).map((update) => Object.keys(update)[1]);
    expect(await kinds()).toEqual(['my_chat_member', 'message']);
    await api.getUpdates({ allowed_updates: ['chat_member', 'message_reaction'], offset: -1 });
    telegram.setMember(team, bob, 'member');
    const message = alice.send(team, 'not asked for');
    alice.react(message, '🔥');
    expect(await kinds()).toEqual(['message', 'chat_member', 'message_reaction']);
  });

  test('goes on after update ids have started anew', async () => {
    const { telegram, api, alice } = await startTelegram();
    telegram.nextUpdateId = 900_000_000;
    alice.send(alice.privateChat, 'high');
    await api.getUpdates({ offset: 900_000_001 });
    telegram.nextUpdateId = 12;
    alice.send(alice.privateChat, 'low');
    const [low] = await api.getUpdates({ offset: 900_000_001 });
    expect(low).toMatchObject({ update_id: 12, message: { text: 'low' } });
    expect(await api.getUpdates({ offset: 13 })).toEqual([]);
  });
});

describe('an update', () => {
  test('expires after a day, a tap after 150 seconds', async () => {
    const { api, alice, clock } = await startTelegram();
    alice.send(alice.privateChat, '/start');
    await api.sendMessage(alice.id, 'card');
    const answer = alice.tap(alice.privateChat, 'posted:1');
    clock.advance(149_000);
    expect(await api.getUpdates()).toHaveLength(2);
    clock.advance(1_000);
    expect(await answer).toBe('expired');
    expect(await api.getUpdates()).toHaveLength(1);
    clock.advance(24 * 3_600_000);
    expect(await api.getUpdates()).toEqual([]);
  });

  test('is delivered again under its old id, although it was confirmed', async () => {
    const { telegram, api, alice } = await startTelegram();
    alice.send(alice.privateChat, 'once');
    const [update] = await api.getUpdates();
    const offset = (update?.update_id ?? 0) + 1;
    expect(await api.getUpdates({ offset })).toEqual([]);
    telegram.redeliver(telegram.lastUpdate());
    expect(await api.getUpdates({ offset })).toEqual([update]);
    expect(await api.getUpdates({ offset })).toEqual([]);
    const again = telegram.redeliver(telegram.lastUpdate(), { newUpdateId: true });
    expect(again).toEqual({ ...update, update_id: offset });
    expect(await api.getUpdates({ offset })).toEqual([again]);
  });

  test('reaches a running bot, and idle tells when it is dealt with', async () => {
    const { telegram, alice } = await startTelegram();
    const heard: string[] = [];
    runBot(telegram, (bot) =>
      bot.on('message:text', (context) => {
        heard.push(context.message.text);
      }),
    );
    alice.send(alice.privateChat, 'one');
    alice.send(alice.privateChat, 'two');
    await telegram.idle();
    expect(heard).toEqual(['one', 'two']);
  });
});

describe('a webhook', () => {
  async function startReceiver(answers: number[]) {
    const received: { secret: unknown; body: unknown }[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        received.push({ secret: request.headers['x-telegram-bot-api-secret-token'], body: JSON.parse(body) });
        response.writeHead(answers.shift() ?? 200).end();
      });
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    return { received, url: `http://127.0.0.1:${port}/hook` };
  }

  test('gets updates in order, with its secret, again after a failure; getUpdates is refused meanwhile', async () => {
    const { telegram, api, alice } = await startTelegram();
    const { received, url } = await startReceiver([500]);
    await api.setWebhook(url, { secret_token: 'geheim' });
    expect(await refusalOf(api.getUpdates())).toMatch(/^409 Conflict: can't use getUpdates method while webhook/);
    alice.send(alice.privateChat, 'one');
    alice.send(alice.privateChat, 'two');
    await telegram.idle();
    const texts = received.map(({ body }) => (body as { message: { text: string } }).message.text);
    expect(texts).toEqual(['one', 'one', 'two']);
    expect(new Set(received.map(({ secret }) => secret))).toEqual(new Set(['geheim']));
    expect(await api.getWebhookInfo()).toMatchObject({
      url,
      pending_update_count: 0,
      last_error_date: expect.anything(),
    });
    await api.deleteWebhook();
    expect(await api.getUpdates()).toEqual([]);
  });

  test('needs HTTPS outside this machine', async () => {
    const { api } = await startTelegram();
    expect(await refusalOf(api.setWebhook('http://example.org/'))).toMatch('An HTTPS URL must be provided');
  });
});

test('a ticking clock follows real time from where it was set', async () => {
  const clock = createSettableClock({ ticking: true, start: new Date('2026-01-01T00:00:00Z') });
  const telegram = await startSimulator({ clock });
  onTestFinished(() => telegram.stop());
  expect(clock.now().getTime() - Date.parse('2026-01-01T00:00:00Z')).toBeLessThan(60_000);
  clock.advance(3_600_000);
  expect(clock.now().getUTCHours()).toBe(1);
});
