/*
 * How long a tap takes in the bot: 50 taps a second, whether the ones before are done or not (open loop), on a team's
 * cards, over a month's rows and with years before it. Used by bench.ts; decides cards in the loaded databases.
 *
 * Measured from outside, in the simulator: from handing out the update to the arrival of the bot's answer to the tap,
 * which leaves after the commit. So it is an upper bound of "received to committed": the way there and back, and the
 * bot's call, are in it, half a millisecond on a quiet machine. `response_time_ms` in the database counts from the
 * update's turn to the commit, in whole milliseconds; its p99 stands beside it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Amount } from './bench.ts';
import { type BotTeam, startBotTeam } from './bot-team.ts';
import { actionOf } from './decide-by-hand.ts';
import { CHAT_ID } from './deliver-cards.ts';
import type { Loaded, LoadedDatabases } from './loaded-databases.ts';
import { amountResult, type Result } from './result.ts';
import type { BenchDatabase, BenchServer } from './server.ts';
import { percentile } from './take-turns.ts';

const TAPS_PER_SECOND = 50;
const SECONDS = 30;
const QUICK_SECONDS = 5;
/** Before counting: connections open, statements planned, V8 has compiled what it will. */
const WARM_UP_SECONDS = 3;
const ANSWER_LIMIT_MS = 30_000;
const MOST_MS = 15;

export async function measureLatency(
  _server: BenchServer,
  { isQuick }: Amount,
  databases: LoadedDatabases,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const loaded of [await databases.young(), await databases.old()]) {
    if (loaded) results.push(...(await measure(loaded, isQuick ? QUICK_SECONDS : SECONDS)));
  }
  return results;
}

async function measure({ bench, rows }: Loaded, seconds: number): Promise<Result[]> {
  const team = await startBotTeam(bench);
  try {
    const warmUps = WARM_UP_SECONDS * TAPS_PER_SECOND;
    const times = (await tapInTime(team, warmUps + seconds * TAPS_PER_SECOND)).slice(warmUps);
    const ms = (share: number) => percentile(times, share);
    return [
      amountResult(
        `update handed out -> committed and answered, p99, 50 taps/s, ${rows / 1e6} M rows`,
        ms(0.99),
        'ms',
        MOST_MS,
      ),
      amountResult('  p50', ms(0.5), 'ms'),
      amountResult('  p95', ms(0.95), 'ms'),
      amountResult('  the slowest', ms(1), 'ms'),
      amountResult(
        "  the update's turn -> commit, p99 (response_time_ms)",
        await recordedP99(bench, times.length),
        'ms',
      ),
    ];
  } finally {
    await team.stop();
  }
}

/** Milliseconds of each tap, in their order. */
async function tapInTime(team: BotTeam, count: number): Promise<number[]> {
  const { telegram, alice } = team;
  const cards = await team.sendCards(count);
  const handedOut = new Map<string, number>();
  const times = new Map<string, number>();
  const answered = Promise.withResolvers<void>();
  const stop = telegram.changes.on((change) => {
    if (change.kind !== 'call') return;
    const call = telegram.history.at(-1);
    const now = performance.now();
    if (call?.method === 'getUpdates' && call.answer.ok)
      for (const id of tapsIn(call.answer.result)) handedOut.set(id, now);
    if (call?.method === 'answerCallbackQuery') {
      const id = String(call.payload.callback_query_id);
      times.set(id, now - (handedOut.get(id) ?? Number.NaN));
      if (times.size === count) answered.resolve();
    }
  });
  try {
    const begun = performance.now();
    const answers: Promise<unknown>[] = [];
    for (const [index, { id, messageId }] of cards.entries()) {
      const dueInMs = begun + (index * 1000) / TAPS_PER_SECOND - performance.now();
      if (dueInMs > 0) await wait(dueInMs);
      answers.push(alice.tap({ id: CHAT_ID }, `${actionOf(index)}:${id}`, { messageId }));
    }
    const late = wait(ANSWER_LIMIT_MS, 'late', { ref: false });
    if ((await Promise.race([Promise.all([...answers, answered.promise]), late])) === 'late')
      throw new Error(`${count - times.size} of ${count} taps were not answered`);
    return [...handedOut.keys()].map((id) => times.get(id) ?? Number.NaN);
  } finally {
    stop();
  }
}

/** The taps in an answer to getUpdates: ids of callback queries. */
function tapsIn(result: unknown): string[] {
  if (!Array.isArray(result)) return [];
  return result.flatMap(({ callback_query: tap }: { callback_query?: { id: string } }) => (tap ? [tap.id] : []));
}

/** Of the newest `count` taps, as the bot recorded them. */
async function recordedP99({ sql }: BenchDatabase, count: number): Promise<number> {
  const [row] = await sql<{ p99: number }[]>`
    select percentile_disc(0.99) within group (order by ms) as p99
    from (select (context->>'response_time_ms')::float8 as ms from user_interactions
          where interaction_type = 'callback' and created_at > now() - interval '10 minutes'
          order by created_at desc limit ${count}) as newest`;
  return row?.p99 ?? Number.NaN;
}
