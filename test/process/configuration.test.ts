import { writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import {
  type Environment,
  freePort,
  healthOf,
  originOf,
  type RunningProcess,
  startMain,
  temporaryFolder,
} from '../support/bot-process.ts';
import { testDatabase } from '../support/database.ts';
import { startProcessTeam } from '../support/process-team.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const FAILED = { code: 1, signal: null };
const OTHER_BOT = '7000000002:AAStorylineSimulatorOtherBotToken00';

/** A start that must not succeed; gives what it said. */
async function refused(env: Environment): Promise<string> {
  const run = startMain(env, { cwd: temporaryFolder() });
  expect(await run.ended()).toEqual(FAILED);
  return run.output();
}

/** What it said beside the log of a start that goes well. */
function sentences(run: RunningProcess | string): string[] {
  const output = typeof run === 'string' ? run : run.output();
  return output
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('{"level":"info"'));
}

test('all problems of the configuration are told at once, without the values', async () => {
  const wrong = {
    BOT_TOKEN: 'canary-token',
    TELEGRAM_API_ROOT: 'canary-root',
    ADMIN_TELEGRAM_IDS: 'canary,admin',
    TEAM_CHAT_ID: 'canary-chat',
    DATABASE_URL: 'mysql://me:canary-password@host/name',
    PORT: '99999',
    TIMEZONE: 'Canary/Zone',
    AWS_STORAGE_BUCKET_NAME: 'Canary Bucket',
    AWS_S3_REGION_NAME: 'canary region',
    AWS_REGION: 'canary region',
    AWS_ENDPOINT_URL: 'canary-endpoint',
    LOG_LEVEL: 'canary',
    SIMULATOR: 'canary',
  };
  const output = await refused(wrong);
  expect(output).toMatch(/^The configuration has 13 problems:\n/);
  for (const name of Object.keys(wrong)) expect(output).toMatch(new RegExp(`^ {2}- ${name} `, 'm'));
  expect(output).not.toMatch(/canary/i);
  expect(output).not.toContain('99999');
});

test('a bucket needs its region, its own or AWS’s, and may lie elsewhere than at AWS', () => {
  const bucket = { AWS_STORAGE_BUCKET_NAME: 'my-team' };
  expect(readConfig({ AWS_REGION: 'eu-west-1' }).objectStorage).toBeUndefined();
  expect(() => readConfig(bucket)).toThrow('AWS_STORAGE_BUCKET_NAME needs the region of the bucket');
  expect(readConfig({ ...bucket, AWS_REGION: 'eu-west-1' }).objectStorage).toEqual({
    bucket: 'my-team',
    region: 'eu-west-1',
    endpoint: undefined,
  });
  const elsewhere = { AWS_S3_REGION_NAME: 'eu-central-1', AWS_ENDPOINT_URL: 'http://minio:9000' };
  expect(readConfig({ ...bucket, ...elsewhere, AWS_REGION: 'eu-west-1' }).objectStorage).toEqual({
    bucket: 'my-team',
    region: 'eu-central-1',
    endpoint: 'http://minio:9000',
  });
});

test('SIMULATOR=1 beside BOT_TOKEN is refused', async () => {
  const output = await refused({ SIMULATOR: '1', BOT_TOKEN: OTHER_BOT });
  expect(output).toContain('SIMULATOR and BOT_TOKEN are both set');
  expect(output).not.toContain(OTHER_BOT);
});

test('DATABASE_URL without BOT_TOKEN serves HTTP only', async () => {
  const test = await testDatabase();
  const port = await freePort();
  const run = startMain({ DATABASE_URL: test.url, PORT: String(port) });
  await run.waitForLine('there is no bot without BOT_TOKEN');
  const origin = await originOf(run);
  expect(origin).toBe(`http://127.0.0.1:${port}`);
  expect(await healthOf(origin)).toEqual({ code: 200, status: 'ok', database: 'ok' });
  expect((await fetch(`${origin}/readyz`)).status).toBe(200);
  expect((await fetch(origin)).status).toBe(404);
  run.kill('SIGTERM');
  expect(await run.ended()).toEqual({ code: 0, signal: null });
  await test.close();
});

test('the simulator’s database is refused to a real bot, and a real bot’s to the simulator and to another bot', async () => {
  const demo = await testDatabase();
  const cwd = temporaryFolder();
  const simulator = startMain({ SIMULATOR: '1', DATABASE_URL: demo.url, PORT: '0', DATA_DIR: cwd });
  await simulator.waitForLine('Storyline runs with the simulator');
  simulator.kill('SIGTERM');
  expect(await simulator.ended()).toMatchObject({ code: 0 });
  const team = await startProcessTeam();
  const bot = await team.start();
  bot.kill('SIGTERM');
  await bot.ended();

  const [real, demoAgain] = await Promise.all([
    refused({ ...team.env, DATABASE_URL: demo.url }),
    refused({ SIMULATOR: '1', DATABASE_URL: team.test.url, PORT: '0', DATA_DIR: cwd }),
  ]);
  const other = await refused({ ...team.env, BOT_TOKEN: OTHER_BOT });
  expect(sentences(real)).toEqual([expect.stringMatching(/^This database holds the simulator’s demo data\./)]);
  expect(sentences(demoAgain)).toEqual([expect.stringMatching(/^This database holds a real team’s data\./)]);
  expect(sentences(other)).toEqual([expect.stringMatching(/^This database belongs to another bot \(id 7000000001\)/)]);
  expect(team.telegram.messages(team.group)).toEqual([]);
  await demo.close();
});

test('T16 a token that Telegram does not know ends the process with one clear line, and the database stays free for the right one', async () => {
  const team = await startProcessTeam();
  const run = startMain({ ...team.env, BOT_TOKEN: OTHER_BOT });
  expect(await run.ended()).toEqual(FAILED);
  const said = sentences(run);
  expect(said).toEqual([expect.stringContaining('Telegram does not know this BOT_TOKEN (any more).')]);
  expect(run.output()).not.toContain('AAStoryline');
  await team.start();
  expect(await team.cards(1)).toHaveLength(1);
});

test('T16 a token that is revoked ends the process with one clear line; the card of the last tap is shown after the next start', async () => {
  const team = await startProcessTeam();
  const run = await team.start();
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  team.telegram.arm('*', { error: { code: 401, description: 'Unauthorized' } }, { times: 1000 });
  void team.bob.press(card, 'Posted');
  expect(await run.ended()).toEqual(FAILED);
  const fatal = sentences(run).filter((line) => line.includes('"level":"fatal"'));
  expect(fatal).toEqual([expect.stringContaining('Telegram does not know this BOT_TOKEN (any more).')]);
  expect(await team.rows('select decision from decisions')).toEqual([{ decision: 'posted' }]);
  expect(team.now(card).caption).toBe(card.caption);

  team.telegram.disarm();
  await team.start();
  await team.telegram.waitFor(() => team.now(card).caption?.includes('Posted by Bob'), { timeoutMs: 10_000 });
});

test('T17 a second poller makes the bot wait, and when it has gone nothing is lost', async () => {
  const team = await startProcessTeam();
  const run = await team.start();
  const { telegram, alice } = team;
  telegram.arm(
    'getUpdates',
    { error: { code: 409, description: 'Conflict: terminated by other getUpdates request' } },
    { times: 3 },
  );
  const asked = Array.from({ length: 5 }, () => alice.send(alice.privateChat, '/help'));
  expect(asked).toHaveLength(5);
  await run.waitForLine('polling ended; starting again');
  const origin = await originOf(run);
  const { code, telegram: reason } = await healthOf(origin);
  expect({ code, reason }).toEqual({ code: 503, reason: expect.stringContaining('409') });
  await telegram.idle({ timeoutMs: 15_000 });
  const answers = await telegram.waitFor(() => {
    const sent = telegram.messages(alice.privateChat).filter(({ from }) => from?.is_bot);
    return sent.length >= 5 && sent;
  });
  expect(answers).toHaveLength(5);
  expect(telegram.calls('getUpdates').filter(({ answer }) => !answer.ok)).toHaveLength(3);
  expect(await healthOf(origin)).toMatchObject({ code: 200, telegram: 'ok' });
});

test('two bots on two databases with one token: Telegram’s 409 shows in /healthz, and the first goes on when the second has gone', async () => {
  const team = await startProcessTeam();
  const first = await team.start();
  const elsewhere = await testDatabase();
  const second = await team.start({ DATABASE_URL: elsewhere.url });
  await first.waitForLine('409');
  second.kill('SIGTERM');
  await second.ended();
  const from = first.output().length;
  team.alice.send(team.alice.privateChat, '/help');
  await team.telegram.waitForMessage(team.alice.privateChat, ({ from: sender }) => sender?.is_bot === true, {
    timeoutMs: 15_000,
  });
  await team.telegram.idle({ timeoutMs: 15_000 });
  expect(first.output().slice(from)).not.toContain('"level":"fatal"');
  await elsewhere.close();
});

test('.env in the working directory is read, and the environment wins', async () => {
  const telegram = await startSimulator();
  const cwd = temporaryFolder();
  writeFileSync(`${cwd}/.env`, 'TIMEZONE=Nowhere/Land\nPORT=123456\n');
  // An empty variable is set too, so this one must be absent for the file to count.
  const run = startMain({ BOT_TOKEN: telegram.token, TIMEZONE: 'Europe/Berlin' }, { cwd, unset: ['PORT'] });
  expect(await run.ended()).toEqual(FAILED);
  expect(run.output()).toMatch(/PORT is a number/);
  expect(run.output()).not.toContain('TIMEZONE');
  await telegram.stop();
});
