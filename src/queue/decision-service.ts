import { isLockTimeout } from '../db/database-errors.ts';
import type { Decision, LockReason } from '../db/schema/index.ts';
import type { CardAction } from '../telegram/callback-data.ts';
import { displayName } from '../users/user-repository.ts';
import type { CardSituation, DecisionRepository, Tap } from './decision-repository.ts';

/** What a tap on a card came to. Everything but `changed` has changed nothing. */
export type TapResult =
  /** `isReplay`: this very tap did it the first time it arrived; it is only answered again. */
  | { kind: 'changed'; action: CardAction; isReplay: boolean }
  | { kind: 'already_decided'; decision: Decision; by: string; isMine: boolean; at: Date }
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

export type DecisionService = ReturnType<typeof createDecisionService>;

const DECIDING: Readonly<Record<'posted' | 'skip' | 'confirm_reject', { decision: Decision; reason: LockReason }>> = {
  posted: { decision: 'posted', reason: 'recent_post' },
  skip: { decision: 'skipped', reason: 'skip' },
  confirm_reject: { decision: 'rejected', reason: 'permanent_reject' },
};

/** The rules of the card: one tap settles it, whoever is first; a minute to take it back; rejecting asks. */
export function createDecisionService({ decisions }: { decisions: DecisionRepository }) {
  function apply(action: CardAction, tap: Tap, isAdmin: boolean) {
    switch (action) {
      case 'posted':
      case 'skip':
      case 'confirm_reject':
        return decisions.decide(tap, DECIDING[action].decision, DECIDING[action].reason);
      case 'reject':
        return decisions.askReject(tap);
      case 'cancel_reject':
        return decisions.cancelReject(tap);
      case 'undo':
        return decisions.undo(tap, isAdmin);
    }
  }

  return {
    /**
     * Works one tap in: decision, locks, counters and the interaction in one statement, or nothing at all.
     * Marks the interaction as recorded when the statement wrote it; else its context says which medium it was about. Throws when the database fails; then the tap may
     * be repeated without harm, even if the commit went through (its delivery key is known then).
     */
    async tap(action: CardAction, tap: Tap, options: { isAdmin: boolean }): Promise<TapResult> {
      try {
        const changed = await apply(action, tap, options.isAdmin);
        if (changed) {
          tap.interaction.isRecorded = true;
          return { kind: 'changed', action, isReplay: false };
        }
        const situation = await decisions.situation(tap);
        if (situation) {
          const { mediaItemId, fileName } = situation;
          Object.assign(tap.interaction.context, { media_id: mediaItemId, media_filename: fileName });
        }
        return explain(action, tap, situation, options.isAdmin);
      } catch (error) {
        if (isLockTimeout(error)) return { kind: 'busy' };
        throw error;
      }
    },
  };
}

function explain(action: CardAction, tap: Tap, situation: CardSituation | undefined, isAdmin: boolean): TapResult {
  if (!situation) return { kind: 'not_valid' };
  if (situation.isReplay) return { kind: 'changed', action, isReplay: true };
  const isWaiting = situation.status === 'sending' || situation.status === 'delivered';
  if (situation.decision && situation.decidedAt) {
    const by = displayName({
      firstName: situation.deciderFirstName,
      lastName: situation.deciderLastName,
      username: situation.deciderUsername,
      telegramUserId: situation.deciderTelegramId,
    });
    const isMine = situation.deciderId === tap.userId;
    if (action === 'undo') return isMine || isAdmin ? { kind: 'too_late_to_undo' } : { kind: 'not_yours_to_undo', by };
    return {
      kind: 'already_decided',
      decision: situation.decision,
      by,
      isMine,
      at: situation.decidedAt,
    };
  }
  if (!isWaiting) return { kind: 'not_valid' };
  if (action === 'reject' && situation.isRejectAsked) return { kind: 'already_asked' };
  if (action === 'confirm_reject' || action === 'cancel_reject') return { kind: 'not_asked' };
  if (action === 'undo') return { kind: 'too_late_to_undo' };
  // The card became decidable again between the two statements (an undo): the person may simply tap again.
  return { kind: 'busy' };
}
