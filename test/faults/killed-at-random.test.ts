import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { openFaultBench } from './fault-bench.ts';
import { seededRandom } from './random.ts';
import { report } from './report.ts';

/** How long it goes on; a short run with FAULT_MINUTES=0.4, a failed one again with its FAULT_SEED. */
const MINUTES = Number(process.env.FAULT_MINUTES ?? 10);
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000);

test(`a bot that is killed every few seconds for ${MINUTES} minutes under load loses no decision`, {
  timeout: MINUTES * 60_000 + 180_000,
}, async () => {
  const random = seededRandom(SEED);
  const database = await testDatabase();
  const bench = await openFaultBench({ target: database.target, botUrl: database.url });
  onTestFinished(async () => {
    await bench.close();
    await database.close();
  });
  await bench.bot.start();
  await bench.fill(20);
  const load = bench.load({ random, perSecond: 12 });
  const end = performance.now() + MINUTES * 60_000;
  let kills = 0;
  while (performance.now() < end) {
    await wait(300 + random.below(4000));
    await bench.bot.kill();
    bench.countFault();
    kills += 1;
    await bench.bot.start();
  }
  load.stop();
  const { problems, figures } = await bench.settle();
  report(`seed ${SEED}, ${kills} kills: ${JSON.stringify(figures)}`);
  expect(problems, `seed ${SEED}`).toEqual([]);
  expect(figures.lostDecisions).toBe(0);
  expect(figures.taps).toBeGreaterThan(kills);
  expect(bench.bot.collapses()).toBe(0);
});
