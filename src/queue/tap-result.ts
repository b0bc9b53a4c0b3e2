import type { Decision } from '../db/schema/index.ts';
import type { Outcome } from '../telegram/bot-context.ts';
import type { CardAction } from '../telegram/callback-data.ts';
import { displayName } from '../users/user-repository.ts';
import type { CardSituation } from './decision-repository.ts';

/** What can be done to a card by a tap: its own buttons, and "On it". */
export type TapAction = CardAction | 'claim';

/** What a tap on a card came to. */
export type TapResult =
  /** `isReplay`: this very tap did it the first time it arrived; it is only answered again. */
  | { kind: 'changed'; action: CardAction; isReplay: boolean }
  /** Posted, where the chat wants more people: `votes` of `needed` so far. */
  | { kind: 'voted'; votes: number; needed: number; isReplay: boolean }
  /** Undo on a card that is not decided: the own vote is taken back. */
  | { kind: 'vote_withdrawn' }
  | { kind: 'claimed'; isReplay: boolean }
  // The rest have changed nothing.
  | { kind: 'already_voted'; votes: number; needed: number }
  /** Four eyes: whoever added the item does not count among those who approve it. */
  | { kind: 'own_item' }
  /** Undo on a card that others have approved and this person has not. */
  | { kind: 'no_vote' }
  | { kind: 'claimed_by_other'; by: string; until: Date }
  | { kind: 'already_decided'; decision: Decision; by: string; isMine: boolean; at: Date }
  /** Nobody decided in time, and it is out of the queue. */
  | { kind: 'out_of_queue' }
  /** Reject was tapped already and waits for Yes or No. */
  | { kind: 'already_asked' }
  /** Yes or No to a question that is not open (any more). */
  | { kind: 'not_asked' }
  /** Undo after its minute, by somebody else, or of nothing. */
  | { kind: 'too_late_to_undo' }
  | { kind: 'not_yours_to_undo'; by: string }
  /** No such card in this chat, or not one that waits for a tap: forged, foreign, or taken back. */
  | { kind: 'not_valid' }
  /** The card is held by somebody else's transaction; tapping again is safe. */
  | { kind: 'busy' };

/** How a tap is recorded: what changed nothing is no decision of anybody. */
export const TAP_OUTCOMES: Readonly<Record<TapResult['kind'], Outcome>> = {
  changed: 'done',
  voted: 'vote',
  vote_withdrawn: 'done',
  claimed: 'done',
  already_voted: 'noop',
  own_item: 'denied',
  no_vote: 'noop',
  claimed_by_other: 'noop',
  already_decided: 'noop',
  out_of_queue: 'noop',
  already_asked: 'noop',
  not_asked: 'noop',
  too_late_to_undo: 'noop',
  not_yours_to_undo: 'denied',
  not_valid: 'denied',
  busy: 'noop',
};

/** Whether the card looks different now; a replay changed it the first time, and renders it again. */
export function isChange(result: TapResult): boolean {
  return ['changed', 'voted', 'vote_withdrawn', 'claimed'].includes(result.kind);
}

type Facts = { action: TapAction; userId: string; isAdmin: boolean };

/** Why a tap changed nothing, or what it changed when it came the first time. */
export function explainTap(facts: Facts, situation: CardSituation | undefined): TapResult {
  if (!situation) return { kind: 'not_valid' };
  return replayOf(facts, situation) ?? decidedBefore(facts, situation) ?? refusalOf(facts, situation);
}

function replayOf({ action }: Facts, situation: CardSituation): TapResult | undefined {
  const { recordedAs, approvals: votes, approvalsNeeded: needed } = situation;
  if (recordedAs === 'vote') return { kind: 'voted', votes, needed, isReplay: true };
  if (recordedAs !== 'done') return undefined;
  return action === 'claim' ? { kind: 'claimed', isReplay: true } : { kind: 'changed', action, isReplay: true };
}

function decidedBefore({ action, userId, isAdmin }: Facts, situation: CardSituation): TapResult | undefined {
  const { decision, decidedAt: at, deciderId, decider } = situation;
  if (!decision || !at) return undefined;
  const by = decider ? displayName(decider) : 'another program';
  const isMine = deciderId === userId;
  if (action === 'undo') return isMine || isAdmin ? { kind: 'too_late_to_undo' } : { kind: 'not_yours_to_undo', by };
  return { kind: 'already_decided', decision, by, isMine, at };
}

function refusalOf({ action, userId }: Facts, situation: CardSituation): TapResult {
  const { status, claimer, claimedUntil } = situation;
  if (status === 'cancelled') return { kind: 'out_of_queue' };
  if (status !== 'sending' && status !== 'delivered') return { kind: 'not_valid' };
  if (action === 'reject' && situation.isRejectAsked) return { kind: 'already_asked' };
  if (action === 'confirm_reject' || action === 'cancel_reject') return { kind: 'not_asked' };
  if (action === 'undo') return situation.approvals > 0 ? { kind: 'no_vote' } : { kind: 'too_late_to_undo' };
  if (action === 'posted' && situation.isOwnItem) return { kind: 'own_item' };
  if (action === 'claim' && claimer && claimedUntil && situation.claimerId !== userId) {
    return { kind: 'claimed_by_other', by: displayName(claimer), until: claimedUntil };
  }
  // The card became decidable again between the two statements (an undo): the person may simply tap again.
  return { kind: 'busy' };
}
