/*
 * Figure "decisions": the service's full decision (card, decision, lock, counters, interaction) in a loop over one
 * connection, against the same work by a frozen SQL file over one connection of the plain driver. Used by bench.ts;
 * writes into a database of its own.
 */
import { randomUUID } from 'node:crypto';
import { Api } from 'grammy';
import { openDatabase } from '../../src/db/client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createServices, type Services } from '../../src/services.ts';
import type { InteractionDraft } from '../../src/telegram/bot-context.ts';
import type { Amount } from './bench.ts';
import { actionOf, decideByHand } from './decide-by-hand.ts';
import { CHAT_ID, createTeam, deliverCards } from './deliver-cards.ts';
import { readLimit, readLimitFile, readLimitStatement } from './limit-file.ts';
import { type Result, rateResult } from './result.ts';
import type { BenchDatabase, BenchServer } from './server.ts';
import { takeTurns } from './take-turns.ts';

/** Decisions a contender makes before it is the next one's turn: 0.2 s. */
const BATCH = 200;

export async function measureDecisions(server: BenchServer, { rounds }: Amount): Promise<Result[]> {
  const bench = await server.createDatabase();
  const database = openDatabase(bench.target, {
    logger: silentLogger(),
    applicationName: 'storyline bench',
    max: 1,
    lockTimeoutMs: 300,
    statementTimeoutMs: 10_000,
  });
  try {
    const services = servicesOver(database);
    const user = await createTeam(bench.sql);
    const oneStatement = [readLimitStatement('decision')];
    const transaction = readLimit('decision-transaction');
    await bench.sql.unsafe(readLimitFile('decision-in-server'));
    const warmUps = 2;
    const nextCards = await cardsInBatches(bench, (rounds + warmUps) * 4);
    const ms = await takeTurns(
      {
        limit: () => decideByHand(bench.sql, oneStatement, nextCards(), user),
        ours: () => decide(services, nextCards(), user),
        transaction: () => decideByHand(bench.sql, transaction, nextCards(), user),
        inServer: () => decideInServer(bench, nextCards(), user),
      },
      { rounds, warmUps },
    );
    await expectSameTraces(bench);
    const { limit } = ms;
    return [
      rateResult('decisions: service', { ours: ms.ours, limit, count: BATCH }, 0.7),
      rateResult('  by hand as a transaction', { ours: ms.transaction, limit, count: BATCH }),
      rateResult('  by hand inside the server', { ours: ms.inServer, limit, count: BATCH }),
    ];
  } finally {
    await database.close();
    await server.dropDatabase(bench);
  }
}

/** The real services; nothing of what is measured speaks to Telegram. */
export function servicesOver(database: ReturnType<typeof openDatabase>): Services {
  const token = '7000000001:nobody-is-asked-here';
  return createServices({
    database,
    reports: database,
    api: new Api(token),
    apiRoot: '',
    token,
    clock: systemClock,
    logger: silentLogger(),
    adminTelegramIds: [],
    teamChatId: CHAT_ID,
    adminChatId: undefined,
    timeZone: 'UTC',
    version: 'bench',
    isEmbedded: true,
    target: { url: 'postgres://127.0.0.1:1/nowhere' },
    dataDir: '/nonexistent',
  });
}

export async function decide({ decisions }: Services, cards: readonly string[], userId: string): Promise<void> {
  for (const [index, queueItemId] of cards.entries()) {
    const begun = performance.now();
    const now = new Date();
    const interaction: InteractionDraft = {
      type: 'callback',
      name: actionOf(index),
      userId,
      chatId: CHAT_ID,
      messageId: index,
      deliveryKey: `7000000001:cb:${randomUUID()}`,
      createdAt: now,
      elapsedMs: () => performance.now() - begun,
      context: {},
      outcome: 'done',
      isRecorded: false,
    };
    const result = await decisions.tap(
      actionOf(index),
      { queueItemId, chatId: CHAT_ID, userId, now, interaction },
      { isAdmin: false },
    );
    if (result.kind !== 'changed') throw new Error(`a decision did not happen: ${result.kind}`);
  }
}

async function decideInServer({ sql }: BenchDatabase, cards: readonly string[], user: string): Promise<void> {
  const decisions = cards.map((_, index) => (actionOf(index) === 'posted' ? 'posted' : 'skipped'));
  await sql.unsafe('call bench_decide($1::uuid[], $2::text[], $3::bigint, $4::uuid)', [
    [...cards],
    decisions,
    CHAT_ID,
    user,
  ]);
}

async function cardsInBatches({ sql }: BenchDatabase, batches: number): Promise<() => readonly string[]> {
  const cards = (await deliverCards(sql, batches * BATCH)).map(({ id }) => id);
  return () => cards.splice(0, BATCH);
}

/** Whoever decided: each card left one decision, one lock and one interaction behind, or the comparison is none. */
async function expectSameTraces({ sql }: BenchDatabase): Promise<void> {
  const [row] = await sql<{ cards: number; decisions: number; locks: number; interactions: number; posted: number }[]>`
    select (select count(*) from queue_items where status in ('posted', 'skipped'))::int as cards,
           (select count(*) from decisions)::int as decisions, (select count(*) from media_locks)::int as locks,
           (select count(*) from user_interactions where counts)::int as interactions,
           (select sum(times_posted) from media_items)::int as posted`;
  const { cards = 0, decisions, locks, interactions, posted = 0 } = row ?? {};
  const isSame = cards > 0 && [decisions, locks, interactions].every((count) => count === cards);
  if (!isSame || posted < cards / 2) throw new Error(`the contenders left different traces: ${JSON.stringify(row)}`);
}
