import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { prepareStatement } from '../db/prepared-statement.ts';
import type { InteractionDraft } from '../telegram/bot-context.ts';
import { LOCK_CARD, UNVOTE } from './approval-statements.ts';
import { CLAIM_CARD } from './claim-statements.ts';
import { ASK_REJECT, CANCEL_REJECT, SITUATION } from './decision-statements.ts';
import { UNDO } from './undo-statements.ts';
import {
  type ChangedCard,
  changedCardOf,
  createVerdictRepository,
  type Verdict,
  type Vote,
} from './verdict-repository.ts';

/** A tap on a card, as it goes into the database: which card in which chat, by whom, and its interaction. */
export type Tap = {
  queueItemId: string;
  chatId: number;
  userId: string;
  now: Date;
  interaction: InteractionDraft;
};

const name = z.object({
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  username: z.string().nullable(),
  telegramUserId: z.number().nullable(),
});

/** What is known about a card that a tap did not change. */
const cardSituation = z.object({
  status: z.string(),
  mediaItemId: z.string(),
  fileName: z.string(),
  isRejectAsked: z.boolean(),
  decision: z.enum(['posted', 'skipped', 'rejected']).nullable(),
  decidedAt: z.coerce.date().nullable(),
  deciderId: z.string().nullable(),
  decider: name.nullable(),
  /** Null when nobody is on it now. */
  claimedUntil: z.coerce.date().nullable(),
  claimer: name.nullable(),
  claimerId: z.string().nullable(),
  /** One person is not enough here, or not this one. */
  needsApproval: z.boolean(),
  approvalsNeeded: z.number(),
  approvals: z.number(),
  hasApproved: z.boolean(),
  isOwnItem: z.boolean(),
  /** This very tap was worked in already, with this outcome. */
  recordedAs: z.string().nullable(),
});
export type CardSituation = z.infer<typeof cardSituation>;

const POSTED: Verdict = { decision: 'posted', lock: 'recent_post' };

export type DecisionRepository = ReturnType<typeof createDecisionRepository>;

/**
 * The decisions, each one statement: the conditional update of the card, the decision row, locks, counters and the
 * interaction commit together or not at all (DESIGN, rule 1). A statement that finds the card in another state changes
 * nothing and returns no row; the caller then asks for the situation.
 * All of them lock the queue item first, so that no two can wait for each other.
 */
export function createDecisionRepository({ db }: Database) {
  const verdicts = createVerdictRepository(db);

  const askRejectStatement = prepareStatement(db, ASK_REJECT);

  const cancelRejectStatement = prepareStatement(db, CANCEL_REJECT);

  const undoStatement = prepareStatement(db, UNDO);

  const situationStatement = prepareStatement(db, SITUATION);

  const lockStatement = prepareStatement(db, LOCK_CARD);

  const unvoteStatement = prepareStatement(db, UNVOTE);

  const claimStatement = prepareStatement(db, CLAIM_CARD);

  function values(tap: Tap) {
    return {
      item: tap.queueItemId,
      chat: tap.chatId,
      user: tap.userId,
      now: tap.now,
      key: tap.interaction.deliveryKey,
      name: tap.interaction.name,
      message: tap.interaction.messageId,
      // A card in the group that became this supergroup cannot be edited: its id means another message here.
      // A typed reason is a message of its own.
      cardMessage:
        tap.interaction.chatId === tap.chatId && tap.interaction.type === 'callback' ? tap.interaction.messageId : null,
      received: tap.interaction.createdAt,
      elapsed: tap.interaction.elapsedMs(),
    };
  }

  return {
    /**
     * Settles a delivered card. `rejected` needs an open question, `posted` a chat where one person is enough.
     * No row: nothing changed.
     */
    decide(tap: Tap, verdict: Verdict): Promise<ChangedCard | undefined> {
      return verdicts.decide(values(tap), verdict);
    },

    /**
     * One vote for posting; the one that makes them enough settles the card. However many vote at once, one of them
     * decides and all are counted. Undefined: the card does not wait, or this person added it and may not vote.
     */
    vote(tap: Tap): Promise<Vote | undefined> {
      return db.transaction((tx) => verdicts.vote(values(tap), POSTED, tx));
    },

    /** Takes the person's own vote back; no row: there is none, or the card is decided. */
    unvote(tap: Tap): Promise<ChangedCard | undefined> {
      return db.transaction(async (tx) => {
        await lockStatement.run({ item: tap.queueItemId, chat: tap.chatId }, tx);
        return changedCardOf(await unvoteStatement.run(values(tap), tx));
      });
    },

    /** "On it". No row: somebody else is, or the card does not wait. */
    async claim(tap: Tap): Promise<ChangedCard | undefined> {
      return changedCardOf(await claimStatement.run(values(tap)));
    },

    /** Opens the question "reject for ever?" on the card. */
    async askReject(tap: Tap): Promise<ChangedCard | undefined> {
      return changedCardOf(await askRejectStatement.run(values(tap)));
    },

    /** Closes the question; the card is what it was before. */
    async cancelReject(tap: Tap): Promise<ChangedCard | undefined> {
      return changedCardOf(await cancelRejectStatement.run(values(tap)));
    },

    /** Takes a decision back: card, counters, locks and figures are as if it had not been made; the row itself stays. */
    async undo(tap: Tap, isAdmin: boolean): Promise<ChangedCard | undefined> {
      return changedCardOf(await undoStatement.run({ ...values(tap), isAdmin }));
    },

    /** Why a tap changed nothing; undefined when there is no such card in this chat. */
    async situation(tap: Tap): Promise<CardSituation | undefined> {
      const [row] = await situationStatement.run({
        item: tap.queueItemId,
        chat: tap.chatId,
        user: tap.userId,
        now: tap.now,
        key: tap.interaction.deliveryKey,
      });
      return row === undefined ? undefined : cardSituation.parse(row);
    },
  };
}
