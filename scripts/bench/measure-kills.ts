/*
 * Figures of kill -9 under load: how long until a tap is answered again, and what was lost or came twice, by the history
 * checker of the fault tests (test/faults). The bot is a process of its own; four people press, ask and send meanwhile,
 * also while it is away. Used by bench.ts; the database is dropped and the processes are ended.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { eventually, openFaultBench } from '../../test/faults/fault-bench.ts';
import { seededRandom } from '../../test/faults/random.ts';
import type { Amount } from './bench.ts';
import { amountResult, type Result } from './result.ts';
import type { BenchServer } from './server.ts';
import { median, percentile } from './take-turns.ts';

const ACTIONS_PER_SECOND = 8;
/** People go on while it is away. It is killed again only when it has caught up with all but these, or it never would. */
const MOST_WAITING = 5;
const CATCH_UP_LIMIT_MS = 120_000;
/** The same choices in every run, as far as the bot shows the same cards at the same moment. */
const SEED = 20_261_120;
const SHORTEST_LIFE_MS = 200;
const LONGEST_LIFE_MS = 1500;

export async function measureKills(server: BenchServer, { kills }: Amount): Promise<Result[]> {
  const random = seededRandom(SEED);
  const database = await server.createDatabase();
  const bench = await openFaultBench({ target: database.target, botUrl: database.url });
  const { telegram, bot } = bench;
  try {
    await bot.start();
    await bench.fill(30);
    const load = bench.load({ random, perSecond: ACTIONS_PER_SECOND });
    const recoveries: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      await wait(SHORTEST_LIFE_MS + random.below(LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
      await bot.kill();
      bench.countFault();
      const killedAt = Date.now();
      const from = telegram.history.length;
      await bot.start();
      const firstAnswer = () =>
        telegram.history.slice(from).find(({ method, answer }) => method === 'answerCallbackQuery' && answer.ok);
      await eventually(async () => firstAnswer() !== undefined, 'a tap to be answered after a kill', 60_000);
      recoveries.push((firstAnswer()?.answeredAt ?? Number.NaN) - killedAt);
      const hasCaughtUp = async () => telegram.pendingUpdates().length <= MOST_WAITING;
      await eventually(hasCaughtUp, 'the bot to catch up', CATCH_UP_LIMIT_MS);
    }
    load.stop();
    const { problems, figures } = await bench.settle();
    for (const problem of problems) console.error(`  ${problem}`);
    return [
      amountResult('kill -9 to the next answered tap, under load', median(recoveries) / 1000, 's', 10),
      amountResult('  p95', percentile(recoveries, 0.95) / 1000, 's'),
      amountResult('  the slowest', Math.max(...recoveries) / 1000, 's', 30),
      amountResult(`decisions lost in ${kills} kills`, figures.lostDecisions, `of ${figures.decisions}`, 0),
      amountResult('  taps, commands and uploads without their row', figures.lostInteractions, '', 0),
      amountResult('  messages that came twice', figures.repeats, '', kills),
      amountResult('  cards beyond one for each /next', figures.extraCards, '', kills),
      amountResult('  taps that nobody answered', figures.expired, `of ${figures.taps}`),
      amountResult('  other contradictions between Telegram, database and log', problems.length, '', 0),
    ];
  } finally {
    await bench.close();
    await server.dropDatabase(database);
  }
}
