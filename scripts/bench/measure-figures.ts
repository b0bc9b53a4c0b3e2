/*
 * Figures "/stats", "/team" and "decisions": the service against one hand-written statement with the same fields and
 * zone, over a window of a million rows; and whether they stay as fast when ten million rows lie outside the window.
 * Used by bench.ts; reads only.
 */
import { isDeepStrictEqual } from 'node:util';
import { createActivityRepository } from '../../src/interactions/activity-repository.ts';
import { createInteractionRepository } from '../../src/interactions/interaction-repository.ts';
import { createInteractionService, type InteractionService } from '../../src/interactions/interaction-service.ts';
import type { Amount } from './bench.ts';
import { readLimitStatement, runLimit } from './limit-file.ts';
import { type Loaded, type LoadedDatabases, UNTIL, WINDOW } from './loaded-databases.ts';
import { type Result, timeResult } from './result.ts';
import type { BenchServer } from './server.ts';
import { takeTurns } from './take-turns.ts';

const QUESTION = { now: UNTIL, days: 30, timeZone: 'Europe/Berlin' };

type Asked = { loaded: Loaded; interactions: InteractionService };

export async function measureFigures(
  _server: BenchServer,
  amount: Amount,
  databases: LoadedDatabases,
): Promise<Result[]> {
  const young = asked(await databases.young());
  const loadedOld = await databases.old();
  const old = loadedOld && asked(loadedOld);
  const results: Result[] = [];
  for (const figure of FIGURES) results.push(...(await measure(figure, young, old, amount)));
  return results;
}

function asked(loaded: Loaded): Asked {
  const interactions = createInteractionService({
    interactions: createInteractionRepository(loaded.reports),
    activity: createActivityRepository(loaded.reports),
  });
  return { loaded, interactions };
}

type Figure = {
  name: string;
  limit: string;
  ours: (asked: Asked) => Promise<object>;
};

const FIGURES: readonly Figure[] = [
  {
    name: '/stats',
    limit: 'user-stats',
    ours: ({ interactions, loaded }) => interactions.getUserStats(loaded.busiest, QUESTION),
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
  young: Asked,
  old: Asked | undefined,
  { rounds, rows, history }: Amount,
): Promise<Result[]> {
  const statement = readLimitStatement(limit);
  const byHand = async ({ loaded: { bench, busiest } }: Asked) => {
    const values = { ...WINDOW, until: new Date(UNTIL.getTime() + 1), zone: QUESTION.timeZone, user: busiest };
    return (await runLimit(bench.sql, statement, values))[0];
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
