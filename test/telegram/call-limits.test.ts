import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Api, Bot, InputFile, type Transformer } from 'grammy';
import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../src/lib/logger.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { createBotApiFetch } from '../../src/telegram/bot-api-fetch.ts';
import type { BotContext } from '../../src/telegram/bot-context.ts';
import { limitCalls } from '../../src/telegram/call-limits.ts';
import { startPolling } from '../../src/telegram/polling.ts';
import { classifyTelegramError } from '../../src/telegram/telegram-errors.ts';
import { picture } from '../support/picture.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';

const LIMITS = { callMs: 300, pollGraceMs: 300 };

/** A Telegram behind a door, with Alice in a group; and what the bot calls it with. */
async function behindADoor() {
  const telegram = await startSimulator();
  const door = await openTcpProxy({ toServer: () => connect(Number(new URL(telegram.apiRoot).port), '127.0.0.1') });
  onTestFinished(async () => {
    await door.close();
    await telegram.stop();
  });
  const alice = telegram.createPerson({ first_name: 'Alice' });
  const group = telegram.createGroup({ title: 'Team', members: [alice] });
  const client = { apiRoot: `http://127.0.0.1:${door.port}`, fetch: createBotApiFetch() };
  const api = new Api(telegram.token, client);
  api.config.use(limitCalls(LIMITS));
  // The same connections, with time for a busy machine.
  const patient = new Api(telegram.token, client);
  return { telegram, door, alice, group, client, api, patient };
}

/** What it failed of, and after how many milliseconds. */
async function failureOf(call: Promise<unknown>) {
  const started = performance.now();
  const error = await call.then(
    () => 'it did not fail',
    (failure: unknown) => failure,
  );
  return { kind: classifyTelegramError(error)?.kind, ms: performance.now() - started };
}

test('on a dead link each call ends at its limit, its outcome unknown, and the next ones get through when it is whole', async () => {
  const { door, alice, group, api, patient } = await behindADoor();
  await Promise.all([patient.getMe(), patient.getMe(), patient.getMe()]);
  door.set({ kind: 'black hole' });
  const failures = await Promise.all(
    [
      api.getChatMember(group.id, alice.id),
      api.sendMessage(group.id, 'hello'),
      api.answerCallbackQuery('1'),
      api.editMessageText(group.id, 1, 'hello'),
      api.sendPhoto(group.id, 'a file that Telegram has'),
    ].map(failureOf),
  );
  for (const { kind, ms } of failures) {
    expect(kind).toBe('unknown_outcome');
    expect(ms).toBeGreaterThanOrEqual(LIMITS.callMs - 20);
    expect(ms).toBeLessThan(LIMITS.callMs * 5);
  }
  door.set({ kind: 'open' });
  expect(await patient.getChatMember(group.id, alice.id)).toMatchObject({ status: 'member' });
});

test('a long poll has the time for which it asks Telegram to wait, and its limit on top', async () => {
  const { door, api } = await behindADoor();
  expect(await api.getUpdates({ timeout: 1 })).toEqual([]);
  door.set({ kind: 'black hole' });
  const { kind, ms } = await failureOf(api.getUpdates({ timeout: 1 }));
  expect(kind).toBe('unknown_outcome');
  expect(ms).toBeGreaterThanOrEqual(1000);
});

test('a call that gets no answer ends the long poll too, which might wait on the dead link for half a minute', async () => {
  const { door, api, group, patient } = await behindADoor();
  await patient.getMe();
  const poll = failureOf(api.getUpdates({ timeout: 30 }));
  door.set({ kind: 'black hole' });
  expect(await failureOf(api.sendMessage(group.id, 'hello'))).toMatchObject({ kind: 'unknown_outcome' });
  const { kind, ms } = await poll;
  expect(kind).toBe('unknown_outcome');
  expect(ms).toBeLessThan(LIMITS.callMs * 5);
});

test('a file may take longer to go up than other calls may take', async () => {
  const { telegram, group, api } = await behindADoor();
  for (const method of ['sendPhoto', 'editMessageMedia']) telegram.arm(method, { delayMs: LIMITS.callMs * 2 });
  const { message_id: id } = await api.sendPhoto(group.id, new InputFile(picture(1), 'one.png'));
  await api.editMessageMedia(group.id, id, { type: 'photo', media: new InputFile(picture(2), 'two.png') });
  telegram.arm('sendPhoto', { delayMs: LIMITS.callMs * 3 });
  const { photo } = telegram.message(group, id) ?? {};
  expect(await failureOf(api.sendPhoto(group.id, photo?.at(-1)?.file_id ?? ''))).toMatchObject({
    kind: 'unknown_outcome',
  });
});

test('a call that was given up takes the idle connections beside it along, for they lie on the same dead link', async () => {
  let connections = 0;
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('getChat')) response.end('{"ok":true,"result":true}');
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const client = { apiRoot: `http://127.0.0.1:${port}`, fetch: createBotApiFetch() };
  const api = new Api('1:token', client);
  await Promise.all([api.getMe(), api.getMe(), api.getMe()]);
  await api.getMe();
  expect(connections).toBe(3);
  const limited = new Api('1:token', client);
  limited.config.use(limitCalls(LIMITS));
  expect(await failureOf(limited.getChat(1))).toMatchObject({ kind: 'unknown_outcome' });
  await api.getMe();
  expect(connections).toBe(4);
});

test('whoever gives a call up is heard before its limit', async () => {
  const { door, api } = await behindADoor();
  door.set({ kind: 'black hole' });
  const signal = AbortSignal.timeout(50) as Parameters<typeof api.getMe>[0];
  const { ms } = await failureOf(api.getMe(signal));
  expect(ms).toBeLessThan(LIMITS.callMs);
});

test('behind a link that went dead people are heard again seconds after it is whole, not after minutes', async () => {
  const { telegram, door, alice, client } = await behindADoor();
  const heard = vi.fn();
  const polling = startPolling({
    createBot: (gate) => {
      const bot = new Bot<BotContext>(telegram.token, { client });
      // Polling asks for thirty seconds, which is longer than a test.
      const shorter: Transformer = (call, method, payload, signal) =>
        call(method, method === 'getUpdates' ? { ...payload, timeout: 1 } : payload, signal);
      bot.api.config.use(limitCalls(LIMITS), shorter);
      bot.use(gate.middleware, (ctx) => heard(ctx.message?.text));
      return bot;
    },
    allowedUpdates: ['message'],
    onFatal: (sentence) => expect.unreachable(sentence),
    logger: silentLogger(),
  });
  onTestFinished(() => polling.stop());
  alice.send(alice.privateChat, 'before');
  await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('before'), { timeout: 5000 });
  door.set({ kind: 'black hole' });
  alice.send(alice.privateChat, 'meanwhile');
  await vi.waitFor(() => expect(door.harmed()).toBeGreaterThan(0));
  door.set({ kind: 'open' });
  await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('meanwhile'), { timeout: 10_000 });
  expect(heard).toHaveBeenCalledTimes(2);
});
