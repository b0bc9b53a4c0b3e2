/*
 * Two databases with a busy month, one of them with years before it. Loading ten million rows takes minutes, so they are
 * loaded when the first figure asks, and every group that asks gets the same ones. Used by bench.ts; `close` drops them.
 */
import { type Database, openDatabase } from '../../src/db/client.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Amount } from './bench.ts';
import { createPeople, loadActivity } from './load-activity.ts';
import type { BenchDatabase, BenchServer } from './server.ts';

const DAY_MS = 86_400_000;
/** All figures are asked for at this moment, over the seed's window of 30 days; the history is the 300 days before. */
export const UNTIL = new Date('2026-11-20T11:00:00Z');
export const WINDOW = { since: new Date(UNTIL.getTime() - 30 * DAY_MS), until: UNTIL };
const HISTORY = { since: new Date(WINDOW.since.getTime() - 300 * DAY_MS), until: WINDOW.since };

export type Loaded = {
  bench: BenchDatabase;
  /** One connection, with the limits of reports, as in app.ts, where figures have a pool of their own. */
  reports: Database;
  /** The one who does most. */
  busiest: string;
  /** Interactions, and cards with their decisions, each. */
  rows: number;
};

export type LoadedDatabases = {
  young(): Promise<Loaded>;
  /** With the history; undefined when none was asked for. */
  old(): Promise<Loaded | undefined>;
  close(): Promise<void>;
};

export function loadedDatabases(server: BenchServer, { rows, history }: Amount): LoadedDatabases {
  const loading = new Map<number, Promise<Loaded>>();
  const withHistory = (count: number) => {
    const known = loading.get(count) ?? load(server, rows, count);
    loading.set(count, known);
    return known;
  };
  return {
    young: () => withHistory(0),
    old: async () => (history > 0 ? withHistory(history) : undefined),
    async close() {
      for (const loaded of await Promise.allSettled(loading.values())) {
        if (loaded.status === 'rejected') continue;
        await loaded.value.reports.close();
        await server.dropDatabase(loaded.value.bench);
      }
    },
  };
}

async function load(server: BenchServer, rows: number, history: number): Promise<Loaded> {
  const bench = await server.createDatabase();
  const people = await createPeople(bench.sql);
  const spans = [
    { ...HISTORY, count: history },
    { ...WINDOW, count: rows },
  ];
  await loadActivity(
    bench.sql,
    spans.filter(({ count }) => count > 0),
    people,
  );
  const reports = openDatabase(bench.target, {
    logger: silentLogger(),
    applicationName: 'storyline bench',
    max: 1,
    lockTimeoutMs: 2_000,
    statementTimeoutMs: 60_000,
  });
  return { bench, reports, busiest: people[0] ?? '', rows: rows + history };
}
