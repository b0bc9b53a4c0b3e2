import { expect, test } from 'vitest';
import type { ContentDecisions } from '../../src/interactions/activity-repository.ts';
import { bestHours, driftOf, type Lessons, loadOf, type ReportFacts } from '../../src/reports/report-facts.ts';
import { deliveryLabel, reportCaption, reportMessage } from '../../src/reports/report-messages.ts';
import { type Period, periodBefore, periodEnding, weekBefore } from '../../src/reports/report-periods.ts';
import { shortSpan } from '../../src/reports/report-table.ts';
import { ownView, parseView, viewData, viewKeyboard } from '../../src/reports/report-view.ts';
import { HOSTILE } from '../support/hostile.ts';

const ZONE = 'Europe/Berlin';
const NOW = new Date('2026-11-20T08:00:00Z');

function decided(posted: number, skipped: number, rejected: number, median: number | null): ContentDecisions {
  const total = posted + skipped + rejected;
  return {
    total_decisions: total,
    posted,
    skipped,
    rejected,
    posted_percentage: 0,
    skip_percentage: 0,
    rejection_rate: 0,
    median_seconds_to_decision: median,
    p90_seconds_to_decision: median,
  };
}
type Columns = ReportFacts['columns'];
const eachOf = ([own, ...others]: Columns, change: (one: Columns[0]) => Columns[0]): Columns => [
  change(own),
  ...others.map(change),
];
const column = (period: Period, decisions: ContentDecisions, waiting: number) => ({ period, decisions, waiting });

function daily(changes: Partial<ReportFacts> = {}): ReportFacts {
  const period = periodEnding('2026-11-19', 1, ZONE);
  return {
    report: 'daily',
    title: 'Team',
    now: NOW,
    period,
    columns: [
      column(period, decided(12, 4, 2, 720), 3),
      column(periodBefore(period), decided(9, 4, 2, 18_720), 0),
      column(weekBefore(period), decided(10, 3, 0, null), 11),
    ],
    people: [
      { name: 'Bob', posted: 7, skipped: 2, rejected: 0 },
      { name: 'Dana', posted: 5, skipped: 2, rejected: 2 },
    ],
    waitingNow: { count: 3, oldest: new Date('2026-11-18T13:02:00Z') },
    lessons: undefined,
    ...changes,
  };
}

const LESSONS: Lessons = {
  handling: { count: 4, median_seconds: 95 },
  reasons: [
    { reason: 'too dark', count: 3 },
    { reason: 'blurry', count: 1 },
  ],
  hours: [
    { hour: 9, posted: 2, decided: 2 },
    { hour: 14, posted: 3, decided: 6 },
    { hour: 18, posted: 9, decided: 10 },
  ],
  rejections: { asked: 12, abandoned: 3 },
  disagreement: { undone: 2, verdicts: 1 },
  dead: { count: 14, label: 'old.jpg', since: NOW },
  categories: [
    { category: 'nature', wanted: 0.7, posted: 5 },
    { category: 'people', wanted: 0.3, posted: 5 },
  ],
};

function weekly(changes: Partial<ReportFacts> = {}): ReportFacts {
  const period = periodEnding('2026-11-15', 7, ZONE);
  const columns = [
    column(period, decided(12, 4, 2, 720), 3),
    column(periodBefore(period), decided(9, 4, 5, 40), 0),
  ] as const;
  return daily({ report: 'weekly', period, columns, lessons: LESSONS, ...changes });
}

test('the daily report stands beside the day before and the same weekday', () => {
  expect(reportMessage(daily()).text).toBe(`📊 Daily report · Team
Thu 19 Nov 2026 · Europe/Berlin
           Thu   Wed   Thu
            19    18    12
Decided     18    15    13
Posted      12     9    10
Skipped      4     4     3
Rejected     2     2     0
Waiting      3     0    11
Median   12min  5.2h     –
Who did what
Bob · ✅ 7  ⏭️ 2
Dana · ✅ 5  ⏭️ 2  🚫 2

⏳ 3 cards wait now, the oldest since Wed 18 Nov 14:02. /queue has links.`);
});

test('the weekly report says what changed and what there is to learn', () => {
  expect(reportMessage(weekly()).text).toBe(`📊 Weekly report · Team
Mon 9 – Sun 15 Nov 2026 · Europe/Berlin
           W46   W45   +/−
Decided     18    18     =
Posted      12     9    +3
Skipped      4     4     =
Rejected     2     5    −3
Waiting      3     0    +3
Median   12min   40s
Who did what
Bob · ✅ 7  ⏭️ 2
Dana · ✅ 5  ⏭️ 2  🚫 2
⚖️ Evenly shared by 2 people

⏳ 3 cards wait now, the oldest since Wed 18 Nov 14:02. /queue has links.

🕐 Best hours for cards: 18–19 h (9 of 10 posted), 14–15 h (3 of 6 posted)
🙋 Half handled within 2 min of “On it”

💬 Rejected for: too dark (3), blurry (1)
↩️ Reject pressed on 12 cards, not confirmed on 3 (25 %)
🔀 Disagreement: 2 undone by somebody else, 1 medium rejected by one and not by another

🗂 Off the mix: nature 50 % instead of 70 %, people 50 % instead of 30 %
🕸 14 media in the library for over 30 days, never posted, the oldest “old.jpg”`);
});

test('the table is one block of equal letters, narrow enough for a phone', () => {
  const { entities, text } = reportMessage(
    daily({ columns: eachOf(daily().columns, (one) => ({ ...one, waiting: 9999 })) }),
  );
  const [table] = entities.filter(({ type }) => type === 'pre');
  const rows = text.slice(table?.offset, (table?.offset ?? 0) + (table?.length ?? 0)).split('\n');
  expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([26]));
});

test('with long and strange names everything fits, names from the right turn no number around', () => {
  const people = Array.from({ length: 40 }, (_, index) => ({
    name: (HOSTILE[index % HOSTILE.length] ?? '').repeat(9),
    posted: 1234,
    skipped: 1234,
    rejected: 1234,
  }));
  const reasons = HOSTILE.map((reason) => ({ reason: reason.repeat(20), count: 1 }));
  const facts = weekly({ title: HOSTILE.join(''), people, lessons: { ...LESSONS, reasons } });
  const label = deliveryLabel({ slot: NOW, now: NOW, timeZone: ZONE, isLate: true, isRepeat: true, isTopicGone: true });
  expect(reportMessage(facts, label).text.length).toBeLessThanOrEqual(4096);
  const caption = reportCaption(facts, label);
  expect(caption.caption.length).toBeLessThanOrEqual(1024);
  expect(caption.caption).toContain('36 others · ✅ 44424  ⏭️ 44424  🚫 44424');
  expect(reportMessage(daily({ people: [{ name: 'نور', posted: 1, skipped: 0, rejected: 0 }] })).text).toContain(
    '\u2068نور\u2069 · ✅ 1',
  );
});

test('an empty time says so, and what waits all the same', () => {
  const nothing = decided(0, 0, 0, null);
  const columns = eachOf(daily().columns, ({ period }) => column(period, nothing, 0));
  const quiet = { columns, people: [], waitingNow: { count: 0, oldest: null } };
  expect(reportMessage(daily(quiet)).text).toBe(
    '📊 Daily report · Team\nThu 19 Nov 2026 · Europe/Berlin\n\nNothing was decided in this time.',
  );
  expect(reportMessage(daily({ ...quiet, waitingNow: { count: 1, oldest: NOW } })).text).toContain(
    '1 card waits now since',
  );
});

test.each([
  [0.2, '1 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [3569, '59 min'],
  [3600, '1 h'],
  [172_000, '47.8 h'],
  [172_800, '2 d'],
  [null, '–'],
])('%s seconds are %s', (seconds, words) => {
  expect(shortSpan(seconds)).toBe(words);
});

test('hours are named from ten posts on, and with three cards each', () => {
  expect(bestHours(LESSONS.hours, 3).map(({ hour }) => hour)).toEqual([18, 14]);
  expect(bestHours([{ hour: 18, posted: 9, decided: 9 }], 3)).toEqual([]);
  expect(
    bestHours(
      [
        { hour: 18, posted: 10, decided: 12 },
        { hour: 3, posted: 0, decided: 5 },
      ],
      3,
    ),
  ).toHaveLength(1);
});

test('the load is uneven when somebody carries half as much again as an even share', () => {
  const people = (...counts: number[]) =>
    counts.map((posted, index) => ({ name: `P${index}`, posted, skipped: 0, rejected: 0 }));
  expect(loadOf(people(6, 2, 1))).toMatchObject({ name: 'P0', share: 6 / 9, evenShare: 1 / 3, isUneven: true });
  expect(loadOf(people(4, 3, 3))).toMatchObject({ isUneven: false });
  expect(loadOf([])).toBeUndefined();
});

test('a category is off the mix from ten points on', () => {
  const posts = (nature: number, people: number) => [
    { category: 'nature', wanted: 0.7, posted: nature },
    { category: 'people', wanted: 0.3, posted: people },
  ];
  expect(driftOf(posts(61, 39))).toEqual([]);
  expect(driftOf(posts(60, 40)).map(({ category }) => category)).toEqual(['nature', 'people']);
  expect(driftOf(posts(0, 0))).toEqual([]);
});

test('a late or repeated report says when it was due, in the chat’s zone', () => {
  const say = (now: Date, more: object) =>
    deliveryLabel({ slot: NOW, now, timeZone: ZONE, isLate: false, isRepeat: false, isTopicGone: false, ...more })
      ?.text;
  expect(say(NOW, {})).toBeUndefined();
  expect(say(new Date('2026-11-20T10:20:00Z'), { isLate: true })).toBe(
    '🕰 Report of 09:00, sent 11:20 because I was away.',
  );
  expect(say(new Date('2026-11-21T23:30:00Z'), { isLate: true })).toBe(
    '🕰 Report of Fri 20 Nov 09:00, sent Sun 22 Nov 00:30 because I was away.',
  );
  expect(say(NOW, { isRepeat: true })).toMatch(/^🔁 Repeat of the 09:00 report:/);
});

test('buttons say all there is to know, within Telegram’s 64 bytes, and nothing else is understood', () => {
  for (const report of ['daily', 'weekly'] as const) {
    for (const scope of ['all', -1_009_999_999_999] as const) {
      const view = ownView(report, scope, '2026-11-19');
      for (const button of viewKeyboard(view).inline_keyboard.flat()) {
        const data = 'callback_data' in button ? button.callback_data : '';
        expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
        expect(parseView(data)).toMatchObject({ report, scope, end: '2026-11-19' });
        expect(viewData(parseView(data) ?? view)).toBe(data);
      }
    }
  }
  for (const forged of [
    'report:view:all.d.20261301.7.c',
    'report:view:all.w.20261119.1.c',
    'report:view:all.d.20260230.7.c',
    'report:view:1e5.d.20261119.7.c',
    'report:view',
    'report:view:all.d.20261119.8.c',
  ]) {
    expect(parseView(forged), forged).toBeUndefined();
  }
});
