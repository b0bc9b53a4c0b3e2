import type { Decision } from '../db/schema/index.ts';
import type { CardAction } from '../telegram/callback-data.ts';
import { clockTime, dayAndTime } from '../telegram/local-time.ts';
import { clip, MAX_TOAST } from '../telegram/text.ts';
import { counted } from './counted.ts';
import { CLAIM_MINUTES } from './decision-statements.ts';
import type { TapResult } from './tap-result.ts';

/** What the answer to a tap needs to know about the chat. */
export type TapContext = { timeZone: string; now: Date; repostLockDays: number; skipLockDays: number };

const MAX_PERSON = 64;
const PAST: Readonly<Record<Decision, string>> = { posted: 'posted', skipped: 'skipped', rejected: 'rejected' };

/** What the person who tapped is told: a short toast, or an alert to be closed when nothing happened that they wanted. */
export function tapAnswer(result: TapResult, context: TapContext): { text: string; show_alert: boolean } {
  const toast = (text: string) => ({ text: clip(text, MAX_TOAST), show_alert: false });
  const alert = (text: string) => ({ text: clip(text, MAX_TOAST), show_alert: true });
  switch (result.kind) {
    case 'changed':
      return toast(done(result.action, context));
    case 'voted':
      return toast(`Approved: ${result.votes} of ${result.needed}. ${missing(result)}`);
    case 'already_voted':
      return toast(`You have approved it already. ${missing(result)}`);
    case 'vote_withdrawn':
      return toast('Your approval is taken back.');
    case 'own_item':
      return alert('You added this one yourself: somebody else has to approve it.');
    case 'no_vote':
      return alert('You have not approved this one, so there is nothing of yours to take back.');
    case 'claimed':
      return toast(`You are on it until ${clockTime(claimEnd(context.now), context.timeZone)}. The card says so.`);
    case 'claimed_by_other':
      return toast(`${clip(result.by, MAX_PERSON)} is on it until ${clockTime(result.until, context.timeZone)}.`);
    case 'already_decided': {
      const who = result.isMine ? 'you' : result.by;
      const text = `Already ${PAST[result.decision]} by ${clip(who, MAX_PERSON)}, ${dayAndTime(result.at, context.timeZone, context.now)}.`;
      return result.isMine ? toast(text) : alert(text);
    }
    case 'out_of_queue':
      return alert(
        'This one is out of the queue: nobody decided in time. It stays in the library; /next brings another.',
      );
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

function claimEnd(now: Date): Date {
  return new Date(now.getTime() + CLAIM_MINUTES * 60_000);
}

function missing({ votes, needed }: { votes: number; needed: number }): string {
  const more = Math.max(1, needed - votes);
  return more === 1 ? '1 more is needed.' : `${more} more are needed.`;
}

function rest(days: number): string {
  return days === 0 ? 'It may be offered again at any time.' : `Not offered again for ${counted(days, 'day')}.`;
}

function done(action: CardAction, context: TapContext): string {
  switch (action) {
    case 'posted':
      return `Posted. ${rest(context.repostLockDays)}`;
    case 'skip':
      return `Skipped. ${rest(context.skipLockDays)}`;
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
