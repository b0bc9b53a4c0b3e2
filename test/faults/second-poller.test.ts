import { setTimeout as wait } from 'node:timers/promises';
import { Api } from 'grammy';
import { expect, onTestFinished, test } from 'vitest';
import { healthOf, originOf } from '../support/bot-process.ts';
import { testDatabase } from '../support/database.ts';
import { startProcessTeam } from '../support/process-team.ts';
import { eventually, openFaultBench } from './fault-bench.ts';
import { seededRandom } from './random.ts';
import { report } from './report.ts';

const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000);

// The waits of the rules themselves, in real time; test/telegram/polling.test.ts has the same with short ones.

test('T17: a second program that fetches our updates for ten seconds costs nothing, and the process stays', async () => {
  const database = await testDatabase();
  const bench = await openFaultBench({ target: database.target, botUrl: database.url });
  onTestFinished(async () => {
    await bench.close();
    await database.close();
  });
  const { telegram, bot } = bench;
  await bot.start();
  await bench.fill(12);
  const load = bench.load({ random: seededRandom(SEED), perSecond: 5 });
  const other = new Api(telegram.token, { apiRoot: telegram.apiRoot });
  const isOver = AbortSignal.timeout(10_000);
  const before = telegram.calls('getMe').length;
  let conflicts = 0;
  while (!isOver.aborted) {
    // It sees what is waiting, confirms nothing, and is itself ended by us now and then.
    await other.getUpdates({ timeout: 2 }).catch(() => {
      conflicts += 1;
    });
    await wait(20);
  }
  const since = performance.now();
  const from = load.taps.length;
  await eventually(
    async () => load.taps.slice(from).some(({ answer }) => answer !== undefined && answer !== 'expired'),
    'a tap to be answered again',
  );
  const recoveredMs = Math.round(performance.now() - since);
  const starts = telegram.calls('getMe').length - before;
  load.stop();
  const { problems, figures } = await bench.settle();
  report(
    `a second poller for 10 s: ${starts} restarts of polling, ${conflicts} conflicts at the other, first answer ${recoveredMs} ms after; seed ${SEED} ${JSON.stringify(figures)}`,
  );
  expect(problems, `seed ${SEED}`).toEqual([]);
  expect(figures).toMatchObject({ lostDecisions: 0, lostInteractions: 0, repeats: 0, expired: 0 });
  // Half a second, then twice as long each time, ten at most: no storm, in this process or of processes.
  expect(starts).toBeGreaterThan(0);
  expect(starts).toBeLessThanOrEqual(20);
  expect(bot.collapses()).toBe(0);
});

test('T18: a second program that stays ends the process after a minute, with its cause, and health was red before', async () => {
  const team = await startProcessTeam();
  const run = await team.start();
  const origin = await originOf(run);
  expect(await healthOf(origin)).toMatchObject({ code: 200 });
  const started = performance.now();
  const conflict = { code: 409, description: 'Conflict: terminated by other getUpdates request' };
  team.telegram.arm('getUpdates', { error: conflict }, { times: 100_000 });
  // The poll that waits already ends with its update.
  team.alice.send(team.alice.privateChat, '/help');
  await run.waitForLine('polling ended; starting again');
  const heard = new Set<string>();
  const watch = setInterval(() => {
    void healthOf(origin).then(
      ({ code, telegram }) => heard.add(`${code} ${telegram}`),
      () => {},
    );
  }, 250);
  const ending = await run.ended({ timeoutMs: 90_000 }).finally(() => clearInterval(watch));
  const seconds = (performance.now() - started) / 1000;
  report(
    `a second poller that stays: ended after ${seconds.toFixed(1)} s, ${team.telegram.calls('getUpdates').length} polls`,
  );
  expect(ending).toEqual({ code: 1, signal: null });
  expect(seconds).toBeGreaterThan(60);
  expect(seconds).toBeLessThan(80);
  expect(run.output()).toContain(
    'Another program fetches the updates of this bot (409 from Telegram). Stop it, or use another token.',
  );
  expect([...heard].filter((line) => !line.startsWith('503 '))).toEqual([]);
  expect([...heard].some((line) => line.includes('409'))).toBe(true);
  expect(team.telegram.calls('getUpdates').length).toBeLessThan(25);
});
