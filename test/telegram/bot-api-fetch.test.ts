import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Api, GrammyError, HttpError, InputFile } from 'grammy';
import { afterEach, expect, test } from 'vitest';
import { createBotApiFetch } from '../../src/telegram/bot-api-fetch.ts';

const TOKEN = '7000000009:AACanaryCanaryCanaryCanaryCanary00';
const MB = 2 ** 20;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

async function rootOf(telegram: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await portOf(createServer(telegram))}`;
}

/** grammY over our fetch, and what answers it. */
async function apiTo(telegram: RequestListener, timeoutSeconds = 30): Promise<Api> {
  const apiRoot = await rootOf(telegram);
  return new Api(TOKEN, { apiRoot, timeoutSeconds, fetch: createBotApiFetch() });
}

function answer(response: ServerResponse, result: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
}

/** What a call threw; whatever is printed of it holds no token. */
async function failureOf(call: Promise<unknown>): Promise<HttpError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpError)) throw new Error(`no HttpError: ${inspect(error)}`);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('Canary');
  return error;
}

test('calls go over one kept connection, with their length, and bring what Telegram says', async () => {
  const sockets = new Set<unknown>();
  const api = await apiTo(async (request, response) => {
    sockets.add(request.socket);
    const body = Buffer.concat(await request.toArray()).toString();
    const { method, url, headers } = request;
    expect([method, url, headers['content-length']]).toEqual(['POST', `/bot${TOKEN}/sendMessage`, `${body.length}`]);
    if (body.includes('refuse')) answer(response, { ok: false, error_code: 403, description: 'Forbidden: é' });
    else answer(response, { ok: true, result: JSON.parse(body) });
  });
  expect(await api.sendMessage(1, 'first')).toEqual({ chat_id: 1, text: 'first' });
  expect(await api.sendMessage(1, 'second')).toEqual({ chat_id: 1, text: 'second' });
  const refused = await api.sendMessage(1, 'refuse').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(GrammyError);
  expect(refused).toMatchObject({ error_code: 403, description: 'Forbidden: é' });
  expect(sockets.size).toBe(1);
});

test('a file of 50 MB is sent as fast as Telegram takes it, never kept whole', async () => {
  let received = 0;
  const api = await apiTo(async (request, response) => {
    for await (const chunk of request) received += chunk.length;
    answer(response, { ok: true, result: {} });
  });
  let produced = 0;
  let mostAhead = 0;
  async function* bytes() {
    const piece = new Uint8Array(64 * 1024);
    while (produced < 50 * MB) {
      produced += piece.length;
      mostAhead = Math.max(mostAhead, produced - received);
      yield piece;
    }
  }
  await api.sendDocument(1, new InputFile(bytes, 'big.bin'));
  expect(received).toBeGreaterThan(50 * MB);
  expect(mostAhead).toBeLessThan(10 * MB);
});

test('a file that cannot be read on ends the call', async () => {
  const api = await apiTo((request) => request.on('error', () => {}));
  async function* bytes() {
    yield new Uint8Array(1024);
    throw new Error('the disk is gone');
  }
  const failure = await failureOf(api.sendDocument(1, new InputFile(bytes, 'big.bin')));
  expect(failure.error).toMatchObject({ message: 'the disk is gone' });
});

test('a call that takes too long hangs up', async () => {
  const closed: Promise<unknown>[] = [];
  const api = await apiTo((request) => closed.push(once(request.socket, 'close')), 0.2);
  expect((await failureOf(api.getMe())).error).toMatchObject({ message: expect.stringContaining('timed out') });
  expect(await Promise.all(closed)).toHaveLength(1);
});

test('a call that is given up hangs up and reads no more of its file', async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const root = await rootOf((request) => {
    request.socket.on('close', close);
    arrive();
  });
  const giveUp = new AbortController();
  const body = Readable.from(
    (async function* () {
      for (;;) yield await immediate(new Uint8Array(1024));
    })(),
  );
  const call = (signal: AbortSignal, what: string | Readable) =>
    createBotApiFetch()(`${root}/bot${TOKEN}/sendDocument`, { method: 'POST', headers: {}, body: what, signal });
  const given = expect(call(giveUp.signal, body)).rejects.toMatchObject({ name: 'AbortError' });
  await arrived;
  giveUp.abort();
  await Promise.all([given, closed]);
  expect(body.destroyed).toBe(true);
  await expect(call(giveUp.signal, '{}')).rejects.toMatchObject({ name: 'AbortError' });
});

test('what is no answer of the Bot API fails and says its status, an answer that breaks off fails as well', async () => {
  const api = await apiTo((request, response) => {
    if (request.url?.endsWith('getMe')) response.writeHead(502).end('<html>Bad Gateway</html>');
    else response.writeHead(200, { 'content-length': 100 }).write('{"ok":true', () => response.destroy());
  });
  expect((await failureOf(api.getMe())).message).toContain('(502: Bad Gateway)');
  expect((await failureOf(api.getWebhookInfo())).error).toMatchObject({ code: 'ECONNRESET' });
});

test('nobody there fails at once; https speaks TLS', async () => {
  const nobody = new Api(TOKEN, { apiRoot: 'http://127.0.0.1:1', fetch: createBotApiFetch() });
  expect((await failureOf(nobody.getMe())).error).toMatchObject({ code: 'ECONNREFUSED' });
  const { promise: firstByte, resolve } = Promise.withResolvers<number | undefined>();
  const plain = createTcpServer((socket) => {
    socket.once('data', (data) => {
      resolve(data[0]);
      socket.destroy();
    });
  });
  const apiRoot = `https://127.0.0.1:${await portOf(plain)}`;
  await failureOf(new Api(TOKEN, { apiRoot, fetch: createBotApiFetch() }).getMe());
  // RFC 8446, section 5.1: a record of type handshake.
  expect(await firstByte).toBe(22);
});
