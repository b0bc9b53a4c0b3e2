import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { normaliseTarget } from '../../src/db/target.ts';
import { testDatabase } from '../support/database.ts';
import { type LinkState, openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { eventually, openFaultBench } from './fault-bench.ts';
import { seededRandom } from './random.ts';
import { report } from './report.ts';

const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000);

/** The bot with a door before PostgreSQL and another before Telegram. */
async function benchWithDoors() {
  const database = await testDatabase();
  const server = normaliseTarget(database.target);
  const toDatabase = () => {
    if (!('url' in server)) return connect(`${server.host}/.s.PGSQL.${server.port}`);
    const { port, hostname } = new URL(server.url);
    return connect(Number(port || 5432), hostname);
  };
  const databaseDoor = await openTcpProxy({ toServer: toDatabase });
  let telegramDoor: TcpProxy | undefined;
  const user = 'url' in server ? new URL(server.url).username : server.user;
  const bench = await openFaultBench({
    target: database.target,
    botUrl: `postgres://${user}:any@127.0.0.1:${databaseDoor.port}/${database.name}`,
    apiRoot: async (real) => {
      telegramDoor = await openTcpProxy({ toServer: () => connect(Number(new URL(real).port), '127.0.0.1') });
      return `http://127.0.0.1:${telegramDoor.port}`;
    },
  });
  onTestFinished(async () => {
    await bench.close();
    await telegramDoor?.close();
    await databaseDoor.close();
    await database.close();
  });
  if (!telegramDoor) throw new Error('unreachable');
  return { bench, doors: { PostgreSQL: databaseDoor, Telegram: telegramDoor } };
}

/** What the link is like, for how long, under load; `faults`: what of it may cost an answer or bring a repeat. */
const LINKS: readonly { name: string; to: 'PostgreSQL' | 'Telegram'; states: LinkState[]; forMs: number }[] = [
  { name: 'cut before each tenth of a second', to: 'PostgreSQL', states: cuts('cut before', 20), forMs: 100 },
  { name: 'cut after each tenth of a second', to: 'PostgreSQL', states: cuts('cut after', 20), forMs: 100 },
  { name: 'late by 40 ms', to: 'PostgreSQL', states: [{ kind: 'delay', milliseconds: 40 }], forMs: 5000 },
  { name: 'one byte at a time', to: 'PostgreSQL', states: [{ kind: 'byte by byte' }], forMs: 5000 },
  { name: 'a black hole for five seconds', to: 'PostgreSQL', states: [{ kind: 'black hole' }], forMs: 5000 },
  { name: 'cut before each tenth of a second', to: 'Telegram', states: cuts('cut before', 20), forMs: 100 },
  { name: 'cut after each tenth of a second', to: 'Telegram', states: cuts('cut after', 20), forMs: 100 },
  { name: 'late by 150 ms', to: 'Telegram', states: [{ kind: 'delay', milliseconds: 150 }], forMs: 5000 },
  { name: 'one byte at a time', to: 'Telegram', states: [{ kind: 'byte by byte' }], forMs: 5000 },
  { name: 'a black hole for five seconds', to: 'Telegram', states: [{ kind: 'black hole' }], forMs: 5000 },
];

function cuts(kind: 'cut before' | 'cut after', count: number): LinkState[] {
  return Array.from({ length: count }, () => ({ kind, times: 1 }));
}

test.each(LINKS)('a link to $to that is $name loses no decision', async ({ name, to, states, forMs }) => {
  const { bench, doors } = await benchWithDoors();
  await bench.bot.start();
  await bench.fill(12);
  const load = bench.load({ random: seededRandom(SEED), perSecond: 10 });
  await wait(700);
  for (const state of states) {
    doors[to].set(state);
    await wait(forMs);
  }
  doors[to].set({ kind: 'open' });
  const since = performance.now();
  const before = load.taps.length;
  await eventually(
    async () => load.taps.slice(before).some(({ answer }) => answer !== undefined && answer !== 'expired'),
    'a tap to be answered on the open link',
    // A long poll that fell into a black hole is given up after 35 s, and asked again after 3 s more.
    60_000,
  );
  const recoveredMs = Math.round(performance.now() - since);
  await wait(1000);
  load.stop();
  bench.countFault(doors[to].harmed());
  const { problems, figures } = await bench.settle();
  report(
    `${to} ${name}: ${doors[to].harmed()} harmed, first answer ${recoveredMs} ms after; seed ${SEED} ${JSON.stringify(figures)}`,
  );
  expect(problems, `seed ${SEED}`).toEqual([]);
  expect(figures.lostDecisions).toBe(0);
  expect(bench.bot.collapses()).toBe(0);
});
