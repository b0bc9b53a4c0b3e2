import { expect, test } from 'vitest';
import {
  clockTime,
  dayAndTime,
  duration,
  isTimeZone,
  longDayAndTime,
  nearTime,
} from '../../src/telegram/local-time.ts';

const NOW = new Date('2026-11-20T23:30:00Z');
const at = (text: string) => new Date(text);

test('times are the chat’s, not the machine’s', () => {
  expect(clockTime(NOW, 'UTC')).toBe('23:30');
  expect(clockTime(NOW, 'Asia/Kolkata')).toBe('05:00');
  expect(clockTime(NOW, 'America/New_York')).toBe('18:30');
  expect(clockTime(at('2026-11-20T00:00:00Z'), 'UTC')).toBe('00:00');
});

test('the year is said when it is another one', () => {
  expect(dayAndTime(NOW, 'UTC', NOW)).toBe('Fri 20 Nov 23:30');
  expect(dayAndTime(at('2025-01-02T03:04:00Z'), 'UTC', NOW)).toBe('Thu 2 Jan 2025 03:04');
});

test('today and tomorrow are those of the chat', () => {
  expect(nearTime(at('2026-11-20T23:45:00Z'), 'UTC', NOW)).toBe('today 23:45');
  expect(nearTime(at('2026-11-21T14:00:00Z'), 'UTC', NOW)).toBe('tomorrow 14:00');
  expect(nearTime(at('2026-11-21T14:00:00Z'), 'Asia/Kolkata', NOW)).toBe('today 19:30');
  expect(nearTime(at('2026-11-19T14:00:00Z'), 'UTC', NOW)).toBe('Thu 19 Nov 14:00');
  expect(nearTime(at('2026-11-22T14:00:00Z'), 'UTC', NOW)).toBe('Sun 22 Nov 14:00');
});

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [40_400, '40 s'],
  [60_000, '1 min'],
  [12 * 60_000 + 9000, '12 min'],
  [5 * 3_600_000 + 12 * 60_000, '5 h 12 min'],
  [86_400_000, '1 d'],
  [2 * 86_400_000 + 5 * 3_600_000 + 59 * 60_000, '2 d 5 h'],
])('%i ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('a zone is one that the runtime knows', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('Berlin')).toBe(false);
});

test('a long date has the whole words, and the year only when it is another one', () => {
  const at = new Date('2026-11-27T01:00:00Z');
  expect(longDayAndTime(at, 'Europe/Berlin', new Date('2026-11-20T11:00:00Z'))).toBe('Friday 27 November, 02:00');
  expect(longDayAndTime(at, 'America/New_York', new Date('2025-11-20T11:00:00Z'))).toBe(
    'Thursday 26 November 2026, 20:00',
  );
});
