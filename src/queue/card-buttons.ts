import { createHash } from 'node:crypto';
import { InlineKeyboard } from 'grammy';
import { cardData, featureData, UPVOTE } from '../telegram/callback-data.ts';
import { clip } from '../telegram/text.ts';
import { type Card, MOST_UPVOTES } from './card-repository.ts';

/** Two reasons share a row of a phone when both are this short. */
const SHORT_REASON = 16;
const MAX_REASON_LABEL = 40;

/** The question "reject for ever?" is open on the card. */
export function isRejectAsked(card: Card, now: Date): boolean {
  return card.rejectAskedUntil !== null && now < card.rejectAskedUntil;
}

/** Somebody is on it right now. */
export function isClaimed(card: Card, now: Date): boolean {
  return card.claimedUntil !== null && now < card.claimedUntil;
}

/** The card waits for a tap. */
export function isOpen(card: Card): boolean {
  return card.decision === null && (card.status === 'delivered' || card.status === 'sending');
}

/**
 * Names a reason in a button's data: by what it says, not by its place in the list, so that a button of yesterday never
 * means a reason that has taken its place since.
 */
export function reasonKey(reason: string): string {
  return createHash('sha256').update(reason).digest('hex').slice(0, 8);
}

/** The buttons of a card in its present state; an empty keyboard takes them away. */
export function cardButtons(card: Card, now: Date): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  if (card.decision) {
    if (card.undoUntil !== null && now < card.undoUntil) keyboard.text('↩️ Undo', cardData('undo', card.id));
    // What was posted may be liked for as long as people see it; what was turned down is out of sight.
    return card.decision.decision === 'posted' ? keyboard.text(upvoteLabel(card), cardData(UPVOTE, card.id)) : keyboard;
  }
  if (!isOpen(card)) return keyboard;
  return isRejectAsked(card, now) ? questionButtons(card) : openButtons(card);
}

function openButtons(card: Card): InlineKeyboard {
  const votes = card.approvedBy?.length ?? 0;
  const counter = card.approvalsNeeded > 1 ? ` ${votes}/${card.approvalsNeeded}` : '';
  const keyboard = new InlineKeyboard()
    .text(`✅ Posted${counter}`, cardData('posted', card.id))
    .text('⏭️ Skip', cardData('skip', card.id))
    .row()
    .text('🚫 Reject', cardData('reject', card.id))
    .text('🙋 On it', featureData('queue', 'claim', card.id))
    .row()
    .text(upvoteLabel(card), cardData(UPVOTE, card.id))
    .text('ℹ️', featureData('queue', 'details', card.id));
  return votes > 0 ? keyboard.row().text('↩️ Take my approval back', cardData('undo', card.id)) : keyboard;
}

/** How many like the medium; of very many, that there are very many. */
function upvoteLabel({ upvotes }: Card): string {
  if (upvotes === 0) return '👍';
  return upvotes < MOST_UPVOTES ? `👍 ${upvotes}` : `👍 ${MOST_UPVOTES - 1}+`;
}

function questionButtons(card: Card): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  if (card.rejectReasons.length === 0) {
    return keyboard
      .text('🚫 Yes, reject', cardData('confirm_reject', card.id))
      .text('↩️ No, keep it', cardData('cancel_reject', card.id));
  }
  let isHalfFull = false;
  for (const reason of card.rejectReasons) {
    const isShort = reason.length <= SHORT_REASON;
    if (isHalfFull && !isShort) keyboard.row();
    keyboard.text(
      `🚫 ${clip(reason, MAX_REASON_LABEL)}`,
      featureData('queue', 'reason', `${card.id}.${reasonKey(reason)}`),
    );
    isHalfFull = isShort && !isHalfFull;
    if (!isHalfFull) keyboard.row();
  }
  if (isHalfFull) keyboard.row();
  return keyboard
    .text('✏️ Other…', featureData('queue', 'other', card.id))
    .text('↩️ No, keep it', cardData('cancel_reject', card.id));
}
