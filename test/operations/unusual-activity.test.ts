import fc from 'fast-check';
import { expect, test } from 'vitest';
import { postingTime, quietUntil } from '../../src/operations/activity-hours.ts';
import { isTooMuch, isUnusual, scoreOf, usualOf } from '../../src/operations/unusual-activity.ts';

const HOUR = 3_600_000;
const hours = fc.array(fc.nat(200), { minLength: 12, maxLength: 24 });

test('what is usual is the median, and a spread that single wild hours do not move', () => {
  expect(usualOf([6, 5, 7, 6, 8, 4, 6, 6, 7, 5, 6, 900], 4)).toEqual({ median: 6, spread: Math.sqrt(6), weeks: 4 });
  expect(usualOf([40, 60, 50, 30, 70, 50, 80, 20, 45, 55, 50, 50], 4)).toEqual({
    median: 50,
    spread: 7.5 * 1.4826,
    weeks: 4,
  });
  expect(usualOf(Array(24).fill(0), 8)).toEqual({ median: 0, spread: 1, weeks: 8 });
});

test('nothing is unusual without four weeks of history, nor when that is switched off', () => {
  expect(usualOf([1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toBeUndefined();
  expect(isUnusual(900, undefined, 5, false, 'busy')).toBe(false);
  expect(isUnusual(900, { median: 0, spread: 1, weeks: 8 }, 0, true, 'busy')).toBe(false);
});

test('a quiet team’s few taps more are no news: it takes ten interactions of difference', () => {
  const usual = { median: 0, spread: 1, weeks: 8 };
  expect([9, 10].map((count) => isUnusual(count, usual, 5, false, 'busy'))).toEqual([false, true]);
});

test('an hour is busy from the threshold on, and usual again below six tenths of it', () => {
  const usual = { median: 20, spread: 5, weeks: 8 };
  expect(scoreOf(45, usual)).toBe(5);
  expect([44, 45].map((count) => isUnusual(count, usual, 5, false, 'busy'))).toEqual([false, true]);
  expect([34, 35].map((count) => isUnusual(count, usual, 5, true, 'busy'))).toEqual([false, true]);
  const many = { median: 60, spread: 8, weeks: 8 };
  expect([21, 20].map((count) => isUnusual(count, many, 5, false, 'quiet'))).toEqual([false, true]);
});

test('the score grows with the count, whatever the history, and does not depend on its order', () => {
  fc.assert(
    fc.property(hours, fc.nat(500), fc.integer({ min: 1, max: 500 }), (history, count, more) => {
      const usual = usualOf(history, 8);
      const other = usualOf(history.toReversed(), 8);
      expect(other).toEqual(usual);
      if (!usual) throw new Error('eight weeks are enough');
      expect(scoreOf(count + more, usual)).toBeGreaterThan(scoreOf(count, usual));
      expect(usual.spread).toBeGreaterThanOrEqual(1);
      expect(isUnusual(count, usual, 5, false, 'busy') && isUnusual(count, usual, 5, false, 'quiet')).toBe(false);
    }),
  );
});

test('what is found unusual stays so for the same hour, and what is usual does too', () => {
  fc.assert(
    fc.property(hours, fc.nat(500), fc.constantFrom('busy' as const, 'quiet' as const), (history, count, side) => {
      const usual = usualOf(history, 8);
      const first = isUnusual(count, usual, 5, false, side);
      if (first) expect(isUnusual(count, usual, 5, true, side)).toBe(true);
    }),
  );
  expect([6, 7].map((count) => isTooMuch(count, 7, false))).toEqual([false, true]);
  expect([3, 4].map((count) => isTooMuch(count, 7, true))).toEqual([false, true]);
  expect(isTooMuch(100, 0, true)).toBe(false);
});

test.each([
  ['Europe/Berlin', '2026-11-20T22:30:00Z', '2026-11-21T07:00:00Z'],
  ['America/New_York', '2026-11-20T04:00:00Z', '2026-11-20T13:00:00Z'],
  ['Asia/Kolkata', '2026-11-20T20:00:00Z', '2026-11-21T02:30:00Z'],
  // Clocks go forward, and back, within the night.
  ['Europe/Berlin', '2026-03-28T22:30:00Z', '2026-03-29T06:00:00Z'],
  ['America/New_York', '2026-11-01T03:30:00Z', '2026-11-01T13:00:00Z'],
])('quiet hours in %s that have begun at %s end at %s', (timeZone, now, end) => {
  const quiet = { timeZone, quietStart: '23:00:00', quietEnd: '08:00:00' };
  expect(quietUntil(new Date(now), quiet)?.toISOString()).toBe(new Date(end).toISOString());
  expect(quietUntil(new Date(end), quiet)).toBeUndefined();
  expect(quietUntil(new Date(now), { ...quiet, quietStart: '08:00:00' })).toBeUndefined();
});

test('quiet hours within a day hold from their start up to but not including their end', () => {
  const quiet = { timeZone: 'UTC', quietStart: '12:00:00', quietEnd: '14:00:00' };
  const at = (time: string) =>
    quietUntil(new Date(`2026-11-20T${time}Z`), quiet)
      ?.toISOString()
      .slice(11, 16);
  expect(['11:59:59', '12:00:00', '13:59:59', '14:00:00'].map(at)).toEqual([undefined, '14:00', '14:00', undefined]);
});

test('posting time counts the hours of the window only, over midnight, and stops when there is enough', () => {
  const chat = {
    id: -1,
    timeZone: 'Europe/Berlin',
    postsPerDay: 3,
    windowStart: '14:00:00',
    windowEnd: '02:00:00',
    jitterMinutes: 0,
  };
  const since = new Date('2026-11-19T23:00:00Z');
  const at = (now: string) => postingTime(since, new Date(now), chat, 1000 * HOUR) / HOUR;
  expect(at('2026-11-19T23:00:00Z')).toBe(0);
  expect(at('2026-11-20T00:30:00Z')).toBe(1.5);
  expect(at('2026-11-20T12:00:00Z')).toBe(2);
  expect(at('2026-11-20T15:00:00Z')).toBe(4);
  expect(at('2026-11-23T12:30:00Z')).toBe(2 + 12 * 3);
  const enough = postingTime(new Date('2020-01-01T00:00:00Z'), new Date('2026-11-20T15:00:00Z'), chat, 24 * HOUR);
  expect(enough).toBeGreaterThanOrEqual(24 * HOUR);
  expect(enough).toBeLessThan(48 * HOUR);
});
