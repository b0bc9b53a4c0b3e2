import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  lastSunday,
  parseDay,
  parseWeek,
  periodBefore,
  periodEnding,
  weekBefore,
  weekName,
  yesterday,
} from '../../src/reports/report-periods.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Pacific/Chatham',
  'Africa/Casablanca',
  'America/Santiago',
  'Australia/Lord_Howe',
];
const FRIDAY = new Date('2026-11-20T08:00:00Z');

const moments = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2030-12-31T00:00:00Z'),
  noInvalidDate: true,
});
const hoursOf = ({ since, until }: { since: Date; until: Date }) => (until.getTime() - since.getTime()) / HOUR;

test.each([
  ['2026-10-25', 'Europe/Berlin', 25],
  ['2026-03-29', 'Europe/Berlin', 23],
  ['2026-11-01', 'America/New_York', 25],
  ['2026-04-05', 'Australia/Lord_Howe', 24.5],
  // Midnight does not exist there on this day: it begins at one.
  ['2026-09-06', 'America/Santiago', 23],
  ['2026-11-19', 'UTC', 24],
])('%s in %s has %d hours', (day, zone, hours) => {
  expect(hoursOf(periodEnding(day, 1, zone))).toBe(hours);
});

test.each(ZONES)('in %s neighbouring periods touch and never overlap, whatever their length', (zone) => {
  fc.assert(
    fc.property(moments, fc.constantFrom(1, 7, 30, 90), (now, days) => {
      const period = periodEnding(yesterday(now, zone), days, zone);
      expect(period.until.getTime()).toBeLessThanOrEqual(now.getTime());
      expect(now.getTime() - period.until.getTime()).toBeLessThan(25 * HOUR);
      const before = periodBefore(period);
      expect(before.until).toEqual(period.since);
      expect(before.days).toBe(days);
      expect(Math.abs(hoursOf(period) - 24 * days)).toBeLessThanOrEqual(1);
      const week = weekBefore(period);
      expect(Math.abs(period.since.getTime() - week.since.getTime() - 7 * DAY)).toBeLessThanOrEqual(HOUR);
    }),
    { numRuns: 150 },
  );
});

test.each(ZONES)('in %s the last week is the ISO week that was over, from Monday to Sunday', (zone) => {
  fc.assert(
    fc.property(moments, (now) => {
      const week = periodEnding(lastSunday(now, zone), 7, zone);
      expect(new Date(`${week.start}T12:00:00Z`).getUTCDay()).toBe(1);
      expect(week.until.getTime()).toBeLessThanOrEqual(now.getTime());
      expect(now.getTime() - week.until.getTime()).toBeLessThan(7 * DAY + HOUR);
    }),
    { numRuns: 150 },
  );
});

test('a day is typed as a date, as yesterday, as today, or not at all', () => {
  const read = (typed: string) => parseDay(typed, FRIDAY, 'Europe/Berlin');
  expect([read(''), read('yesterday'), read('Today'), read('2026-11-18')]).toEqual([
    '2026-11-19',
    '2026-11-19',
    '2026-11-20',
    '2026-11-18',
  ]);
  // In Auckland it is nine in the evening of the same day, in Honolulu ten in the evening of the one before.
  expect(parseDay('', new Date('2026-11-20T11:30:00Z'), 'Pacific/Auckland')).toBe('2026-11-20');
  expect(parseDay('', FRIDAY, 'Pacific/Honolulu')).toBe('2026-11-18');
});

test('a week is typed by its name, by one of its days, or not at all', () => {
  const read = (typed: string) => parseWeek(typed, FRIDAY, 'Europe/Berlin');
  expect([read(''), read('2026-W46'), read('2026-w46'), read('2026-11-10'), read('this')]).toEqual([
    '2026-11-15',
    '2026-11-15',
    '2026-11-15',
    '2026-11-15',
    '2026-11-22',
  ]);
  // As its button says it while the week goes on.
  expect(read(read('this'))).toBe('2026-11-22');
  // The year of a week is not always that of its days.
  expect(read('2020-W53')).toBe('2021-01-03');
  expect(weekName('2021-01-03')).toBe('2020-W53');
});

test.each([
  '2026-13-01',
  '2026-02-30',
  '18.11.2026',
  'monday',
  '2026-11-21',
  '1999-12-31',
  '2026-W47',
  '🦊'.repeat(40),
])('as a day “%s” is answered with what to send', (typed) => {
  const read = () => parseDay(typed, FRIDAY, 'Europe/Berlin');
  expect(read).toThrow(/Send a day like \/report daily 2026-11-18, or \/report daily for yesterday\.$/);
  expect(read).toThrow(expect.objectContaining({ name: 'PersonError' }));
});

test.each(['2026-W54', '2025-W53', '2026-W00', '2026-W48', '2026-11-31', 'next'])(
  'as a week “%s” is answered with what to send',
  (typed) => {
    expect(() => parseWeek(typed, FRIDAY, 'Europe/Berlin')).toThrow(/Send a week like \/report weekly 2026-W47/);
  },
);
