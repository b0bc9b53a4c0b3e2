import type { InlineKeyboardMarkup } from 'grammy/types';
import type { Decision } from '../db/schema/index.ts';
import { dayAndTime } from '../telegram/local-time.ts';
import { bold, clip, clipText, FormattedString, fmt, lines, MAX_CAPTION, type Text } from '../telegram/text.ts';
import { cardButtons, isClaimed, isOpen, isRejectAsked } from './card-buttons.ts';
import type { Card } from './card-repository.ts';

/** A card as Telegram is to show it. An empty keyboard takes the buttons away. */
export type CardView = { caption: Text; keyboard: InlineKeyboardMarkup };

/** The last line of an open card for people who do this for the first time. */
export const POSTING_STEPS = '👉 Save it, post it, then tap Posted.';

const DECIDED: Readonly<Record<Decision, string>> = {
  posted: '✅ Posted',
  skipped: '⏭️ Skipped',
  rejected: '🚫 Rejected',
};
/** Room for the lines under the caption; a file name is clipped so that the longest footer fits. */
const MAX_FILE_NAME = 80;
const MAX_PERSON = 64;
/** Ten people may have to approve: more of them than fit are left out. */
const MAX_APPROVERS = 120;
const MAX_REASON = 200;

/**
 * What the card must show now, from its row and its chat's settings alone; the same row and time give the same view.
 * The caption of the medium is clipped so that the lines below it always fit into Telegram's 1024 units.
 *
 *   style     verbose   under title, text, link and tags
 *   enhanced  yes       file and category, the steps of posting; when it was decided
 *   simple    yes       file and category; when it was decided
 *   either    no        the category (and the file where there is no title and no text to know it by)
 */
export function cardView(card: Card, now: Date): CardView {
  const content = contentOf(card);
  const footer = footerOf(card, content.rawText !== '', now);
  const room = MAX_CAPTION - footer.rawText.length - 2;
  const caption =
    content.rawText === ''
      ? footer
      : footer.rawText === ''
        ? clipText(content, MAX_CAPTION)
        : fmt`${clipText(content, room)}\n\n${footer}`;
  return { caption, keyboard: { inline_keyboard: cardButtons(card, now).inline_keyboard } };
}

function contentOf(card: Card): Text {
  const caption = new FormattedString(card.caption ?? '', card.captionEntities);
  const parts = [
    card.title ? bold(card.title) : undefined,
    caption.rawText === '' ? undefined : caption,
    card.link ? `🔗 ${card.link}` : undefined,
    card.tags.length > 0 ? card.tags.map((tag) => `#${tag}`).join(' ') : undefined,
  ];
  return lines(...parts);
}

function footerOf(card: Card, hasContent: boolean, now: Date): Text {
  const again = card.isRepeat ? '🔁 Sent again: I could not be sure that the first one arrived.' : undefined;
  const what = card.isVerbose || !hasContent ? fileLine(card) : categoryLine(card);
  return lines(again, what, ...stateLines(card, now));
}

function fileLine(card: Card): string {
  return `📁 ${clip(card.fileName, MAX_FILE_NAME)}${card.category ? ` · ${clip(card.category, 40)}` : ''}`;
}

function categoryLine(card: Card): string | undefined {
  return card.category ? `🗂 ${clip(card.category, 40)}` : undefined;
}

function stateLines(card: Card, now: Date): (Text | string | undefined)[] {
  if (card.decision) {
    const when = card.isVerbose ? dayAndTime(card.decision.at, card.timeZone, now) : undefined;
    return [bold(decisionLine(card.decision)), approvalLine(card), when];
  }
  if (card.status === 'cancelled') return [bold(`⌛ ${outOfQueue(card)}`), 'It stays in the library.'];
  if (card.status === 'failed')
    return [bold(`⚠️ Given up: ${clip(card.failure ?? 'it could not be sent', MAX_REASON)}`)];
  if (!isOpen(card)) return [];
  const claim = isClaimed(card, now) ? `🙋 ${clip(card.claimedBy ?? 'Somebody', MAX_PERSON)} is on it` : undefined;
  if (isRejectAsked(card, now)) {
    const by = card.rejectAskedBy ? ` (asked by ${clip(card.rejectAskedBy, MAX_PERSON)})` : '';
    const question = card.rejectReasons.length > 0 ? 'Why?' : undefined;
    return [approvalLine(card), claim, bold(`⚠️ Reject for ever?${by}`), 'It will never be queued again.', question];
  }
  const hasSteps = card.captionStyle === 'enhanced' && card.isVerbose;
  return [approvalLine(card), claim, hasSteps ? POSTING_STEPS : undefined];
}

function decisionLine(decision: NonNullable<Card['decision']>): string {
  const { by, reason, isOneOfMany } = decision;
  const forEver = decision.decision === 'rejected' && reason === null ? ' for ever' : '';
  const why = reason === null ? '' : ` · ${clip(reason, MAX_REASON)}`;
  return `${DECIDED[decision.decision]}${forEver} by ${clip(by, MAX_PERSON)}${isOneOfMany ? ' (all at once)' : ''}${why}`;
}

/** Who has approved it, where more than one person is wanted: "Approved by Bob (1 of 2)". */
function approvalLine(card: Card): string | undefined {
  const names = card.approvedBy ?? [];
  if (card.approvalsNeeded < 2 || names.length === 0) return undefined;
  if (card.decision && card.decision.decision !== 'posted') return undefined;
  const counter = card.decision ? '' : ` (${names.length} of ${card.approvalsNeeded})`;
  return `Approved by ${clip(names.map((name) => clip(name, MAX_PERSON)).join(', '), MAX_APPROVERS)}${counter}`;
}

/** The reason as a sentence: "Nobody decided within 48 h, so it is out of the queue." */
function outOfQueue(card: Card): string {
  const reason = clip(card.failure ?? 'nobody decided in time', MAX_REASON).replace(/[.\s]+$/, '');
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}, so it is out of the queue.`;
}

/** The short message that stands in for a card that cannot be edited any more (deleted, too old). */
export function standInMessage(card: Card): Text | undefined {
  if (!card.decision) return undefined;
  return lines(bold(decisionLine(card.decision)), `📁 ${clip(card.fileName, MAX_FILE_NAME)} (the card itself is gone)`);
}
