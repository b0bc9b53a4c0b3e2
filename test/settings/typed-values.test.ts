import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PersonError } from '../../src/lib/errors.ts';
import { findTimeZone, suggestTimeZones } from '../../src/settings/time-zones.ts';
import {
  addReason,
  checkWaiting,
  parseClockTime,
  parseNumber,
  parseQuietHours,
  parseTimeZone,
  parseWindow,
} from '../../src/settings/typed-values.ts';
import { HOSTILE } from '../support/hostile.ts';

describe('a number', () => {
  const posts = { min: 1, max: 50 };
  const days = { min: 0, max: 3650, unit: 'days' } as const;

  test.each([
    ['5', posts, 5],
    [' 50 ', posts, 50],
    ['1', posts, 1],
    ['+7', posts, 7],
    ['5 posts', posts, 5],
    ['030 days', days, 30],
    ['12h', { min: 0, max: 720 }, 12],
    ['30 min', { min: 0, max: 30 }, 30],
    ['off', days, 0],
    ['0', days, 0],
  ])('%s is read', (typed, range, value) => {
    expect(parseNumber(typed, range)).toBe(value);
  });

  test.each([
    ['0', posts, '“0” is out of range. Send a whole number from 1 to 50.'],
    ['51', posts, '“51” is out of range. Send a whole number from 1 to 50.'],
    ['-3', days, '“-3” is out of range. Send a whole number from 0 to 3650.'],
    ['99999999999999999999', days, '“99999999999999999999” is out of range. Send a whole number from 0 to 3650.'],
    ['2.5', posts, '“2.5” is no whole number. Send a whole number from 1 to 50.'],
    ['five', posts, '“five” is no whole number. Send a whole number from 1 to 50.'],
    ['off', posts, '“off” is no whole number. Send a whole number from 1 to 50.'],
    ['5 apples', posts, '“5 apples” is no whole number. Send a whole number from 1 to 50.'],
    ['٣', posts, '“٣” is no whole number. Send a whole number from 1 to 50.'],
    ['1e1', posts, '“1e1” is no whole number. Send a whole number from 1 to 50.'],
  ])('%s is refused in words', (typed, range, sentence) => {
    expect(() => parseNumber(typed, range)).toThrow(new PersonError(sentence));
  });
});

describe('a window', () => {
  test.each([
    ['14:00-02:00', '14:00', '02:00'],
    ['14-2', '14:00', '02:00'],
    ['9.30 – 18', '09:30', '18:00'],
    ['09:00 to 17:30', '09:00', '17:30'],
    ['0-24', '00:00', '00:00'],
    ['8-8', '08:00', '08:00'],
    ['all day', '00:00', '00:00'],
  ])('%s is read', (typed, start, end) => {
    expect(parseWindow(typed)).toEqual({ start, end });
  });

  test.each(['14', '14:00', '25-2', '14:60-15', '14-15-16', '24:30-2', '', '-', '2pm-4pm', ...HOSTILE])(
    '%s is refused',
    (typed) => {
      expect(() => parseWindow(typed)).toThrow(PersonError);
    },
  );

  test('every pair of minutes can be written and read', () => {
    const minute = fc.integer({ min: 0, max: 1439 }).map((at) => {
      const two = (value: number) => String(value).padStart(2, '0');
      return `${two(Math.floor(at / 60))}:${two(at % 60)}`;
    });
    fc.assert(
      fc.property(minute, minute, (start, end) => {
        expect(parseWindow(`${start}-${end}`)).toEqual({ start, end });
      }),
    );
  });
});

test('quiet hours are a stretch of the day or off, and never the whole day', () => {
  expect(['23-8', '23:00-08:00', 'off', ' None '].map(parseQuietHours)).toEqual([
    { start: '23:00', end: '08:00' },
    { start: '23:00', end: '08:00' },
    { start: '00:00', end: '00:00' },
    { start: '00:00', end: '00:00' },
  ]);
  for (const typed of ['all day', '9-9', '23', '', ...HOSTILE])
    expect(() => parseQuietHours(typed)).toThrow(PersonError);
});

test('a time of day is HH:MM, shorter forms included', () => {
  expect(['9', '09:05', '7.15', '24:00', '0'].map(parseClockTime)).toEqual([
    '09:00',
    '09:05',
    '07:15',
    '00:00',
    '00:00',
  ]);
  for (const typed of ['', '24:01', '9:5', '12:00:00', 'noon', '-1']) {
    expect(() => parseClockTime(typed)).toThrow('is no time of day. Write it like 09:00, from 00:00 to 23:59.');
  }
});

describe('a time zone', () => {
  test.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    [' America/New york ', 'America/New_York'],
    ['utc', 'UTC'],
    ['Europe/Kyiv', 'Europe/Kyiv'],
    ['asia/kathmandu', 'Asia/Kathmandu'],
    ['Etc/GMT+2', 'Etc/GMT+2'],
  ])('%s is known', (typed, zone) => {
    expect(parseTimeZone(typed)).toBe(zone);
    expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
  });

  test.each(['Berlin', '+02:00', 'GMT+2', 'Mars/Olympus', '', '::', ...HOSTILE])('%s is not', (typed) => {
    expect(findTimeZone(typed)).toBeUndefined();
    expect(() => parseTimeZone(typed)).toThrow('I know no time zone');
  });

  test('a city alone is enough for suggestions, the best first, at most five', () => {
    expect(suggestTimeZones('berlin')).toEqual(['Europe/Berlin']);
    expect(suggestTimeZones('new york')[0]).toBe('America/New_York');
    expect(suggestTimeZones('sant')).toEqual(['America/Santarem', 'America/Santiago', 'America/Santo_Domingo']);
    expect(suggestTimeZones('america')).toHaveLength(5);
    expect(suggestTimeZones('Berlin, Germany')).toEqual(['Europe/Berlin']);
    for (const typed of ['', 'x', 'qqq', ...HOSTILE]) expect(suggestTimeZones(typed).length).toBeLessThanOrEqual(5);
  });
});

test('a reason is one line of 1 to 40 characters, new, and at most the fourth', () => {
  expect(addReason('  too\n dark ', [])).toEqual(['too dark']);
  expect(addReason('👩‍👩‍👧‍👦'.repeat(5), ['a'])).toEqual(['a', '👩‍👩‍👧‍👦'.repeat(5)]);
  expect(addReason('x'.repeat(40), ['a', 'b', 'c'])).toHaveLength(4);
  expect(() => addReason('x'.repeat(41), [])).toThrow('That has 41 characters');
  expect(() => addReason(' ', [])).toThrow('at least one character');
  expect(() => addReason('Too DARK', ['too dark'])).toThrow('among the reasons already');
  expect(() => addReason('e', ['a', 'b', 'c', 'd'])).toThrow('There are 4 reasons already. Remove one first.');
});

test('the reminder comes before the discarding, unless either is off', () => {
  const waiting = (remindAfterHours: number, discardAfterHours: number) => () =>
    checkWaiting({ remindAfterHours, discardAfterHours });
  for (const fine of [waiting(12, 48), waiting(0, 1), waiting(12, 0), waiting(0, 0)]) expect(fine).not.toThrow();
  for (const bad of [waiting(48, 48), waiting(49, 48)]) expect(bad).toThrow('must come before a card is discarded');
});
