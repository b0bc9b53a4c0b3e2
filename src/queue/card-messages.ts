import { InlineKeyboard } from 'grammy';
import type { InlineKeyboardMarkup } from 'grammy/types';
import type { Decision } from '../db/schema/index.ts';
import { cardData } from '../telegram/callback-data.ts';
import { dayAndTime } from '../telegram/local-time.ts';
import {
  bold,
  clip,
  clipText,
  FormattedString,
  fmt,
  lines,
  MAX_CAPTION,
  MAX_TOAST,
  type Text,
} from '../telegram/text.ts';
import type { Card } from './card-repository.ts';
import type { TapResult } from './decision-service.ts';

/** A card as Telegram is to show it. An empty keyboard takes the buttons away. */
export type CardView = { caption: Text; keyboard: InlineKeyboardMarkup };

const DECIDED: Readonly<Record<Decision, string>> = {
  posted: '✅ Posted',
  skipped: '⏭️ Skipped',
  rejected: '🚫 Rejected for ever',
};
/** Room for the lines under the caption; a file name is clipped so that the longest footer fits. */
const MAX_FILE_NAME = 80;
const MAX_PERSON = 64;

/**
 * What the card must show now, from its row alone; the same row and time give the same view. The caption of the medium
 * is clipped so that the lines below it always fit into Telegram's 1024 units.
 */
export function cardView(card: Card, now: Date): CardView {
  const footer = footerOf(card, now);
  const content = contentOf(card);
  const room = MAX_CAPTION - footer.rawText.length - 2;
  const caption = content.rawText === '' ? footer : fmt`${clipText(content, room)}\n\n${footer}`;
  return { caption, keyboard: { inline_keyboard: buttonsOf(card, now).inline_keyboard } };
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

function isRejectAsked(card: Card, now: Date): boolean {
  return card.rejectAskedUntil !== null && now < card.rejectAskedUntil;
}

function footerOf(card: Card, now: Date): Text {
  const file = `📁 ${clip(card.fileName, MAX_FILE_NAME)}${card.category ? ` · ${clip(card.category, 40)}` : ''}`;
  const again = card.isRepeat ? '🔁 Sent again: I could not be sure that the first one arrived.' : undefined;
  if (card.decision) {
    const by = clip(card.decision.by, MAX_PERSON);
    const when = dayAndTime(card.decision.at, card.timeZone, now);
    return lines(again, file, fmt`${bold(`${DECIDED[card.decision.decision]} by ${by}`)}\n${when}`);
  }
  if (isRejectAsked(card, now)) {
    const by = card.rejectAskedBy ? ` (asked by ${clip(card.rejectAskedBy, MAX_PERSON)})` : '';
    return lines(again, file, bold(`⚠️ Reject for ever?${by}`), 'It will never be queued again.');
  }
  return lines(again, file);
}

function buttonsOf(card: Card, now: Date): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  if (card.decision) {
    const canUndo = card.undoUntil !== null && now < card.undoUntil;
    return canUndo ? keyboard.text('↩️ Undo', cardData('undo', card.id)) : keyboard;
  }
  if (card.status !== 'delivered' && card.status !== 'sending') return keyboard;
  if (isRejectAsked(card, now)) {
    return keyboard
      .text('🚫 Yes, reject', cardData('confirm_reject', card.id))
      .text('↩️ No, keep it', cardData('cancel_reject', card.id));
  }
  return keyboard
    .text('✅ Posted', cardData('posted', card.id))
    .text('⏭️ Skip', cardData('skip', card.id))
    .row()
    .text('🚫 Reject', cardData('reject', card.id));
}

const PAST: Readonly<Record<Decision, string>> = { posted: 'posted', skipped: 'skipped', rejected: 'rejected' };

/** What the person who tapped is told: a short toast, or an alert to be closed when nothing happened that they wanted. */
export function tapAnswer(
  result: TapResult,
  context: { timeZone: string; now: Date; repostLockDays: number; skipLockDays: number },
): { text: string; show_alert: boolean } {
  const toast = (text: string) => ({ text: clip(text, MAX_TOAST), show_alert: false });
  const alert = (text: string) => ({ text: clip(text, MAX_TOAST), show_alert: true });
  switch (result.kind) {
    case 'changed':
      return toast(done(result.action, context));
    case 'already_decided': {
      const who = result.isMine ? 'you' : result.by;
      const text = `Already ${PAST[result.decision]} by ${clip(who, MAX_PERSON)}, ${dayAndTime(result.at, context.timeZone, context.now)}.`;
      return result.isMine ? toast(text) : alert(text);
    }
    case 'already_asked':
      return toast('The question is on the card: Yes or No?');
    case 'not_asked':
      return alert('This question is not open any more. Tap Reject on the card to ask again.');
    case 'too_late_to_undo':
      return alert('Undo works for one minute after the decision. That minute is over.');
    case 'not_yours_to_undo':
      return alert(`Only ${clip(result.by, MAX_PERSON)} or an admin can undo this, within one minute.`);
    case 'not_valid':
      return alert('This button is not valid any more. Send /next for a fresh card.');
    case 'busy':
      return toast('Busy just now: please tap again.');
  }
}

function done(
  action: Extract<TapResult, { kind: 'changed' }>['action'],
  context: { repostLockDays: number; skipLockDays: number },
): string {
  switch (action) {
    case 'posted':
      return `Posted. Not offered again for ${context.repostLockDays} days.`;
    case 'skip':
      return `Skipped. Not offered again for ${context.skipLockDays} days.`;
    case 'reject':
      return 'Reject for ever? Please confirm on the card.';
    case 'confirm_reject':
      return 'Rejected: it will never be queued again.';
    case 'cancel_reject':
      return 'Kept. The card is as it was.';
    case 'undo':
      return 'Undone: the card is open again.';
  }
}

/** The short message that stands in for a card that cannot be edited any more (deleted, too old). */
export function standInMessage(card: Card): Text | undefined {
  if (!card.decision) return undefined;
  return lines(
    fmt`${bold(`${DECIDED[card.decision.decision]} by ${clip(card.decision.by, MAX_PERSON)}`)}`,
    `📁 ${clip(card.fileName, MAX_FILE_NAME)} (the card itself is gone)`,
  );
}
