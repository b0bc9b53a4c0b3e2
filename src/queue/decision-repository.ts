import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { prepareStatement } from '../db/prepared-statement.ts';
import type { Decision, LockReason } from '../db/schema/index.ts';
import type { InteractionDraft } from '../telegram/bot-context.ts';
import { ASK_REJECT, CANCEL_REJECT, DECIDE, SITUATION, UNDO } from './decision-statements.ts';

/** A tap on a card, as it goes into the database: which card in which chat, by whom, and its interaction. */
export type Tap = {
  queueItemId: string;
  chatId: number;
  userId: string;
  now: Date;
  interaction: InteractionDraft;
};

/** The card that a tap changed. */
const changedCard = z.object({ id: z.string(), version: z.number(), fileName: z.string() });
export type ChangedCard = z.infer<typeof changedCard>;

/** What is known about a card that a tap did not change. */
const cardSituation = z.object({
  status: z.string(),
  mediaItemId: z.string(),
  fileName: z.string(),
  isRejectAsked: z.boolean(),
  decision: z.enum(['posted', 'skipped', 'rejected']).nullable(),
  decidedAt: z.coerce.date().nullable(),
  deciderId: z.string().nullable(),
  deciderFirstName: z.string().nullable(),
  deciderLastName: z.string().nullable(),
  deciderUsername: z.string().nullable(),
  deciderTelegramId: z.number().nullable(),
  isReplay: z.boolean(),
});
export type CardSituation = z.infer<typeof cardSituation>;

export type DecisionRepository = ReturnType<typeof createDecisionRepository>;

/**
 * The decisions, each one statement: the conditional update of the card, the decision row, locks, counters and the
 * interaction commit together or not at all (DESIGN, rule 1). A statement that finds the card in another state changes
 * nothing and returns no row; the caller then asks for the situation.
 * All of them lock the queue item first, so that no two can wait for each other.
 */
export function createDecisionRepository({ db }: Database) {
  const decideStatement = prepareStatement(db, DECIDE);

  const askRejectStatement = prepareStatement(db, ASK_REJECT);

  const cancelRejectStatement = prepareStatement(db, CANCEL_REJECT);

  const undoStatement = prepareStatement(db, UNDO);

  const situationStatement = prepareStatement(db, SITUATION);

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
      cardMessage: tap.interaction.chatId === tap.chatId ? tap.interaction.messageId : null,
      received: tap.interaction.createdAt,
      elapsed: tap.interaction.elapsedMs(),
    };
  }

  function first(rows: readonly unknown[]): ChangedCard | undefined {
    return rows[0] === undefined ? undefined : changedCard.parse(rows[0]);
  }

  return {
    /** Settles a delivered card. `rejected` needs an open question. No row: nothing changed. */
    async decide(tap: Tap, decision: Decision, reason: LockReason): Promise<ChangedCard | undefined> {
      return first(await decideStatement.run({ ...values(tap), status: decision, reason }));
    },

    /** Opens the question "reject for ever?" on the card. */
    async askReject(tap: Tap): Promise<ChangedCard | undefined> {
      return first(await askRejectStatement.run(values(tap)));
    },

    /** Closes the question; the card is what it was before. */
    async cancelReject(tap: Tap): Promise<ChangedCard | undefined> {
      return first(await cancelRejectStatement.run(values(tap)));
    },

    /** Takes a decision back: card, counters, locks and figures are as if it had not been made; the row itself stays. */
    async undo(tap: Tap, isAdmin: boolean): Promise<ChangedCard | undefined> {
      return first(await undoStatement.run({ ...values(tap), isAdmin }));
    },

    /** Why a tap changed nothing; undefined when there is no such card in this chat. */
    async situation(tap: Tap): Promise<CardSituation | undefined> {
      const [row] = await situationStatement.run({
        item: tap.queueItemId,
        chat: tap.chatId,
        now: tap.now,
        key: tap.interaction.deliveryKey,
      });
      return row === undefined ? undefined : cardSituation.parse(row);
    },
  };
}
