import { expect, test } from 'vitest';
import { parseStatsArguments } from '../../src/interactions/stats-arguments.ts';
import { type DecisionDetails, statsMessage, teamCaption, teamMessage } from '../../src/interactions/stats-messages.ts';

const DECISIONS = {
  total_decisions: 50,
  posted: 35,
  skipped: 12,
  rejected: 3,
  posted_percentage: 70,
  skip_percentage: 24,
  rejection_rate: 6,
  median_seconds_to_decision: 125,
  p90_seconds_to_decision: 7260,
};
const NO_DECISIONS = {
  ...DECISIONS,
  total_decisions: 0,
  median_seconds_to_decision: null,
  p90_seconds_to_decision: null,
};
const STATS = {
  total_interactions: 62,
  posts_marked: 35,
  posts_skipped: 12,
  posts_rejected: 3,
  commands_used: { '/queue': 5, '/status': 7 },
  most_active_hour: 23,
};
const ZONE = { days: 30, timeZone: 'Europe/Berlin', rows: 8 };

test('a person’s figures, as they see them', () => {
  const text = statsMessage({ stats: STATS, decisions: DECISIONS, subject: { name: 'Bob', isMe: true }, ...ZONE });
  expect(text.text).toBe(
    [
      '📊 Your figures, last 30 days',
      '',
      'Decisions 50',
      '✅ Posted 35 (70 %)',
      '⏭️ Skipped 12 (24 %)',
      '🚫 Rejected 3 (6 %)',
      '⏱ Half within 2 min, nine of ten within 2 h 1 min',
      '',
      'Interactions 62',
      '🕐 Most active from 23:00 to 00:00 (Europe/Berlin)',
      '/status · 7',
      '/queue · 5',
    ].join('\n'),
  );
});

test('somebody who did nothing is told so, and so is who asks about them', () => {
  const nothing = { ...STATS, total_interactions: 0, commands_used: {}, most_active_hour: null };
  const subject = { name: 'Bob_*[x]', isMe: false };
  const text = statsMessage({ stats: nothing, decisions: NO_DECISIONS, subject, days: 1, timeZone: 'UTC', rows: 8 });
  expect(text.text).toBe('📊 Bob_*[x], last 24 hours\nNothing yet.');
});

test('the team’s figures, with more people than a phone should show', () => {
  const people = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`id${index}`, 20 - index]));
  const text = teamMessage({
    activity: {
      total_interactions: 165,
      active_users: 11,
      interactions_by_user: people,
      interactions_by_type: { callback: 100, command: 65 },
      interactions_by_name: { posted: 100, '/queue': 65 },
      daily_activity: [
        { date: '2026-11-17', count: 0 },
        { date: '2026-11-18', count: 0 },
        { date: '2026-11-19', count: 100 },
        { date: '2026-11-20', count: 65 },
      ],
    },
    decisions: NO_DECISIONS,
    names: new Map([['id0', 'Alice']]),
    title: 'Team',
    days: 3,
    timeZone: 'UTC',
    rows: 8,
  });
  expect(text.text).toBe(
    [
      '👥 Team, last 3 days',
      '',
      'No decisions in this time.',
      '',
      'Interactions 165 by 11 people',
      'Alice · 20',
      ...[19, 18, 17, 16, 15, 14, 13].map((count) => `somebody · ${count}`),
      '3 more · 33',
      '',
      'What they did',
      '✅ Posted · 100',
      '/queue · 65',
      '',
      '📈 Busiest day Thu 19 Nov (100), 1 quiet day',
      'Days are UTC.',
    ].join('\n'),
  );
});

test('a team’s figures say how long a claimed card took, why was rejected, and what went all at once', () => {
  const reasons = [
    { reason: 'too dark', count: 4 },
    { reason: 'blurred', count: 2 },
    { reason: 'we had nearly the same one last week, from the same place', count: 1 },
    { reason: 'off topic', count: 1 },
  ];
  const team = (details: DecisionDetails) => {
    const activity = {
      total_interactions: 1,
      active_users: 1,
      interactions_by_user: {},
      interactions_by_type: {},
      interactions_by_name: {},
      daily_activity: [],
    };
    return teamMessage({ activity, decisions: DECISIONS, details, names: new Map(), title: 'Team', ...ZONE }).text;
  };
  const full = team({ handling: { count: 7, median_seconds: 180.4 }, reasons, atOnce: 12 });
  expect(full.split('\n\n')[1]).toBe(
    [
      'Decisions 50',
      '✅ Posted 35 (70 %), 12 of them all at once',
      '⏭️ Skipped 12 (24 %)',
      '🚫 Rejected 3 (6 %)',
      '⏱ Half within 2 min, nine of ten within 2 h 1 min',
      '🙋 Half handled within 3 min',
      '💬 Rejected for: too dark (4), blurred (2), we had nearly the same one last week, f… (1)',
    ].join('\n'),
  );
  const none = team({ handling: { count: 0, median_seconds: null }, reasons: [], atOnce: 0 });
  expect(none).toContain('✅ Posted 35 (70 %)\n');
  expect(none).not.toMatch(/🙋|💬/);
});

test('under a picture everything fits with counts up to 999; beyond that the details are left out first', () => {
  const facts = (count: number) => {
    const sixty = (letter: string, value: number) =>
      Object.fromEntries(Array.from({ length: 60 }, (_, index) => [letter.repeat(40) + index, value]));
    const names = new Map(Object.keys(sixty('p', 0)).map((id) => [id, 'n'.repeat(64)]));
    return {
      activity: {
        total_interactions: 60 * count,
        active_users: 60,
        interactions_by_user: sixty('p', count),
        interactions_by_type: {},
        interactions_by_name: sixty('c', count),
        daily_activity: [{ date: '2026-11-20', count: 60 * count }],
      },
      decisions: { ...DECISIONS, total_decisions: count, posted: count, skipped: count, rejected: count },
      details: {
        handling: { count: 1, median_seconds: 86_340 },
        reasons: ['a', 'b', 'c'].map((letter) => ({ reason: letter.repeat(200), count })),
        atOnce: count,
      },
      names,
      title: 't'.repeat(128),
      days: 90,
      timeZone: 'America/Argentina/ComodRivadavia',
      rows: 5,
    };
  };
  const usual = teamCaption(facts(999)).text;
  expect(usual).toBe(teamMessage(facts(999)).text);
  expect(usual).toContain('💬 Rejected for: ');
  expect(teamMessage(facts(9_999_999)).text.length).toBeGreaterThan(1024);
  const extreme = teamCaption(facts(9_999_999)).text;
  expect(extreme).not.toMatch(/🙋|💬|all at once/);
  expect(extreme.endsWith('Days are America/Argentina/ComodRivadavia.')).toBe(true);
});

test('what can be asked: days, a name, both in any order', () => {
  expect(parseStatsArguments('')).toEqual({ days: 30, username: undefined });
  expect(parseStatsArguments(' 7 ')).toEqual({ days: 7, username: undefined });
  expect(parseStatsArguments('@bob_1 90')).toEqual({ days: 90, username: 'bob_1' });
  expect(parseStatsArguments('90 @bob_1')).toEqual({ days: 90, username: 'bob_1' });
});

test.each(['0', '-1', '3651', '1.5', 'week', '@', '99999999999'])(
  '%s is not understood, and the answer says what is',
  (words) => {
    expect(parseStatsArguments(words)).toMatch(/Send a number of days from 1 to 3650, like \/stats 7\./);
  },
);
