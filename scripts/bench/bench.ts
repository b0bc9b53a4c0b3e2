/*
 * npm run bench: measures what the budgets in the issues and DESIGN 9 promise.
 *
 *   npm run bench                        everything, on a throw-away server (about half an hour, 25 GB of disk)
 *   npm run bench -- --quick             fewer rounds and rows: shows that it works, its ratios are rough
 *   npm run bench -- --only decisions    one group: decisions, telegram, figures, work, latency, process, kills, imports,
 *                                        exports; several with --only again, or with commas
 *   npm run bench -- --history 0         no ten million older rows, and so no `work`
 *   npm run bench -- --kills 20          fewer kills than 200 (about two seconds each)
 *   npm run bench -- --table figures.md  appends the table to a file as well
 *   npm run bench -- --url postgres://…  another server; the role must be allowed to create databases
 *
 * When: before a release, and before and after a change that is to make something faster.
 * What it changes: nothing that stays but one line in scripts/bench/history.ndjson (not with --quick). Servers, databases
 * and data lie in a temporary folder and are removed; on another server they are databases named storyline_bench_….
 *
 * Every ratio is against a limit measured in the same run, in turns (limit, ours, limit, ours, …), because seconds of
 * a machine that does other things too mean nothing. What the turns cannot take out: a decision through Telegram keeps
 * two cores busy and its limit only one, so other programs slow the former more. Run it on a quiet machine; the history
 * notes the load it began with. Exit code 1 when a goal is missed.
 */
import { appendFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { appendHistory } from './history.ts';
import { loadedDatabases } from './loaded-databases.ts';
import { measureDailyWork } from './measure-daily-work.ts';
import { measureDecisions } from './measure-decisions.ts';
import { measureExports } from './measure-exports.ts';
import { measureFigures } from './measure-figures.ts';
import { measureImports } from './measure-imports.ts';
import { measureKills } from './measure-kills.ts';
import { measureLatency } from './measure-latency.ts';
import { measureProcess } from './measure-process.ts';
import { measureTelegram } from './measure-telegram.ts';
import { type Result, table } from './result.ts';
import { openBenchServer } from './server.ts';

/** How much is measured. */
export type Amount = {
  /** Rows in the window of the figures, and rows of history outside of it. */
  rows: number;
  history: number;
  rounds: number;
  /** How often the bot is killed. */
  kills: number;
  isQuick: boolean;
};

const GROUPS = {
  decisions: measureDecisions,
  telegram: measureTelegram,
  figures: measureFigures,
  work: measureDailyWork,
  latency: measureLatency,
  process: measureProcess,
  kills: measureKills,
  imports: measureImports,
  exports: measureExports,
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      url: { type: 'string' },
      rows: { type: 'string' },
      history: { type: 'string' },
      kills: { type: 'string' },
      table: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const amount: Amount = {
    rows: Number(values.rows ?? (values.quick ? 50_000 : 1_000_000)),
    history: Number(values.history ?? (values.quick ? 200_000 : 10_000_000)),
    rounds: values.quick ? 5 : 21,
    kills: Number(values.kills ?? (values.quick ? 5 : 200)),
    isQuick: values.quick,
  };
  const only = values.only?.flatMap((names) => names.split(','));
  const unknown = (only ?? []).filter((name) => !(name in GROUPS));
  if (unknown.length > 0 || !(amount.rows > 0) || !(amount.history >= 0) || !(amount.kills > 0)) {
    console.error(`There is no such group or number. Groups: ${Object.keys(GROUPS).join(', ')}.`);
    process.exit(2);
  }

  const server = await openBenchServer(values.url ?? process.env.BENCH_DATABASE_URL);
  const databases = loadedDatabases(server, amount);
  const results: Result[] = [];
  const load = loadavg()[0] ?? 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.remove().finally(() => process.exit(130)));
  }
  try {
    for (const [name, measure] of Object.entries(GROUPS)) {
      if (only && !only.includes(name)) continue;
      console.error(`${name} …`);
      results.push(...(await measure(server, amount, databases)));
    }
  } finally {
    await databases.close();
    await server.remove();
  }
  console.log(table(results));
  if (values.table !== undefined) {
    const about = `PostgreSQL ${server.version}, ${server.kind}; load before: ${load.toFixed(2)}`;
    appendFileSync(values.table, `${about}\n\n${table(results)}\n\n`);
  }
  if (!values.quick) appendHistory(server, amount, load, results);
  process.exitCode = results.some(({ isOk }) => isOk === false) ? 1 : 0;
}

await main();
