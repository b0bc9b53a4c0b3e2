/*
 * Figures "/stats", "/team" and "decisions": the service against one hand-written statement with the same fields and
 * zone, over a window of a million rows; and whether they stay as fast when ten million rows lie outside the window.
 * Used by bench.ts; writes into two databases of its own (20 GB for the full amount).
 */
import { isDeepStrictEqual } from 'node:util';
import { type Database, openDatabase } from '../../src/db/client.ts';
import type { Connection } from '../../src/db/connect.ts';
import { createActivityRepository } from '../../src/interactions/activity-repository.ts';
import { createInteractionRepository } from '../../src/interactions/interaction-repository.ts';
import { createInteractionService, type InteractionService } from '../../src/interactions/interaction-service.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Amount } from './bench.ts';
import { readLimitStatement, runLimit } from './limit-file.ts';
import { createPeople, loadActivity } from './load-activity.ts';
import { type Result, timeResult } from './result.ts';
import type { BenchDatabase, BenchServer } from './server.ts';
import { takeTurns } from './take-turns.ts';

const DAY_MS = 86_400_000;
const UNTIL = new Date('2026-11-20T11:00:00Z');
/** The seed's window: 30 days; the history is the 300 days before. */
const QUESTION = { now: UNTIL, days: 30, timeZone: 'Europe/Berlin' };
const WINDOW = { since: new Date(UNTIL.getTime() - 30 * DAY_MS), until: UNTIL };
const HISTORY = { since: new Date(WINDOW.since.getTime() - 300 * DAY_MS), until: WINDOW.since };

type Loaded = { bench: BenchDatabase; database: Database; interactions: InteractionService; busiest: string };

export async function measureFigures(server: BenchServer, amount: Amount): Promise<Result[]> {
  const young = await load(server, { rows: amount.rows, history: 0 });
  const old = amount.history > 0 ? await load(server, amount) : undefined;
  try {
    const results: Result[] = [];
    for (const figure of FIGURES) results.push(...(await measure(figure, young, old, amount)));
    return results;
  } finally {
    for (const loaded of [young, old]) {
      await loaded?.database.close();
      if (loaded) await server.dropDatabase(loaded.bench);
    }
  }
}

type Figure = {
  name: string;
  limit: string;
  ours: (loaded: Loaded) => Promise<object>;
};

const FIGURES: readonly Figure[] = [
  {
    name: '/stats',
    limit: 'user-stats',
    ours: ({ interactions, busiest }) => interactions.getUserStats(busiest, QUESTION),
  },
  { name: '/team', limit: 'team-activity', ours: ({ interactions }) => interactions.getTeamActivity(QUESTION) },
  {
    name: 'decisions',
    limit: 'content-decisions',
    ours: ({ interactions }) => interactions.getContentDecisions(QUESTION),
  },
];

async function measure(
  { name, limit, ours }: Figure,
  young: Loaded,
  old: Loaded | undefined,
  { rounds, rows, history }: Amount,
): Promise<Result[]> {
  const statement = readLimitStatement(limit);
  const byHand = async ({ bench: { sql }, busiest }: Loaded) => {
    const values = { ...WINDOW, until: new Date(UNTIL.getTime() + 1), zone: QUESTION.timeZone, user: busiest };
    return (await runLimit(sql, statement, values))[0];
  };
  const [expected, found] = [await byHand(young), await ours(young)];
  if (!isDeepStrictEqual({ ...expected }, found)) {
    throw new Error(`${name}: not the same answer\n${JSON.stringify(expected)}\n${JSON.stringify(found)}`);
  }
  const ms = await takeTurns(
    {
      limit: () => byHand(young),
      ours: () => ours(young),
      limitOld: () => byHand(old ?? young),
      oursOld: () => ours(old ?? young),
    },
    { rounds, warmUps: 2 },
  );
  const million = (count: number) => `${count / 1_000_000} M`;
  return [
    timeResult(`${name} over ${million(rows)} rows`, ms, 1.3),
    ...(old
      ? [
          timeResult(`  with ${million(history)} older rows / without`, { ours: ms.oursOld, limit: ms.ours }, 1.2),
          timeResult(`  the same by hand`, { ours: ms.limitOld, limit: ms.limit }),
        ]
      : []),
  ];
}

/** A database with the rows of the window and, before them, the older ones. */
async function load(server: BenchServer, { rows, history }: Pick<Amount, 'rows' | 'history'>): Promise<Loaded> {
  const bench = await server.createDatabase();
  const people = await createPeople(bench.sql);
  await loadActivity(bench.sql, HISTORY, history, people);
  await loadActivity(bench.sql, WINDOW, rows, people);
  await vacuum(bench.sql);
  // As in app.ts, where figures have a pool of their own.
  const database = openDatabase(bench.target, {
    logger: silentLogger(),
    applicationName: 'storyline bench',
    max: 1,
    lockTimeoutMs: 2_000,
    statementTimeoutMs: 60_000,
  });
  const interactions = createInteractionService({
    interactions: createInteractionRepository(database),
    activity: createActivityRepository(database),
  });
  return { bench, database, interactions, busiest: people[0] ?? '' };
}

async function vacuum(sql: Connection): Promise<void> {
  await sql`vacuum (analyze) user_interactions`;
  await sql`vacuum (analyze) decisions`;
}
