import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openTcpProxy } from '../support/tcp-proxy.ts';

/** A server that says everything back, and remembers what it was told and in how many pieces. */
async function echo(options: { words?: string } = {}) {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const proxy = await openTcpProxy({ toServer: () => connect(port, '127.0.0.1'), ...options });
  const sockets: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await proxy.close();
    server.close();
  });
  return {
    proxy,
    heard,
    async client() {
      const socket = connect(proxy.port, '127.0.0.1').setNoDelay(true);
      sockets.push(socket);
      await once(socket, 'connect');
      let said = '';
      const ended = once(socket, 'close').then(() => true);
      socket.on('data', (chunk) => {
        said += chunk.toString();
      });
      socket.on('error', () => {});
      return { socket, ended, said: () => said };
    },
  };
}

async function answered(client: { said: () => string }, words: string): Promise<void> {
  await expect.poll(client.said).toBe(words);
}

test('an open link passes everything on', async () => {
  const { client, proxy } = await echo();
  const one = await client();
  one.socket.write('hello');
  await answered(one, 'hello');
  expect(proxy.harmed()).toBe(0);
});

test('cut before: the request does not arrive, its connection ends, the next one passes', async () => {
  const { client, proxy, heard } = await echo();
  const [one, two] = [await client(), await client()];
  proxy.set({ kind: 'cut before', times: 1 });
  one.socket.write('first');
  expect(await one.ended).toBe(true);
  expect(heard).toEqual([]);
  two.socket.write('second');
  await answered(two, 'second');
  expect(proxy.harmed()).toBe(1);
});

test('cut after: the request arrives, its answer does not, and its connection ends', async () => {
  const { client, proxy, heard } = await echo();
  const one = await client();
  proxy.set({ kind: 'cut after', times: 1 });
  one.socket.write('first');
  expect(await one.ended).toBe(true);
  expect(heard).toEqual(['first']);
  expect(one.said()).toBe('');
});

test('with words only requests that contain them are cut', async () => {
  const { client, proxy } = await echo({ words: 'editMessage' });
  const [one, two] = [await client(), await client()];
  proxy.set({ kind: 'cut before', times: 1 });
  one.socket.write('getUpdates');
  await answered(one, 'getUpdates');
  two.socket.write('editMessageCaption');
  expect(await two.ended).toBe(true);
});

test('a black hole takes everything and says nothing; what fell in stays dead when the link is open again', async () => {
  const { client, proxy, heard } = await echo();
  const [one, two] = [await client(), await client()];
  proxy.set({ kind: 'black hole' });
  one.socket.write('lost');
  expect(await Promise.race([one.ended, wait(200, false)])).toBe(false);
  proxy.set({ kind: 'open' });
  one.socket.write('lost too');
  two.socket.write('fine');
  await answered(two, 'fine');
  expect(heard).toEqual(['fine']);
  expect(one.said()).toBe('');
});

test('a slow link passes everything on later, in order', async () => {
  const { client, proxy } = await echo();
  const one = await client();
  proxy.set({ kind: 'delay', milliseconds: 80 });
  const since = performance.now();
  one.socket.write('a');
  await wait(5);
  one.socket.write('b');
  await answered(one, 'ab');
  expect(performance.now() - since).toBeGreaterThanOrEqual(155);
});

test('byte by byte everything arrives whole, in many pieces', async () => {
  const { client, proxy, heard } = await echo();
  const one = await client();
  proxy.set({ kind: 'byte by byte' });
  one.socket.write('pieces');
  await answered(one, 'pieces');
  expect(heard.length).toBeGreaterThan(1);
  expect(heard.join('')).toBe('pieces');
});
