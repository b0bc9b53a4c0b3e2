/*
 * Figure "decisions through Telegram": taps that wait at the simulator, fetched by the real bot's polling, decided,
 * answered and shown on their cards, against the frozen SQL file of the decisions. Used by bench.ts.
 *
 * The bot is a process of its own, as in production, where Telegram is somebody else's machine; the simulator lives in
 * this process. On two cores bot, simulator and database still get in each other's way. The file works on a second
 * database of the same server, because the bot would try to bring cards up to date that Telegram does not have.
 */
import type { Person, Simulator } from '../../src/simulator/simulator.ts';
import type { Amount } from './bench.ts';
import { startBotTeam } from './bot-team.ts';
import { actionOf, decideByHand } from './decide-by-hand.ts';
import { type Card, CHAT_ID, createTeam, deliverCards } from './deliver-cards.ts';
import { readLimitStatement } from './limit-file.ts';
import { cpuSeconds } from './process-facts.ts';
import { amountResult, type Result, rateResult } from './result.ts';
import type { BenchDatabase, BenchServer } from './server.ts';
import { median, takeTurns } from './take-turns.ts';

const BATCH = 200;
const WARM_UPS = 3;
const ROUND_LIMIT_MS = 60_000;

export async function measureTelegram(server: BenchServer, { rounds }: Amount): Promise<Result[]> {
  const ours = await server.createDatabase();
  const byHand = await server.createDatabase();
  const { telegram, alice, bot, sendCards, stop } = await startBotTeam(ours);
  try {
    const user = await createTeam(byHand.sql);
    const statement = [readLimitStatement('decision')];
    const turns = rounds + WARM_UPS;
    const cards = await sendCards(turns * BATCH);
    const others = await deliverCards(byHand.sql, turns * BATCH);
    const botCpu: number[] = [];
    const ids = (batch: readonly Card[]) => batch.map(({ id }) => id);
    const ms = await takeTurns(
      {
        limit: () => decideByHand(byHand.sql, statement, ids(others.splice(0, BATCH)), user),
        ours: async () => {
          const before = cpuSeconds([bot.pid]);
          await tapAll(telegram, alice, cards.splice(0, BATCH));
          botCpu.push(cpuSeconds([bot.pid]) - before);
        },
      },
      { rounds, warmUps: WARM_UPS },
    );
    await expectDecided(ours, turns * BATCH);
    return [
      rateResult('decisions: polling, answer and edit', { ...ms, count: BATCH }, 0.3),
      amountResult('  CPU of the bot for one', (median(botCpu) * 1000) / BATCH, 'ms'),
    ];
  } finally {
    await stop();
    await server.dropDatabase(ours);
    await server.dropDatabase(byHand);
  }
}

/** All taps at once; resolves when each is answered and each card offers to undo. */
async function tapAll(telegram: Simulator, alice: Person, cards: readonly Card[]): Promise<void> {
  const waiting = new Set(cards.map(({ messageId }) => messageId));
  const { promise: shown, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error(`${waiting.size} cards were not brought up to date`)),
    ROUND_LIMIT_MS,
  );
  const stop = telegram.changes.on((change) => {
    if (change.kind !== 'message' || !waiting.has(change.messageId)) return;
    const [button] = telegram.message({ id: CHAT_ID }, change.messageId)?.reply_markup?.inline_keyboard.flat() ?? [];
    if (!button || !('callback_data' in button) || !button.callback_data.startsWith('undo:')) return;
    waiting.delete(change.messageId);
    if (waiting.size === 0) resolve();
  });
  try {
    const taps = cards.map(({ id, messageId }, index) =>
      alice.tap({ id: CHAT_ID }, `${actionOf(index)}:${id}`, { messageId }),
    );
    const [answers] = await Promise.all([Promise.all(taps), shown]);
    if (answers.includes('expired')) throw new Error('a tap was not answered');
  } finally {
    clearTimeout(timer);
    stop();
  }
}

async function expectDecided({ sql }: BenchDatabase, count: number): Promise<void> {
  const [row] = await sql<{ decisions: number; interactions: number }[]>`
    select (select count(*) from decisions)::int as decisions,
           (select count(*) from user_interactions where interaction_type = 'callback' and counts)::int as interactions`;
  if (row?.decisions !== count || row.interactions !== count)
    throw new Error(`not all decided: ${JSON.stringify(row)}`);
}
