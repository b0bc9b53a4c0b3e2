/**
 * A team chat as README and DESIGN tell it, as naively as possible: what each tap and command does, what the person is
 * told, what the row of it says, and what the cards show. Written from the rules and not from the SQL, so that the two
 * can be compared. Times are milliseconds; people are numbers, and number 0 is the admin.
 */
export type TeamModel = ReturnType<typeof createTeamModel>;

export type Setting = { approvals: number; fourEyes: boolean; reasons: readonly string[]; rest: number };

/** `reason`: one of the chat's, by a button; in words it is a `confirm_reject` with `reason`. */
export type Action = 'posted' | 'skip' | 'reject' | 'confirm_reject' | 'cancel_reject' | 'undo' | 'claim' | 'other';

/** What a tap or command came to: how its row ends, and what the person reads. */
export type Expected = { outcome: 'done' | 'noop' | 'denied' | 'vote'; says: string | RegExp; isAlert: boolean };

export type Item = {
  id: string;
  media: number;
  status: 'pending' | 'delivered' | 'posted' | 'skipped' | 'rejected' | 'cancelled';
  /** Planned for. */
  at: number;
  /** Where its card can be tapped; undefined until it was sent. */
  shownIn: { chatId: number; messageId: number } | undefined;
  /** The bot may edit the card: not one of the group that became a supergroup. */
  isEditable: boolean;
  /** Waiting since then; pauses move it. */
  since: number;
  asked: { by: number; at: number } | undefined;
  claim: { by: number; at: number } | undefined;
  votes: Set<number>;
};

type Decided = {
  item: Item;
  by: number;
  at: number;
  decision: 'posted' | 'skipped' | 'rejected';
  reason: string | undefined;
  undoneAt: number | undefined;
  restsUntil: number;
};

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const UNDO_MS = MINUTE;
const CLAIM_MS = 10 * MINUTE;
const QUESTION_MS = DAY;
const DISCARD_MS = 48 * HOUR;
const SKIP_DAYS = 45;
const DECIDES = { posted: 'posted', skip: 'skipped', confirm_reject: 'rejected' } as const;
const SHOWN = { posted: '✅ Posted', skipped: '⏭️ Skipped', rejected: '🚫 Rejected' } as const;

const toast = (says: string | RegExp, outcome: Expected['outcome'] = 'noop'): Expected => ({
  outcome,
  says,
  isAlert: false,
});
const alert = (says: string | RegExp, outcome: Expected['outcome'] = 'noop'): Expected => ({
  outcome,
  says,
  isAlert: true,
});

export const REFUSED_TAP = alert('You cannot use this button.', 'denied');

/** `names[by]` is what the bot calls a person. */
export function createTeamModel(names: readonly string[], first: Setting) {
  const items: Item[] = [];
  const decided: Decided[] = [];
  /** Who brought each medium; undefined: it was in a folder. */
  const adders: (number | undefined)[] = [];
  const here = names.map(() => true);
  let setting = first;
  let pausedAt: number | undefined;
  let catchUpUntil = 0;

  const nameOf = (by: number) => names[by] ?? '';
  const standing = (item: Item) => decided.find((one) => one.item === item && one.undoneAt === undefined);
  const ofMedium = (media: number) => decided.filter((one) => one.item.media === media && one.undoneAt === undefined);
  const isAsked = ({ asked }: Item, now: number) => asked !== undefined && now - asked.at < QUESTION_MS;
  const claimOf = ({ claim }: Item, now: number) => (claim && now - claim.at < CLAIM_MS ? claim : undefined);
  const isOwn = (item: Item, by: number) => setting.fourEyes && adders[item.media] === by;
  const counting = (item: Item) => [...item.votes].filter((by) => !isOwn(item, by));
  const mayDecide = (by: number) => by === 0 || here[by] === true;
  const needsVotes = () => setting.approvals > 1 || setting.fourEyes;
  const more = (votes: number) => {
    const missing = setting.approvals - votes;
    return missing === 1 ? '1 more is needed.' : `${missing} more are needed.`;
  };

  function decide(item: Item, by: number, action: keyof typeof DECIDES, now: number, reason?: string): Expected {
    const decision = DECIDES[action];
    const days = { posted: setting.rest, skipped: SKIP_DAYS, rejected: Number.POSITIVE_INFINITY }[decision];
    decided.push({ item, by, at: now, decision, reason, undoneAt: undefined, restsUntil: now + days * DAY });
    item.status = decision;
    item.asked = undefined;
    switch (action) {
      case 'posted':
        return toast(
          setting.rest === 0
            ? 'Posted. It may be offered again at any time.'
            : `Posted. Not offered again for ${setting.rest} days.`,
          'done',
        );
      case 'skip':
        return toast(`Skipped. Not offered again for ${SKIP_DAYS} days.`, 'done');
      case 'confirm_reject':
        return toast('Rejected: it will never be queued again.', 'done');
    }
  }

  function undo(item: Item, by: number, now: number): Expected {
    const last = standing(item);
    if (!last) {
      if (item.status === 'cancelled') return outOfQueue();
      if (item.votes.delete(by)) return toast('Your approval is taken back.', 'done');
      if (counting(item).length > 0) {
        return alert('You have not approved this one, so there is nothing of yours to take back.');
      }
      return tooLate();
    }
    if (by !== 0 && by !== last.by) {
      return alert(`Only ${nameOf(last.by)} or an admin can undo this, within one minute.`, 'denied');
    }
    if (now - last.at >= UNDO_MS) return tooLate();
    last.undoneAt = now;
    item.status = 'delivered';
    if (last.decision === 'posted') item.votes.delete(last.by);
    // Planned again meanwhile, where media rest for no days: the card that is open again takes its place.
    for (const one of items) if (one.media === item.media && one.status === 'pending') one.status = 'cancelled';
    return toast('Undone: the card is open again.', 'done');
  }

  const tooLate = () => alert('Undo works for one minute after the decision. That minute is over.');
  const outOfQueue = () =>
    alert('This one is out of the queue: nobody decided in time. It stays in the library; /next brings another.');
  const notAsked = () => alert('This question is not open any more. Tap Reject on the card to ask again.');

  /** Settled, out of the queue: whatever was tapped, that is what the person has to know. */
  function settledBefore(item: Item, by: number): Expected | undefined {
    const last = standing(item);
    if (last && last.by === by) return toast(new RegExp(`^Already ${last.decision} by you, `));
    if (last) return alert(new RegExp(`^Already ${last.decision} by ${nameOf(last.by)}, `));
    return item.status === 'cancelled' ? outOfQueue() : undefined;
  }

  function post(item: Item, by: number, now: number): Expected {
    if (!needsVotes()) return decide(item, by, 'posted', now);
    if (isOwn(item, by)) return alert('You added this one yourself: somebody else has to approve it.', 'denied');
    const isNew = !item.votes.has(by);
    item.votes.add(by);
    const votes = counting(item).length;
    if (votes >= setting.approvals) return decide(item, by, 'posted', now);
    if (!isNew) return toast(`You have approved it already. ${more(votes)}`);
    // Whoever approves has posted it, and is on it no longer.
    if (item.claim?.by === by) item.claim = undefined;
    return toast(`Approved: ${votes} of ${setting.approvals}. ${more(votes)}`, 'vote');
  }

  function tap(action: Action, item: Item, by: number, now: number, reason?: string): Expected {
    if (!mayDecide(by)) return REFUSED_TAP;
    if (action === 'undo') return undo(item, by, now);
    const before = settledBefore(item, by);
    if (before) return before;
    switch (action) {
      case 'claim': {
        const held = claimOf(item, now);
        if (held && held.by !== by) return toast(new RegExp(`^${nameOf(held.by)} is on it until \\d\\d:\\d\\d\\.$`));
        item.claim = { by, at: now };
        return toast(/^You are on it until \d\d:\d\d\. The card says so\.$/, 'done');
      }
      case 'reject':
        if (isAsked(item, now)) return toast('The question is on the card: Yes or No?');
        item.asked = { by, at: now };
        return toast('Reject for ever? Please confirm on the card.', 'done');
      case 'cancel_reject':
        // Also of a question that is too old: nothing is rejected, as the person wants it.
        if (!item.asked) return notAsked();
        item.asked = undefined;
        return toast('Kept. The card is as it was.', 'done');
      case 'other':
        return isAsked(item, now) ? toast('Write why, as a reply to my question below.', 'done') : notAsked();
      case 'confirm_reject':
        return isAsked(item, now) ? decide(item, by, action, now, reason) : notAsked();
      case 'posted':
        return post(item, by, now);
      case 'skip':
        return decide(item, by, action, now);
    }
  }

  const pending = () =>
    items
      .filter(({ status }) => status === 'pending')
      .sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));

  return {
    items,
    decided,
    adders,
    pending,
    mayDecide,
    /** Who is in the group. */
    here,
    setting: () => setting,
    change(patch: Partial<Setting>): void {
      setting = { ...setting, ...patch };
    },
    pausedAt: () => pausedAt,
    sent: () => items.filter(({ shownIn }) => shownIn !== undefined),
    isAsked,
    claimOf,
    tap,

    /** A button with a reason that the chat has or had. */
    tapReason(reason: string, item: Item, by: number, now: number): Expected {
      if (!mayDecide(by)) return REFUSED_TAP;
      const isKnown = setting.reasons.includes(reason);
      if (isKnown) return tap('confirm_reject', item, by, now, reason);
      return settledBefore(item, by) ?? alert('The reasons were changed meanwhile. Tap No, then Reject again.');
    },

    /** A card that is in the chat now. */
    show(item: Item, at: { chatId: number; messageId: number }, now: number): void {
      item.status = 'delivered';
      item.shownIn = at;
      item.isEditable = true;
      item.since = now;
    },

    /** What the clock sends now: at most one, and of what is overdue one a minute. */
    due(now: number): Item | undefined {
      const [item] = pending();
      if (!item || item.at > now || pausedAt !== undefined) return undefined;
      const isOverdue = item.at < now - MINUTE;
      if (isOverdue && now < catchUpUntil) return undefined;
      if (isOverdue) catchUpUntil = now + MINUTE;
      return item;
    },

    /** A process forgets how fast it caught up. */
    restarted(): void {
      catchUpUntil = 0;
    },

    /** Media that may be planned or brought. */
    isFree(media: number, now: number): boolean {
      const isThere = items.some((item) => item.media === media && ['pending', 'delivered'].includes(item.status));
      return !isThere && ofMedium(media).every(({ restsUntil }) => restsUntil <= now);
    },

    pause(by: number, now: number): Expected {
      if (by !== 0) return alert('This is for admins. /stats shows your own figures.', 'denied');
      if (pausedAt !== undefined) return toast(/^⏸️ Already paused since /);
      pausedAt = now;
      return toast(/^⏸️ Posting is paused\.\n/, 'done');
    },

    /** `choice` undefined: nobody has said yet what happens to what is overdue. */
    resume(by: number, now: number, choice?: 'reschedule' | 'clear' | 'send'): Expected & { isQuestion?: boolean } {
      if (by !== 0) return alert('This is for admins. /stats shows your own figures.', 'denied');
      if (pausedAt === undefined) return toast(/^▶️ Posting is not paused\.\n/);
      const late = pending().filter(({ at }) => at <= now);
      if (late.length > 0 && !choice) {
        return { ...toast(new RegExp(`^⏸️ ${late.length} posts? (is|are) overdue`), 'done'), isQuestion: true };
      }
      if (choice === 'clear') for (const item of late) item.status = 'cancelled';
      for (const item of items) {
        if (item.status === 'delivered') item.since += Math.max(0, now - Math.max(item.since, pausedAt));
      }
      pausedAt = undefined;
      return toast(/^▶️ Posting goes on\.\n/, 'done');
    },

    /** What nobody decided in two days leaves the queue. */
    lookAfter(now: number): void {
      if (pausedAt !== undefined) return;
      for (const item of items) {
        if (item.status !== 'delivered' || now - item.since < DISCARD_MS) continue;
        Object.assign(item, { status: 'cancelled', asked: undefined, claim: undefined });
      }
    },

    /** The group became a supergroup: the cards of before can still be tapped where they are, and are edited no more. */
    migrate(): void {
      for (const item of items) item.isEditable = false;
    },

    timesPosted: (media: number) => ofMedium(media).filter(({ decision }) => decision === 'posted').length,
    /** 0: never. */
    lastPostedAt: (media: number) =>
      Math.max(0, ...ofMedium(media).map(({ decision, at }) => (decision === 'posted' ? at : 0))),
    /** 0: nothing holds the medium. Infinity: for ever. */
    lockedUntil: (media: number, now: number) =>
      Math.max(0, ...ofMedium(media).map(({ restsUntil }) => (restsUntil > now ? restsUntil : 0))),

    /** What a card shows: lines that stand in its caption, and its buttons. */
    card(item: Item, now: number): { lines: string[]; buttons: string[] } {
      const last = standing(item);
      const votes = counting(item);
      const approved = setting.approvals > 1 && votes.length > 0;
      if (last) {
        const forEver = last.decision === 'rejected' && last.reason === undefined ? ' for ever' : '';
        const why = last.reason === undefined ? '' : ` · ${last.reason}`;
        const by = approved && last.decision === 'posted' ? ['Approved by '] : [];
        return {
          lines: [`${SHOWN[last.decision]}${forEver} by ${nameOf(last.by)}${why}`, ...by],
          buttons: [...(now - last.at < UNDO_MS ? ['↩️ Undo'] : []), ...(last.decision === 'posted' ? ['👍'] : [])],
        };
      }
      if (item.status === 'cancelled') {
        return { lines: ['⌛ Nobody decided within 48 h, so it is out of the queue.'], buttons: [] };
      }
      const claim = claimOf(item, now);
      const lines = claim ? [`🙋 ${nameOf(claim.by)} is on it`] : [];
      if (approved) lines.push('Approved by ', ` (${votes.length} of ${setting.approvals})`, ...votes.map(nameOf));
      if (isAsked(item, now)) {
        lines.push(`⚠️ Reject for ever? (asked by ${nameOf(item.asked?.by ?? -1)})`);
        const answers = setting.reasons.map((reason) => `🚫 ${reason}`);
        const buttons = answers.length === 0 ? ['🚫 Yes, reject'] : [...answers, '✏️ Other…'];
        return { lines, buttons: [...buttons, '↩️ No, keep it'] };
      }
      const counter = setting.approvals > 1 ? ` ${votes.length}/${setting.approvals}` : '';
      const buttons = [`✅ Posted${counter}`, '⏭️ Skip', '🚫 Reject', '🙋 On it', '👍', 'ℹ️'];
      return { lines, buttons: needsVotes() && votes.length > 0 ? [...buttons, '↩️ Take my approval back'] : buttons };
    },
  };
}
