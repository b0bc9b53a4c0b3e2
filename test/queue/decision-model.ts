import type { TapAction } from '../../src/queue/tap-result.ts';

/** The rules of the cards once more, as naively as possible, to compare the real ones with. */
export type Model = ReturnType<typeof createModel>;

type Decided = {
  card: number;
  media: number;
  by: number;
  at: number;
  decision: 'posted' | 'skipped' | 'rejected';
  isUndone: boolean;
  /** Until when the medium rests. */
  restsUntil: number;
  /** From "On it" to the decision of the same person; null without. */
  handlingMs: number | null;
};

/** Somebody is on a card: since when without a break, and since their last press. */
type Claim = { by: number; since: number; at: number };

const DAY = 86_400_000;
const CLAIM_MS = 600_000;
const LOCK_DAYS = { posted: 30, skipped: 45, rejected: Number.POSITIVE_INFINITY };
const DECIDING = { posted: 'posted', skip: 'skipped', confirm_reject: 'rejected' } as const;

/** `mediaOf[card]` is the medium that a card shows; person 0 is the admin. `needed` people must press Posted. */
export function createModel(mediaOf: readonly number[], needed = 1) {
  const log: Decided[] = [];
  const askedAt = new Map<number, number>();
  const claims = new Map<number, Claim>();
  const votes = mediaOf.map(() => new Set<number>());
  const votesOn = (card: number) => votes[card] ?? new Set<number>();
  let wanted = needed;
  let restDays = LOCK_DAYS;
  const standing = (card: number) => log.find((one) => one.card === card && !one.isUndone);
  const of = (media: number) => log.filter((one) => one.media === media && !one.isUndone);

  /** The claim that holds on a card. */
  function claimOn(card: number, now: number): Claim | undefined {
    const claim = claims.get(card);
    return claim && now - claim.at < CLAIM_MS ? claim : undefined;
  }

  function claim(card: number, by: number, now: number): boolean {
    const held = claimOn(card, now);
    if (held && held.by !== by) return false;
    claims.set(card, { by, since: held?.since ?? now, at: now });
    return true;
  }

  /** Whether Posted holds now; the vote stays either way. `isNew`: it changed something by itself. */
  function vote(card: number, by: number): { isEnough: boolean; isNew: boolean } {
    if (wanted === 1) return { isEnough: true, isNew: false };
    const isNew = !votesOn(card).has(by);
    votesOn(card).add(by);
    return { isEnough: votesOn(card).size >= wanted, isNew };
  }

  return {
    /** From now on so many people must press Posted; votes that are there count. */
    want(people: number): void {
      wanted = people;
    },

    /** From now on a decision makes its medium rest for so many days. */
    rest(days: { posted: number; skipped: number }): void {
      restDays = { ...LOCK_DAYS, ...days };
    },

    /** Works a tap in; true when it changed something. */
    tap(action: TapAction, card: number, by: number, now: number): boolean {
      const decided = standing(card);
      if (action === 'undo' && !decided) return votesOn(card).delete(by);
      if (action === 'undo') {
        if (!decided || now - decided.at >= 60_000 || (by !== 0 && by !== decided.by)) return false;
        decided.isUndone = true;
        if (decided.decision === 'posted') votesOn(card).delete(decided.by);
        return true;
      }
      if (decided) return false;
      if (action === 'claim') return claim(card, by, now);
      const asked = askedAt.get(card);
      const isOpen = asked !== undefined && now - asked < DAY;
      if (action === 'reject') {
        if (isOpen) return false;
        askedAt.set(card, now);
        return true;
      }
      if (action === 'confirm_reject' && !isOpen) return false;
      if (action === 'cancel_reject') return askedAt.delete(card);
      if (action === 'posted') {
        const { isEnough, isNew } = vote(card, by);
        // Whoever approves has posted it, and is on it no longer.
        if (!isEnough && isNew && claims.get(card)?.by === by) claims.delete(card);
        if (!isEnough) return isNew;
      }
      const held = claimOn(card, now);
      const decision = DECIDING[action];
      log.push({
        card,
        media: mediaOf[card] ?? 0,
        by,
        at: now,
        decision,
        isUndone: false,
        restsUntil: now + restDays[decision] * DAY,
        handlingMs: held?.by === by ? now - held.since : null,
      });
      askedAt.delete(card);
      return true;
    },
    votes: (card: number) => [...votesOn(card)].sort(),
    /** Who is on the card, and until when; also of one that is decided. */
    claim: (card: number, now: number) => claimOn(card, now)?.by,
    /** Of every decision ever made, in order. */
    handlingTimes: () => log.map(({ handlingMs }) => handlingMs),
    status: (card: number) => standing(card)?.decision ?? 'delivered',
    timesPosted: (media: number) => of(media).filter(({ decision }) => decision === 'posted').length,
    lastPostedAt: (media: number) =>
      of(media).reduce((last, { decision, at }) => (decision === 'posted' ? Math.max(last, at) : last), 0),
    /** 0 when nothing holds the medium; Infinity for ever. */
    lockedUntil(media: number, now: number): number {
      const ends = of(media).map(({ restsUntil }) => restsUntil);
      return Math.max(0, ...ends.filter((end) => end > now));
    },
    /** How the standing decisions fell; of one person or of everybody. */
    figures(by?: number) {
      const mine = log.filter((one) => !one.isUndone && (by === undefined || one.by === by));
      const count = (wanted: string) => mine.filter(({ decision }) => decision === wanted).length;
      return { posted: count('posted'), skipped: count('skipped'), rejected: count('rejected') };
    },
  };
}
