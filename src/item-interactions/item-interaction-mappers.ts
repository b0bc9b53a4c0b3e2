import { Buffer } from 'node:buffer';
import type { Decision, DecisionSource } from '../db/schema/index.ts';
import { type EventType, weightOf } from './event-types.ts';

/** What a person did to an item, as it is stored: a row of `item_interactions` without what only the database knows. */
export type ItemInteraction = {
  /** Of `users`; null for somebody whom we know by `externalUserId` only. */
  userId: string | null;
  externalUserId: string | null;
  itemId: string;
  eventType: string;
  eventValue: number;
  occurredAt: Date;
  source: string;
  sourceId: string | null;
};

/**
 * Why a row is no item interaction though it should be one; such rows are counted and named. `forgotten`: of somebody
 * who sent /forget, which only the import can tell (db/forgotten.ts).
 */
export const SKIP_REASONS = ['no_person', 'forgotten', 'no_item', 'too_long'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** `withdrawn`: the row is none any more, or was never meant to be one, so nobody needs to hear of it. */
export type Mapped = { interaction: ItemInteraction } | { skipped: SkipReason } | { withdrawn: true };

/** PostgreSQL's indexes take entries of 2,704 bytes; beside these two stand a key, a type and a day. */
export const MAX_ID_BYTES = 2000;

export type UpvoteRow = {
  id: string;
  userId: string | null;
  externalUserId: string | null;
  /** The user whose `external_id` that is, if there is one (`externalKey`). */
  linkedUserId: string | null;
  itemId: string | null;
  createdAt: Date;
  withdrawnAt: Date | null;
};

export type DecisionRow = {
  id: string;
  userId: string | null;
  mediaItemId: string;
  decision: Decision;
  source: DecisionSource;
  decidedAt: Date;
  undoneAt: Date | null;
};

export type ReactionRow = {
  id: string;
  userId: string | null;
  itemId: string | null;
  reaction: string;
  createdAt: Date;
  withdrawnAt: Date | null;
};

/** What a decision says about an item. */
export const DECISION_EVENTS: Readonly<Record<Decision, EventType>> = {
  posted: 'POSTED',
  skipped: 'SKIP',
  rejected: 'REJECT',
};

/** The emoji among Telegram's reactions that speak against what they stand under; every other one, known or not, speaks for it. */
export const NEGATIVE_REACTIONS = ['👎', '💩', '🤮', '🤬', '😡', '🖕', '🥱', '😴', '🤡'] as const;

/** An upvote, once per person and item. One that was taken back is none. */
export function mapFromUpvote(row: UpvoteRow): Mapped {
  if (row.withdrawnAt) return { withdrawn: true };
  const externalUserId = row.userId ? null : externalKey(row.externalUserId);
  return judge({
    userId: row.userId ?? (externalUserId === null ? null : row.linkedUserId),
    externalUserId,
    itemId: row.itemId,
    eventType: 'UPVOTE',
    occurredAt: row.createdAt,
    source: 'upvotes',
    sourceId: row.id,
  });
}

/**
 * What a person of the team decided about a medium. An undone decision is none. Neither is one that was made for all
 * cards at once (`approve_all`): nobody looked at this item, so it says nothing about what that person would choose.
 */
export function mapFromDecision(row: DecisionRow): Mapped {
  if (row.undoneAt || row.source === 'approve_all') return { withdrawn: true };
  return judge({
    userId: row.userId,
    externalUserId: null,
    itemId: row.mediaItemId,
    eventType: DECISION_EVENTS[row.decision],
    occurredAt: row.decidedAt,
    source: 'decisions',
    sourceId: row.id,
  });
}

/** A reaction under a card. One that was taken off is none. */
export function mapFromReaction(row: ReactionRow): Mapped {
  if (row.withdrawnAt) return { withdrawn: true };
  const isNegative = NEGATIVE_REACTIONS.some((emoji) => emoji === row.reaction);
  return judge({
    userId: row.userId,
    externalUserId: null,
    itemId: row.itemId,
    eventType: isNegative ? 'NEGATIVE_REACTION' : 'REACTION',
    occurredAt: row.createdAt,
    source: 'reactions',
    sourceId: row.id,
  });
}

/**
 * The form in which ids of people in other systems are compared and stored: numeric ones without leading zeros
 * (Amplitude gets them padded to six), nothing for an empty one.
 */
export function externalKey(externalId: string | null): string | null {
  return externalId ? externalId.replace(/^0+([0-9]+)$/, '$1') : null;
}

type Candidate = Omit<ItemInteraction, 'itemId' | 'eventValue'> & { itemId: string | null };

/** What all sources have in common: who, what, and ids that the table's key can hold. With a user the external id is not kept. */
function judge(candidate: Candidate): Mapped {
  const { userId, externalUserId, itemId, eventType } = candidate;
  if (userId === null && externalUserId === null) return { skipped: 'no_person' };
  if (!itemId) return { skipped: 'no_item' };
  if (Buffer.byteLength(itemId) + Buffer.byteLength(externalUserId ?? '') > MAX_ID_BYTES) {
    return { skipped: 'too_long' };
  }
  return {
    interaction: {
      ...candidate,
      externalUserId: userId === null ? externalUserId : null,
      itemId,
      eventValue: weightOf(eventType),
    },
  };
}
