import type { CardAction } from '../../src/telegram/callback-data.ts';

/** The rules of the cards once more, as naively as possible, to compare the real ones with. */
export type Model = ReturnType<typeof createModel>;

type Decided = {
  card: number;
  media: number;
  by: number;
  at: number;
  decision: 'posted' | 'skipped' | 'rejected';
  isUndone: boolean;
};

const DAY = 86_400_000;
const LOCK_DAYS = { posted: 30, skipped: 45, rejected: Number.POSITIVE_INFINITY };
const DECIDING = { posted: 'posted', skip: 'skipped', confirm_reject: 'rejected' } as const;

/** `mediaOf[card]` is the medium that a card shows; person 0 is the admin. */
export function createModel(mediaOf: readonly number[]) {
  const log: Decided[] = [];
  const askedAt = new Map<number, number>();
  const standing = (card: number) => log.find((one) => one.card === card && !one.isUndone);
  const of = (media: number) => log.filter((one) => one.media === media && !one.isUndone);

  return {
    /** Works a tap in; true when it changed something. */
    tap(action: CardAction, card: number, by: number, now: number): boolean {
      const decided = standing(card);
      if (action === 'undo') {
        if (!decided || now - decided.at >= 60_000 || (by !== 0 && by !== decided.by)) return false;
        decided.isUndone = true;
        return true;
      }
      if (decided) return false;
      const asked = askedAt.get(card);
      const isOpen = asked !== undefined && now - asked < DAY;
      if (action === 'reject') {
        if (isOpen) return false;
        askedAt.set(card, now);
        return true;
      }
      if (action === 'confirm_reject' && !isOpen) return false;
      if (action === 'cancel_reject') return askedAt.delete(card);
      log.push({ card, media: mediaOf[card] ?? 0, by, at: now, decision: DECIDING[action], isUndone: false });
      askedAt.delete(card);
      return true;
    },
    status: (card: number) => standing(card)?.decision ?? 'delivered',
    timesPosted: (media: number) => of(media).filter(({ decision }) => decision === 'posted').length,
    lastPostedAt: (media: number) =>
      of(media).reduce((last, { decision, at }) => (decision === 'posted' ? Math.max(last, at) : last), 0),
    /** 0 when nothing holds the medium; Infinity for ever. */
    lockedUntil(media: number, now: number): number {
      const ends = of(media).map(({ at, decision }) => at + LOCK_DAYS[decision] * DAY);
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
