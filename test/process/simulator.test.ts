import { request } from 'node:http';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { healthOf, originOf, startMain, terminal } from '../support/bot-process.ts';
import { dataDirectory } from '../support/embedded.ts';
import { until } from '../support/until.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const ALICE = 5000000001;
const TEAM = -1002000000001;

const message = z.object({ message_id: z.number(), text: z.string().optional() }).loose();
const messagesView = z.array(z.object({ message }));

async function read(origin: string, path: string): Promise<unknown> {
  return (await fetch(`${origin}/simulator/${path}`)).json();
}

async function messagesOf(origin: string, chat: number) {
  const views = messagesView.parse(await read(origin, `messages?person=${ALICE}&chat=${chat}`));
  return views.map((view) => view.message);
}

async function say(origin: string, chat: number, text: string): Promise<void> {
  const body = JSON.stringify({ person: ALICE, chat, text });
  const answer = await fetch(`${origin}/simulator/send`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  expect(answer.status).toBe(200);
}

function statusOf(origin: string, headers: Record<string, string>): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request(origin, { headers }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  })
    .on('error', reject)
    .end();
  return promise;
}

test('without BOT_TOKEN the simulator opens with demo media; a second start keeps messages and cards and sends nothing again', async () => {
  const dataDir = dataDirectory();
  const env = { DATA_DIR: dataDir, PORT: '0' };
  const first = startMain(env);
  const line = await first.waitForLine('Storyline runs with the simulator. Open http://');
  const origin = await originOf(first);
  expect(line).toContain(`Open ${origin}/ in a browser`);
  const page = await fetch(origin);
  expect(page.status).toBe(200);
  expect(await page.text()).toMatch(/^<!doctype html>/i);
  expect(await healthOf(origin)).toEqual({ code: 200, status: 'ok', database: 'ok', telegram: 'ok' });

  // Each of the 14 demo files is answered when it is in the library.
  const isAnswered = ({ reply_to_message }: Record<string, unknown>) => reply_to_message !== undefined;
  await until(async () => ((await messagesOf(origin, ALICE)).filter(isAnswered).length === 14 ? [true] : []), 30_000);
  const { stdout } = await terminal(['queue', 'list', '--json'], env);
  expect(JSON.parse(stdout)).toMatchObject({ chat_id: TEAM, waiting: [], upcoming: { length: 14 } });
  await say(origin, TEAM, '/next');
  await until(async () =>
    (await messagesOf(origin, TEAM)).filter((shown) => JSON.stringify(shown).includes('posted:')),
  );
  expect(first.output()).not.toMatch(/"level":"(error|fatal)"/);
  const before = { alice: await messagesOf(origin, ALICE), team: await messagesOf(origin, TEAM) };
  first.kill('SIGINT');
  expect(await first.ended()).toEqual({ code: 0, signal: null });
  expect(serverPid(serverFolders(`${dataDir}/simulator`))).toBeUndefined();

  const second = startMain(env);
  await second.waitForLine('Storyline runs with the simulator');
  const again = await originOf(second);
  expect({ alice: await messagesOf(again, ALICE), team: await messagesOf(again, TEAM) }).toEqual(before);
  expect(second.output()).not.toContain('demo media sent');
  await say(again, TEAM, '/status');
  await until(async () =>
    (await messagesOf(again, TEAM)).filter(({ text }) => text?.includes('Queue: 13 planned, 1 waiting')),
  );
  const { length } = await messagesOf(again, ALICE);
  expect(length).toBe(before.alice.length);
});

test('the simulator serves this machine only: forwarded and foreign requests are refused', async () => {
  const run = startMain({ DATA_DIR: dataDirectory(), PORT: '0' });
  const origin = await originOf(run);
  expect(await statusOf(origin, {})).toBe(200);
  for (const headers of [
    { 'x-forwarded-for': '203.0.113.7' },
    { forwarded: 'for=203.0.113.7' },
    { 'x-real-ip': '203.0.113.7' },
    { host: 'evil.example' },
  ]) {
    expect(await statusOf(origin, headers)).toBe(403);
    expect(await statusOf(`${origin}/simulator/people`, headers)).toBe(403);
  }
  expect(await statusOf(`${origin}/simulator/people`, { origin: 'https://evil.example' })).toBe(403);
});
