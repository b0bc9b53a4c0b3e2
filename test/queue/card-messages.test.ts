import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cardView, standInMessage, tapAnswer } from '../../src/queue/card-messages.ts';
import type { Card } from '../../src/queue/card-repository.ts';
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
const decided = (decision: 'posted' | 'skipped' | 'rejected', by = 'Bob'): Partial<Card> => ({
  status: decision,
  decision: { decision, at: NOON, by },
  undoUntil: later(60),
});
const show = (one: Card, now = NOON) => {
  const { caption, keyboard } = cardView(one, now);
  const rows = keyboard.inline_keyboard.map((row) => row.map(({ text }) => text));
  return { caption: caption.caption, buttons: rows.filter((row) => row.length > 0) };
};
const OPEN = [['✅ Posted', '⏭️ Skip'], ['🚫 Reject']];

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
      caption: 'Paris\nIn spring\n🔗 https://example.org/paris\n#city #spring\n\n📁 paris.jpg · memes',
      buttons: OPEN,
    });
  });

  test('that has a file and nothing else', () => {
    expect(show(card())).toEqual({ caption: '📁 paris.jpg', buttons: OPEN });
  });

  test('that was sent again', () => {
    expect(show(card({ isRepeat: true })).caption).toBe(
      '🔁 Sent again: I could not be sure that the first one arrived.\n📁 paris.jpg',
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
    ['posted', '✅ Posted by Bob'],
    ['skipped', '⏭️ Skipped by Bob'],
    ['rejected', '🚫 Rejected for ever by Bob'],
  ] as const)('that was %s, with its undo button for one minute', (decision, words) => {
    const one = card(decided(decision));
    const caption = `📁 paris.jpg\n${words}\nFri 20 Nov 12:00`;
    expect(show(one, later(59.999))).toEqual({ caption, buttons: [['↩️ Undo']] });
    expect(show(one, later(60))).toEqual({ caption, buttons: [] });
  });

  test('that is in no state to be decided has no buttons', () => {
    for (const status of ['pending', 'failed', 'cancelled'] as const)
      expect(show(card({ status })).buttons).toEqual([]);
  });

  test('fits into Telegram’s 1024 units whatever it holds, and its last lines stay whole', () => {
    const text = fc.option(sentText(1024), { nil: null });
    const state = fc.constantFrom<Partial<Card>>({}, decided('rejected', '𝕷'.repeat(64)), {
      rejectAskedUntil: later(9),
      rejectAskedBy: '👩‍👩‍👧‍👦'.repeat(12),
    });
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
      }),
    );
  });
});
