import { expect, test, vi } from 'vitest';
import { startMain } from '../support/bot-process.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { type ProcessTeam, startProcessTeam } from '../support/process-team.ts';

vi.setConfig({ testTimeout: 90_000 });

const HANGS = { delayMs: 600_000 };

/** How long it took, in seconds. */
async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return (performance.now() - before) / 1000;
}

async function stopWhileEditHangs(team: ProcessTeam): Promise<void> {
  const bot = await team.start();
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  const isEditing = team.meet('editMessageCaption', HANGS);
  await team.bob.press(card, 'Posted');
  await isEditing;
  bot.kill('SIGTERM');
  const seconds = await secondsOf(async () => expect(await bot.ended()).toEqual({ code: 0, signal: null }));
  expect(seconds).toBeLessThan(18);
  await team.start();
  await team.telegram.waitFor(() => team.now(card).caption?.includes('Posted by Bob'), { timeoutMs: 10_000 });
}

/** Files have more time to go up than a stop has. */
async function stopWhileFileHangs(team: ProcessTeam): Promise<void> {
  const bot = await team.start();
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  await team.bob.press(card, 'Posted');
  await team.telegram.idle({ timeoutMs: 20_000 });
  const isSending = team.meet('sendPhoto', HANGS);
  team.alice.send(team.alice.privateChat, '/team');
  await isSending;
  bot.kill('SIGTERM');
  const seconds = await secondsOf(async () => expect(await bot.ended()).toEqual({ code: 1, signal: null }));
  expect(seconds).toBeLessThan(20);
  expect(bot.output()).toContain('something did not stop in time');
}

async function stopWhileTelegramIsSilent(team: ProcessTeam): Promise<void> {
  const bot = await team.start();
  team.alice.send(team.alice.privateChat, '/help');
  await team.telegram.idle({ timeoutMs: 20_000 });
  const isSilent = team.meet('getUpdates', HANGS);
  team.telegram.arm('getUpdates', HANGS, { times: 1000 });
  bot.kill('SIGINT');
  await isSilent;
  const seconds = await secondsOf(async () => expect(await bot.ended()).toEqual({ code: 0, signal: null }));
  expect(seconds).toBeLessThan(15);
}

async function startWithoutDatabase(team: ProcessTeam): Promise<void> {
  const proxy = await openDatabaseProxy(team.test.target);
  proxy.close();
  const bot = startMain({ ...team.env, DATABASE_URL: proxy.url('canary-password') });
  await bot.waitForLine('the database does not answer yet; trying again');
  expect(await bot.ended({ timeoutMs: 60_000 })).toEqual({ code: 1, signal: null });
  const said = bot
    .output()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'));
  expect(said).toEqual([
    expect.stringMatching(
      /^The database \(storyline_test_\w+ at 127\.0\.0\.1:\d+\) cannot be used: .+ Check DATABASE_URL/,
    ),
  ]);
  expect(bot.output()).not.toContain('canary');
}

// One test, since each of the four only waits: 12 s, 18 s, 10 s and 30 s.
test('what hangs is given up: an edit at its limit, a file at a stop within 20 s, a silent Telegram sooner, a database at the start after half a minute', async () => {
  const teams = [
    await startProcessTeam(),
    await startProcessTeam(),
    await startProcessTeam(),
    await startProcessTeam(),
  ] as const;
  await Promise.all([
    stopWhileEditHangs(teams[0]),
    stopWhileTelegramIsSilent(teams[1]),
    startWithoutDatabase(teams[2]),
    stopWhileFileHangs(teams[3]),
  ]);
});
