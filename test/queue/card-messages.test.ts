import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cardView, POSTING_STEPS, standInMessage } from '../../src/queue/card-messages.ts';
import type { Card } from '../../src/queue/card-repository.ts';
import { tapAnswer } from '../../src/queue/tap-messages.ts';
import { sentText } from '../support/hostile.ts';
import { NOON } from '../support/team.ts';

const later = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);

function card(changes: Partial<Card> = {}): Card {
  return {
    id: randomUUID(),
    chatId: -1001234567890,
    status: 'delivered',
    messageId: 7,
    version: 1,
    renderedVersion: 1,
    isRepeat: false,
    renderAgainAt: null,
    kind: 'photo',
    telegramFileId: 'file',
    fileName: 'paris.jpg',
    category: null,
    title: null,
    caption: null,
    captionEntities: [],
    link: null,
    tags: [],
    timeZone: 'Europe/Berlin',
    captionStyle: 'enhanced',
    isVerbose: true,
    rejectReasons: [],
    approvalsNeeded: 1,
    approvers: null,
    approvedBy: null,
    claimedAt: null,
    claimer: null,
    claimedUntil: null,
    claimedBy: null,
    reason: null,
    source: null,
    failure: null,
    upvotes: 0,
    rejectAskedAt: null,
    asker: null,
    decidedAt: null,
    decider: null,
    decision: null,
    rejectAskedUntil: null,
    rejectAskedBy: null,
    undoUntil: null,
    ...changes,
  };
}
const decided = (
  decision: 'posted' | 'skipped' | 'rejected',
  by = 'Bob',
  more: { reason?: string; isOneOfMany?: boolean } = {},
): Partial<Card> => ({
  status: decision,
  decision: { decision, at: NOON, by, reason: null, isOneOfMany: false, ...more },
  undoUntil: later(60),
});
const show = (one: Card, now = NOON) => {
  const { caption, keyboard } = cardView(one, now);
  const rows = keyboard.inline_keyboard.map((row) => row.map(({ text }) => text));
  return { caption: caption.caption, buttons: rows.filter((row) => row.length > 0) };
};
const OPEN = [
  ['✅ Posted', '⏭️ Skip'],
  ['🚫 Reject', '🙋 On it'],
  ['👍', 'ℹ️'],
];

describe('a card', () => {
  test('that has all there can be', () => {
    const full = card({
      title: 'Paris',
      caption: 'In spring',
      link: 'https://example.org/paris',
      tags: ['city', 'spring'],
      category: 'memes',
    });
    expect(show(full)).toEqual({
      caption:
        'Paris\nIn spring\n🔗 https://example.org/paris\n#city #spring\n\n📁 paris.jpg · memes\n👉 Save it, post it, then tap Posted.',
      buttons: OPEN,
    });
  });

  test('that has a file and nothing else', () => {
    expect(show(card())).toEqual({ caption: `📁 paris.jpg\n${POSTING_STEPS}`, buttons: OPEN });
  });

  test('that was sent again', () => {
    expect(show(card({ isRepeat: true })).caption).toBe(
      `🔁 Sent again: I could not be sure that the first one arrived.\n📁 paris.jpg\n${POSTING_STEPS}`,
    );
  });

  test('that is asked about', () => {
    const asked = card({ rejectAskedUntil: later(86_400), rejectAskedBy: 'Bob' });
    expect(show(asked)).toEqual({
      caption: '📁 paris.jpg\n⚠️ Reject for ever? (asked by Bob)\nIt will never be queued again.',
      buttons: [['🚫 Yes, reject', '↩️ No, keep it']],
    });
    expect(show(asked, later(86_400))).toEqual(show(card()));
  });

  test.each([
    ['posted', '✅ Posted by Bob', ['👍']],
    ['skipped', '⏭️ Skipped by Bob', []],
    ['rejected', '🚫 Rejected for ever by Bob', []],
  ] as const)('that was %s, with its undo button for one minute', (decision, words, kept) => {
    const one = card(decided(decision));
    const caption = `📁 paris.jpg\n${words}\nFri 20 Nov 12:00`;
    expect(show(one, later(59.999))).toEqual({ caption, buttons: [['↩️ Undo', ...kept]] });
    expect(show(one, later(60))).toEqual({ caption, buttons: kept.length > 0 ? [kept] : [] });
  });

  test.each([
    ['enhanced', true, '📁 paris.jpg · memes\n👉 Save it, post it, then tap Posted.'],
    ['simple', true, '📁 paris.jpg · memes'],
    ['enhanced', false, '🗂 memes'],
    ['simple', false, '🗂 memes'],
  ] as const)('in the style %s, verbose %s', (captionStyle, isVerbose, footer) => {
    const one = { captionStyle, isVerbose, category: 'memes', caption: 'In spring' };
    expect(show(card(one)).caption).toBe(`In spring\n\n${footer}`);
    const short = isVerbose ? `📁 paris.jpg · memes\n✅ Posted by Bob\nFri 20 Nov 12:00` : '🗂 memes\n✅ Posted by Bob';
    expect(show(card({ ...one, ...decided('posted') }), later(60)).caption).toBe(`In spring\n\n${short}`);
  });

  test('that has no words of its own names its file, however short it is to be', () => {
    expect(show(card({ isVerbose: false })).caption).toBe('📁 paris.jpg');
    expect(show(card({ isVerbose: false, title: 'Paris' })).caption).toBe('Paris');
  });

  test('that needs two people counts them, and lets each take the own approval back', () => {
    const two = card({ captionStyle: 'simple', approvalsNeeded: 2, approvedBy: [] });
    expect(show(two)).toEqual({ caption: '📁 paris.jpg', buttons: [['✅ Posted 0/2', '⏭️ Skip'], ...OPEN.slice(1)] });
    expect(show({ ...two, approvedBy: ['Bob'] })).toEqual({
      caption: '📁 paris.jpg\nApproved by Bob (1 of 2)',
      buttons: [['✅ Posted 1/2', '⏭️ Skip'], ...OPEN.slice(1), ['↩️ Take my approval back']],
    });
    const done = { ...two, ...decided('posted', 'Dana'), approvedBy: ['Bob', 'Dana'] };
    expect(show(done, later(60)).caption).toBe(
      '📁 paris.jpg\n✅ Posted by Dana\nApproved by Bob, Dana\nFri 20 Nov 12:00',
    );
    expect(show({ ...done, ...decided('skipped', 'Dana') }).caption).not.toContain('Approved');
  });

  test('that somebody is on says so until the claim is over', () => {
    const claimed = card({ captionStyle: 'simple', claimedBy: 'Bob', claimedUntil: later(600) });
    expect(show(claimed, later(599.999))).toEqual({ caption: '📁 paris.jpg\n🙋 Bob is on it', buttons: OPEN });
    expect(show(claimed, later(600)).caption).toBe('📁 paris.jpg');
  });

  test('offers the reasons of its chat, short ones side by side', () => {
    const rejectReasons = ['too dark', 'blurred', 'shows people who have not agreed', 'old'];
    const asked = card({ rejectAskedUntil: later(86_400), rejectAskedBy: 'Bob', rejectReasons });
    expect(show(asked)).toEqual({
      caption: '📁 paris.jpg\n⚠️ Reject for ever? (asked by Bob)\nIt will never be queued again.\nWhy?',
      buttons: [
        ['🚫 too dark', '🚫 blurred'],
        ['🚫 shows people who have not agreed'],
        ['🚫 old'],
        ['✏️ Other…', '↩️ No, keep it'],
      ],
    });
  });

  test('that was rejected for a reason names it; one of many says so', () => {
    const rejected = card(decided('rejected', 'Bob', { reason: 'too dark' }));
    expect(show(rejected).caption).toContain('\n🚫 Rejected by Bob · too dark\n');
    expect(show(card(decided('posted', 'Alice', { isOneOfMany: true }))).caption).toContain(
      '\n✅ Posted by Alice (all at once)\n',
    );
  });

  test('that nobody decided, or that could not be sent, says what became of it', () => {
    const gone = card({ status: 'cancelled', failure: 'nobody decided within 48 h' });
    expect(show(gone)).toEqual({
      caption: '📁 paris.jpg\n⌛ Nobody decided within 48 h, so it is out of the queue.\nIt stays in the library.',
      buttons: [],
    });
    const failed = card({ status: 'failed', failure: 'sendPhoto: 400 Bad Request' });
    expect(show(failed).caption).toBe('📁 paris.jpg\n⚠️ Given up: sendPhoto: 400 Bad Request');
  });

  test('that is in no state to be decided has no buttons', () => {
    for (const status of ['pending', 'failed', 'cancelled'] as const)
      expect(show(card({ status })).buttons).toEqual([]);
  });

  test('fits into Telegram’s 1024 units whatever it holds, and its last lines stay whole', () => {
    const text = fc.option(sentText(1024), { nil: null });
    const crowd = Array.from({ length: 10 }, () => '👩‍👩‍👧‍👦'.repeat(12));
    const state = fc.constantFrom<Partial<Card>>(
      {},
      decided('rejected', '𝕷'.repeat(64), { reason: '👩‍👩‍👧‍👦'.repeat(40) }),
      { ...decided('posted', '𝕷'.repeat(64), { isOneOfMany: true }), approvalsNeeded: 10, approvedBy: crowd },
      { claimedUntil: later(9), claimedBy: '𝕷'.repeat(64), approvalsNeeded: 10, approvedBy: crowd },
      { status: 'cancelled', failure: 'x'.repeat(500) },
      {
        rejectAskedUntil: later(9),
        rejectAskedBy: '👩‍👩‍👧‍👦'.repeat(12),
        claimedUntil: later(9),
        claimedBy: '𝕷'.repeat(64),
        approvalsNeeded: 10,
        approvedBy: crowd,
      },
    );
    fc.assert(
      fc.property(
        text,
        text,
        text,
        sentText(300),
        text,
        fc.array(sentText(80)),
        state,
        fc.boolean(),
        (title, caption, link, fileName, category, tags, changes, isRepeat) => {
          const shown = show(card({ title, caption, link, fileName, category, tags, isRepeat, ...changes })).caption;
          expect(shown.length).toBeLessThanOrEqual(1024);
          expect(shown.isWellFormed()).toBe(true);
          expect(shown).toContain('📁 ');
          if (changes.decision) expect(shown.endsWith('Fri 20 Nov 12:00')).toBe(true);
        },
      ),
    );
  });
});

test('a card that is gone is stood in for by two lines, when there is something to say', () => {
  expect(standInMessage(card())).toBeUndefined();
  expect(standInMessage(card(decided('skipped')))?.text).toBe(
    '⏭️ Skipped by Bob\n📁 paris.jpg (the card itself is gone)',
  );
});

describe('the answer to a tap', () => {
  const context = { timeZone: 'Europe/Berlin', now: later(3600), repostLockDays: 7, skipLockDays: 14 };
  const changed = (action: 'posted' | 'skip' | 'undo') =>
    tapAnswer({ kind: 'changed', action, isReplay: false }, context);

  test('names the chat’s own number of days', () => {
    expect(changed('posted').text).toBe('Posted. Not offered again for 7 days.');
    expect(changed('skip').text).toBe('Skipped. Not offered again for 14 days.');
    const [none, one] = [0, 1].map(
      (repostLockDays) =>
        tapAnswer({ kind: 'changed', action: 'posted', isReplay: false }, { ...context, repostLockDays }).text,
    );
    expect(none).toBe('Posted. It may be offered again at any time.');
    expect(one).toBe('Posted. Not offered again for 1 day.');
  });

  test('counts approvals, and says who is on a card until when', () => {
    const say = (result: Parameters<typeof tapAnswer>[0]) => tapAnswer(result, context);
    expect(say({ kind: 'voted', votes: 1, needed: 2, isReplay: false }).text).toBe(
      'Approved: 1 of 2. 1 more is needed.',
    );
    expect(say({ kind: 'already_voted', votes: 1, needed: 4 })).toEqual({
      text: 'You have approved it already. 3 more are needed.',
      show_alert: false,
    });
    expect(say({ kind: 'own_item' })).toEqual({
      text: 'You added this one yourself: somebody else has to approve it.',
      show_alert: true,
    });
    expect(say({ kind: 'claimed', isReplay: false }).text).toBe('You are on it until 13:10. The card says so.');
    expect(say({ kind: 'claimed_by_other', by: 'Bob', until: NOON })).toEqual({
      text: 'Bob is on it until 12:00.',
      show_alert: false,
    });
  });

  test('is a toast when all is well, and a dialog when something was not done', () => {
    expect(changed('undo').show_alert).toBe(false);
    expect(tapAnswer({ kind: 'not_valid' }, context).show_alert).toBe(true);
    expect(tapAnswer({ kind: 'busy' }, context)).toEqual({
      text: 'Busy just now: please tap again.',
      show_alert: false,
    });
  });

  test('fits into Telegram’s 200 units whatever somebody’s name is', () => {
    fc.assert(
      fc.property(sentText(128), (by) => {
        const facts = { by, isMine: false, at: NOON };
        const answer = tapAnswer({ kind: 'already_decided', decision: 'rejected', ...facts }, context).text;
        expect(answer.length).toBeLessThanOrEqual(200);
        expect(answer.isWellFormed()).toBe(true);
        expect(tapAnswer({ kind: 'not_yours_to_undo', by }, context).text.length).toBeLessThanOrEqual(200);
        expect(tapAnswer({ kind: 'claimed_by_other', by, until: NOON }, context).text.length).toBeLessThanOrEqual(200);
      }),
    );
  });
});
