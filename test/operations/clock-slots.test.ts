import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { type ClockRule, lastSlot, nextSlot, ruleWords, slotsBetween } from '../../src/operations/clock-slots.ts';

const ZONES = [
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Pacific/Chatham',
  'Africa/Casablanca',
  'America/Santiago',
  'UTC',
] as const;

const DAY_MS = 86_400_000;
const TEN_YEARS = { from: new Date('2024-01-01T00:00:00Z'), to: new Date('2034-01-01T00:00:00Z') };

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const zone = fc.constantFrom(...ZONES);
const instant = fc.date({ min: TEN_YEARS.from, max: TEN_YEARS.to, noInvalidDate: true });
const rule: fc.Arbitrary<ClockRule> = fc.oneof(
  fc.record({
    kind: fc.constant('interval' as const),
    minutes: fc.constantFrom(1, 5, 15, 60, 360, 1440),
    offset: fc.integer({ min: 0, max: 59 }),
  }),
  fc.record({ kind: fc.constant('daily' as const), at: time }),
  fc.record({ kind: fc.constant('weekly' as const), weekday: fc.integer({ min: 1, max: 7 }), at: time }),
  fc.record({ kind: fc.constant('monthly' as const), day: fc.integer({ min: 1, max: 31 }), at: time }),
);

const local = (at: Date, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
/** `10-25T02:30+02:00`: slots as the clock on the wall shows them. */
const shown = (given: ClockRule, timeZone: string, from: string, to: string) =>
  slotsBetween(given, timeZone, new Date(from), new Date(to)).map(({ at }) =>
    local(at, timeZone).toString({ timeZoneName: 'never', smallestUnit: 'minute' }).slice(5),
  );
const daily = (at: string): ClockRule => ({ kind: 'daily', at });

describe('C06: where clocks change', () => {
  test('a time in the hour that is skipped is the first minute behind it', () => {
    expect(shown(daily('02:30'), 'Europe/Berlin', '2027-03-27T00:00Z', '2027-03-30T00:00Z')).toEqual([
      '03-27T02:30+01:00',
      '03-28T03:00+02:00',
      '03-29T02:30+02:00',
    ]);
    expect(shown(daily('02:10'), 'Australia/Lord_Howe', '2026-10-02T15:00Z', '2026-10-04T16:00Z')).toEqual([
      '10-03T02:10+10:30',
      '10-04T02:30+11:00',
      '10-05T02:10+11:00',
    ]);
    // Midnight itself is skipped in Chile.
    expect(shown(daily('00:00'), 'America/Santiago', '2026-09-05T00:00Z', '2026-09-07T12:00Z')).toEqual([
      '09-05T00:00-04:00',
      '09-06T01:00-03:00',
      '09-07T00:00-03:00',
    ]);
  });

  test('a time that occurs twice is its first occurrence', () => {
    expect(shown(daily('02:30'), 'Europe/Berlin', '2026-10-24T00:00Z', '2026-10-27T00:00Z')).toEqual([
      '10-24T02:30+02:00',
      '10-25T02:30+02:00',
      '10-26T02:30+01:00',
    ]);
    expect(shown(daily('01:45'), 'Australia/Lord_Howe', '2026-04-03T14:00Z', '2026-04-05T14:00Z')).toHaveLength(2);
  });

  test('intervals go on in UTC: no hour is silent and none comes twice', () => {
    const hourly: ClockRule = { kind: 'interval', minutes: 60, offset: 5 };
    const slots = slotsBetween(
      hourly,
      'Europe/Berlin',
      new Date('2026-10-24T22:00Z'),
      new Date('2026-10-25T23:00Z'),
    ).map(({ at }) => at.getTime());
    expect(slots).toHaveLength(25);
    expect(slots.every((at, index) => index === 0 || at - (slots[index - 1] ?? 0) === 3_600_000)).toBe(true);
  });

  test('a day that a zone skips altogether runs at the first minute behind it, once', () => {
    expect(shown(daily('09:00'), 'Pacific/Apia', '2011-12-29T12:00Z', '2012-01-01T00:00Z')).toEqual([
      '12-29T09:00-10:00',
      '12-31T00:00+14:00',
      '12-31T09:00+14:00',
      '01-01T09:00+14:00',
    ]);
    expect(shown(daily('00:00'), 'Pacific/Apia', '2011-12-29T12:00Z', '2012-01-01T00:00Z')).toEqual([
      '12-31T00:00+14:00',
      '01-01T00:00+14:00',
    ]);
  });
});

test('C10: the 31st and 29 February are the last day of months that have none; weeks and years end where ISO 8601 says', () => {
  const monthly = (day: number): ClockRule => ({ kind: 'monthly', day, at: '09:00' });
  const days = (day: number, from: string, to: string) =>
    shown(monthly(day), 'UTC', from, to).map((at) => at.slice(0, 5));
  expect(days(31, '2027-12-01T00:00Z', '2028-06-01T00:00Z')).toEqual([
    '12-31',
    '01-31',
    '02-29',
    '03-31',
    '04-30',
    '05-31',
  ]);
  expect(days(29, '2027-02-01T00:00Z', '2027-04-01T00:00Z')).toEqual(['02-28', '03-29']);
  const weeks = slotsBetween(
    { kind: 'weekly', weekday: 1, at: '09:00' },
    'Europe/Berlin',
    new Date('2026-12-20T00:00Z'),
    new Date('2027-01-12T00:00Z'),
  );
  expect(weeks.map(({ period }) => period)).toEqual(['2026-W52', '2026-W53', '2027-W01', '2027-W02']);
});

test('C06, C10: in ten years of eight zones every local day has its slot once, in order, at its time or right behind a gap', () => {
  for (const timeZone of ZONES) {
    for (const at of ['00:00', '02:30']) {
      const slots = slotsBetween(daily(at), timeZone, TEN_YEARS.from, TEN_YEARS.to);
      const periods = slots.map(({ period }) => period);
      expect(new Set(periods).size).toBe(slots.length);
      expect([3652, 3653, 3654]).toContain(slots.length);
      let gaps = 0;
      for (const [index, slot] of slots.entries()) {
        const before = slots[index - 1];
        if (before && slot.at <= before.at) throw new Error(`${timeZone} ${slot.period} is not later`);
        const wall = local(slot.at, timeZone);
        if (wall.toPlainDate().toString() !== slot.period) throw new Error(`${timeZone} ${slot.period} is another day`);
        if (wall.toPlainTime().toString().slice(0, 5) === at) continue;
        gaps += 1;
        const before1 = wall.subtract({ minutes: 1 });
        if (before1.offsetNanoseconds === wall.offsetNanoseconds) throw new Error(`${timeZone} ${slot.period}: no gap`);
      }
      expect(gaps).toBeLessThanOrEqual(12);
    }
  }
}, 30_000);

test('slots do not depend on how the time is cut into pieces', () => {
  fc.assert(
    fc.property(rule, zone, instant, fc.nat(40 * 24), fc.nat(40 * 24), (given, timeZone, from, first, second) => {
      const [minutes, step] = given.kind === 'interval' ? [60, 60_000] : [0, 3_600_000];
      const middle = new Date(from.getTime() + (minutes + first) * step);
      const to = new Date(middle.getTime() + second * step);
      const whole = slotsBetween(given, timeZone, from, to);
      const parts = [...slotsBetween(given, timeZone, from, middle), ...slotsBetween(given, timeZone, middle, to)];
      expect(parts).toEqual(whole);
      expect(whole.every(({ at }) => at >= from && at < to && at.getTime() % 60_000 === 0)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the next slot is the first after now, the last one the newest until now', () => {
  fc.assert(
    fc.property(rule, zone, instant, (given, timeZone, now) => {
      const next = nextSlot(given, timeZone, now);
      expect(next.at > now).toBe(true);
      expect(slotsBetween(given, timeZone, new Date(now.getTime() + 1), next.at)).toEqual([]);
      expect(nextSlot(given, timeZone, now, next.period).at > next.at).toBe(true);
      const last = lastSlot(given, timeZone, next.at, given.kind === 'interval' ? DAY_MS : 62 * DAY_MS);
      expect(last).toEqual(next);
    }),
    { numRuns: 300 },
  );
});

test('an old slot is none', () => {
  const now = new Date('2026-11-20T10:00:00Z');
  expect(lastSlot(daily('09:00'), 'UTC', now, 3_600_000)?.at).toEqual(new Date('2026-11-20T09:00:00Z'));
  expect(lastSlot(daily('09:00'), 'UTC', now, 3_599_999)).toBeUndefined();
});

test('an interval that does not divide a day is refused', () => {
  const now = new Date('2026-11-20T10:00:00Z');
  expect(() => nextSlot({ kind: 'interval', minutes: 7, offset: 0 }, 'UTC', now)).toThrow('7 minutes');
});

test('rules in words', () => {
  const rules: ClockRule[] = [
    { kind: 'interval', minutes: 60, offset: 5 },
    { kind: 'interval', minutes: 5, offset: 0 },
    daily('09:00:00'),
    { kind: 'weekly', weekday: 1, at: '09:00' },
    { kind: 'monthly', day: 31, at: '04:00' },
  ];
  expect(rules.map(ruleWords)).toEqual([
    'hourly',
    'every 5 min',
    'daily at 09:00',
    'Mondays at 09:00',
    'monthly on day 31 at 04:00',
  ]);
});
