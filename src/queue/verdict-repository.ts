import { z } from 'zod';
import type { Executor, Transaction } from '../db/client.ts';
import { type PreparedValue, prepareStatement } from '../db/prepared-statement.ts';
import type { Decision, DecisionSource, LockReason } from '../db/schema/index.ts';
import { LOCK_CARD, VOTE } from './approval-statements.ts';
import { DECIDE } from './decision-statements.ts';

/** The values that every statement of a tap takes. */
export type TapValues = Readonly<Record<string, PreparedValue>>;

/** How a card is settled: what it becomes, which lock that brings, and what is known about why and how. */
export type Verdict = { decision: Decision; lock: LockReason; reason?: string | undefined; source?: DecisionSource };

/** The card that a tap changed. */
const changedCard = z.object({ id: z.string(), version: z.number(), fileName: z.string() });
export type ChangedCard = z.infer<typeof changedCard>;

const ballot = z.object({ votes: z.number(), needed: z.number(), hasOwn: z.boolean(), isEnough: z.boolean() });

/** What a vote came to. `decided`: it was the last one needed. `repeated`: it was there already. */
export type Vote =
  | { kind: 'decided'; card: ChangedCard }
  | { kind: 'counted' | 'repeated'; votes: number; needed: number };

/** The only row of a statement that changes one card; undefined when it changed nothing. */
export function changedCardOf(rows: readonly unknown[]): ChangedCard | undefined {
  return rows[0] === undefined ? undefined : changedCard.parse(rows[0]);
}

export type VerdictRepository = ReturnType<typeof createVerdictRepository>;

/** Settling one card, by one person or by votes; what taps and approving all at once have in common. */
export function createVerdictRepository(db: Executor) {
  const decideStatement = prepareStatement(db, DECIDE);
  const lockStatement = prepareStatement(db, LOCK_CARD);
  const voteStatement = prepareStatement(db, VOTE);

  async function decide(values: TapValues, verdict: Verdict, isApproved: boolean, executor?: Executor) {
    const { decision, lock, reason = null, source = 'tap' } = verdict;
    const all = { ...values, status: decision, lock, reason, source, isApproved };
    return changedCardOf(await decideStatement.run(all, executor));
  }

  return {
    /**
     * Settles a delivered card. `rejected` needs an open question, `posted` a chat where one person is enough.
     * No row: nothing changed.
     */
    decide: (values: TapValues, verdict: Verdict, executor?: Executor) => decide(values, verdict, false, executor),

    /**
     * One vote for posting, within a transaction; the one that makes them enough settles the card. However many vote at
     * once, one of them decides and all are counted. Undefined: the card does not wait, or this person added it.
     */
    async vote(values: TapValues, verdict: Verdict, tx: Transaction): Promise<Vote | undefined> {
      await lockStatement.run(values, tx);
      const [row] = await voteStatement.run(values, tx);
      if (row === undefined) return undefined;
      const { votes, needed, hasOwn, isEnough } = ballot.parse(row);
      if (!isEnough) return { kind: hasOwn ? 'repeated' : 'counted', votes, needed };
      const card = await decide(values, verdict, true, tx);
      if (!card) throw new Error(`queue item ${values.item} had its votes and could not be posted`);
      return { kind: 'decided', card };
    },
  };
}
