import { isLockTimeout } from '../db/database-errors.ts';
import type { CardSituation, DecisionRepository, Tap } from './decision-repository.ts';
import { explainTap, type TapAction, type TapResult } from './tap-result.ts';
import type { ChangedCard, Verdict } from './verdict-repository.ts';

export type DecisionService = ReturnType<typeof createDecisionService>;

const DECIDING: Readonly<Record<'posted' | 'skip' | 'confirm_reject', Verdict>> = {
  posted: { decision: 'posted', lock: 'recent_post' },
  skip: { decision: 'skipped', lock: 'skip' },
  confirm_reject: { decision: 'rejected', lock: 'permanent_reject' },
};

/** What a tap may bring along: the sender's rights, and why something is rejected. */
type TapOptions = { isAdmin: boolean; reason?: string };

/**
 * The rules of the card: one tap settles it, whoever is first; a minute to take it back; rejecting asks; posting takes as
 * many people as the chat wants. Whoever is on a card is a hint to the others, not a lock.
 */
export function createDecisionService({ decisions }: { decisions: DecisionRepository }) {
  function apply(action: TapAction, tap: Tap, { isAdmin, reason }: TapOptions): Promise<ChangedCard | undefined> {
    switch (action) {
      case 'posted':
      case 'skip':
        return decisions.decide(tap, DECIDING[action]);
      case 'confirm_reject':
        return decisions.decide(tap, { ...DECIDING.confirm_reject, reason });
      case 'reject':
        return decisions.askReject(tap);
      case 'cancel_reject':
        return decisions.cancelReject(tap);
      case 'undo':
        return decisions.undo(tap, isAdmin);
      case 'claim':
        return decisions.claim(tap);
    }
  }

  /** Posted where one person is not enough, or Undo where there is only a vote: undefined when it is neither. */
  async function viaVotes(action: TapAction, tap: Tap, situation: CardSituation): Promise<TapResult | undefined> {
    const isOpen = situation.decision === null && situation.recordedAs === null;
    if (!isOpen) return undefined;
    if (action === 'undo' && situation.hasApproved) {
      return (await decisions.unvote(tap)) && { kind: 'vote_withdrawn' };
    }
    if (action !== 'posted' || !situation.needsApproval) return undefined;
    const vote = await decisions.vote(tap);
    switch (vote?.kind) {
      case 'decided':
        return { kind: 'changed', action, isReplay: false };
      case 'counted':
        return { kind: 'voted', votes: vote.votes, needed: vote.needed, isReplay: false };
      case 'repeated':
        return { kind: 'already_voted', votes: vote.votes, needed: vote.needed };
      case undefined:
        return undefined;
    }
  }

  async function work(action: TapAction, tap: Tap, options: TapOptions): Promise<TapResult> {
    const facts = { action, userId: tap.userId, isAdmin: options.isAdmin };
    if (await apply(action, tap, options)) {
      tap.interaction.isRecorded = true;
      return action === 'claim' ? { kind: 'claimed', isReplay: false } : { kind: 'changed', action, isReplay: false };
    }
    const situation = await decisions.situation(tap);
    if (!situation) return explainTap(facts, situation);
    const { mediaItemId, fileName } = situation;
    Object.assign(tap.interaction.context, { media_id: mediaItemId, media_filename: fileName });
    const voted = await viaVotes(action, tap, situation);
    if (!voted) return explainTap(facts, situation);
    tap.interaction.isRecorded = voted.kind !== 'already_voted';
    return voted;
  }

  return {
    /**
     * Why a tap cannot do anything on this card, when something beside the card stands in its way; writes nothing. Whoever
     * comes after somebody else's decision is told that, whichever button it was.
     */
    async explain(action: TapAction, tap: Tap, { isAdmin }: TapOptions): Promise<TapResult> {
      const situation = await decisions.situation(tap);
      const facts = { action, userId: tap.userId, isAdmin };
      // The same update delivered again is told the same: it was no decision the first time either.
      return explainTap(facts, situation && { ...situation, recordedAs: null });
    },

    /**
     * Works one tap in: decision, locks, counters and the interaction in one transaction, or nothing at all.
     * Marks the interaction as recorded when the database wrote it; else its context says which medium it was about.
     * Throws when the database fails; then the tap may be repeated without harm, even if the commit went through (its
     * delivery key is known then).
     */
    async tap(action: TapAction, tap: Tap, options: TapOptions): Promise<TapResult> {
      try {
        return await work(action, tap, options);
      } catch (error) {
        if (isLockTimeout(error)) return { kind: 'busy' };
        throw error;
      }
    },
  };
}
