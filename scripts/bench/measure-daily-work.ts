/*
 * What the bot does all day, over a month's rows and over the same month with years before it: it must not become slower.
 * Taps, what /queue and /history ask, and the statements that the clock repeats every few seconds. Used by bench.ts;
 * adds cards to the loaded databases.
 */
import { openDatabase } from '../../src/db/client.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Services } from '../../src/services.ts';
import type { Amount } from './bench.ts';
import { CHAT_ID, createTeam, deliverCards } from './deliver-cards.ts';
import type { Loaded, LoadedDatabases } from './loaded-databases.ts';
import { decide, servicesOver } from './measure-decisions.ts';
import { type Result, timeResult } from './result.ts';
import type { BenchServer } from './server.ts';
import { takeTurns } from './take-turns.ts';

/** How often a contender does its work before it is the other one's turn. */
const REPEATS = 20;
const WARM_UPS = 2;
/** A bound against growth with history, over ten times the rows and more. What takes less than this anyway may waver. */
const MOST = 1.3;
const UNNOTICED_MS = 1;
const FIRST_MESSAGE = 100_000_000;

type Team = { loaded: Loaded; services: Services; user: string; cards: string[]; close: () => Promise<void> };

const WORK: readonly { name: string; do: (team: Team) => Promise<unknown> }[] = [
  { name: 'a tap', do: ({ services, cards, user }) => decide(services, cards.splice(0, REPEATS), user) },
  {
    name: '/queue',
    do: repeated(async ({ services: { queue } }) => {
      await queue.upcoming(CHAT_ID, { limit: 10, offset: 0 });
      await queue.waiting(CHAT_ID, 10, new Date());
      await queue.backlog(CHAT_ID, new Date());
    }),
  },
  { name: '/status', do: repeated(({ services }) => services.queue.summary(CHAT_ID)) },
  { name: '/history 20', do: repeated(({ services }) => services.history.last(CHAT_ID, 20, new Date())) },
  { name: 'looking for what is due', do: repeated(({ services }) => services.delivery.deliverDue()) },
  { name: 'the sweep over cards', do: repeated(({ services }) => services.renderer.sweep()) },
  { name: 'looking after what waits', do: repeated(({ services }) => services.lookAfterWaiting()) },
];

export async function measureDailyWork(
  _server: BenchServer,
  { rounds }: Amount,
  databases: LoadedDatabases,
): Promise<Result[]> {
  const loadedOld = await databases.old();
  if (!loadedOld) return [];
  const cards = (rounds + WARM_UPS) * REPEATS;
  const young = await open(await databases.young(), cards);
  const old = await open(loadedOld, cards);
  try {
    const results: Result[] = [];
    for (const { name, do: work } of WORK) {
      const ms = await takeTurns({ young: () => work(young), old: () => work(old) }, { rounds, warmUps: WARM_UPS });
      const once = { ours: ms.old / REPEATS, limit: ms.young / REPEATS };
      const figure = `${name}: ${old.loaded.rows / 1e6} M rows / ${young.loaded.rows / 1e6} M`;
      const result = timeResult(figure, once, MOST);
      const isOk = result.isOk || once.ours < UNNOTICED_MS;
      results.push({ ...result, goal: `${result.goal} or ${UNNOTICED_MS} ms`, isOk });
      // Nothing of this speaks to Telegram, where these cards are not.
      for (const { loaded } of [young, old]) {
        await loaded.bench.sql`
          update queue_items set rendered_version = version, render_again_at = null where message_id >= ${FIRST_MESSAGE}`;
      }
    }
    return results;
  } finally {
    await young.close();
    await old.close();
  }
}

function repeated(work: (team: Team) => Promise<unknown>): (team: Team) => Promise<void> {
  return async (team) => {
    for (let time = 0; time < REPEATS; time += 1) await work(team);
  };
}

async function open(loaded: Loaded, count: number): Promise<Team> {
  const database = openDatabase(loaded.bench.target, {
    logger: silentLogger(),
    applicationName: 'storyline bench',
    max: 1,
    lockTimeoutMs: 300,
    statementTimeoutMs: 10_000,
  });
  const user = await createTeam(loaded.bench.sql);
  const cards = (await deliverCards(loaded.bench.sql, count, FIRST_MESSAGE)).map(({ id }) => id);
  return { loaded, services: servicesOver(database), user, cards, close: database.close };
}
