import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { freeSlots, nextFreeSlot, planEnd, type SlotSettings, slotsOfDay, windowOf } from '../../src/queue/slots.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'];
/** Without jitter, so that times can be read. */
const DEFAULT: SlotSettings = {
  id: -1001,
  jitterMinutes: 0,
  timeZone: 'Europe/Berlin',
  postsPerDay: 3,
  windowStart: '14:00:00',
  windowEnd: '02:00:00',
};

const time = fc
  .nat(24 * 12 - 1)
  .map((fives) => `${String(Math.floor(fives / 12)).padStart(2, '0')}:${String((fives % 12) * 5).padStart(2, '0')}`);
const settings = fc.record({
  id: fc.integer({ min: -1_009_999_999_999, max: -1 }),
  jitterMinutes: fc.integer({ min: 0, max: 30 }),
  timeZone: fc.constantFrom(...ZONES),
  postsPerDay: fc.integer({ min: 1, max: 50 }),
  windowStart: time,
  windowEnd: time,
});
/** Nights in which clocks go forward or back, which chance would rarely meet. */
const CHANGES = ['2026-03-08T05:00:00Z', '2026-03-29T00:00:00Z', '2026-10-03T14:00:00Z', '2026-11-01T04:00:00Z'];
const anyInstant = fc.date({
  min: new Date('2024-01-01T00:00:00Z'),
  max: new Date('2029-12-31T00:00:00Z'),
  noInvalidDate: true,
});
const instant = fc.oneof(
  anyInstant,
  fc.constantFrom(...CHANGES).map((at) => new Date(at)),
);

const local = (slots: readonly Date[], timeZone: string) =>
  slots.map((slot) =>
    Temporal.Instant.fromEpochMilliseconds(slot.getTime())
      .toZonedDateTimeISO(timeZone)
      .toPlainDateTime()
      .toString()
      .slice(5, 16),
  );
const timesOf = (day: Temporal.PlainDate, given: SlotSettings) => slotsOfDay(day, given).map(({ at }) => at);
const dayOf = (date: Date, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(date.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
/** `windowEnd` on the day after, when the window reaches past midnight or is a whole day. */
const length = ({ windowStart, windowEnd }: SlotSettings) =>
  (minutes(windowEnd) - minutes(windowStart) + 1440) % 1440 || 1440;

describe('the slots of a day', () => {
  const on = (day: string, changes: Partial<SlotSettings> = {}) => {
    const all = { ...DEFAULT, ...changes };
    return local(timesOf(Temporal.PlainDate.from(day), all), all.timeZone);
  };

  test('are spread evenly over the window, the first at its start; the window may reach into the next day', () => {
    expect(on('2026-11-20')).toEqual(['11-20T14:00', '11-20T18:00', '11-20T22:00']);
    expect(on('2026-11-20', { postsPerDay: 6 }).at(-1)).toBe('11-21T00:00');
  });

  test('are spread over 24 hours when the window begins and ends at the same time', () => {
    const whole = { windowStart: '08:00', windowEnd: '08:00', postsPerDay: 4 };
    expect(on('2026-11-20', whole)).toEqual(['11-20T08:00', '11-20T14:00', '11-20T20:00', '11-21T02:00']);
  });

  test('that the change to summer time skips come as much later', () => {
    const night = { windowStart: '02:00', windowEnd: '03:00', postsPerDay: 2 };
    expect(on('2026-03-29', night)).toEqual(['03-29T03:00', '03-29T03:30']);
    // Lord Howe moves by half an hour, at two in the morning.
    expect(on('2026-10-04', { ...night, timeZone: 'Australia/Lord_Howe' })).toEqual(['10-04T02:30', '10-04T02:45']);
  });

  test('that the change to winter time repeats are their first occurrence', () => {
    const night = { ...DEFAULT, windowStart: '02:00', windowEnd: '03:00', postsPerDay: 1 };
    const [slot] = timesOf(Temporal.PlainDate.from('2026-10-25'), night);
    expect(slot).toEqual(new Date('2026-10-25T00:00:00Z'));
  });

  test('of a day that the zone skipped fall on the day after', () => {
    const [slot] = timesOf(Temporal.PlainDate.from('2011-12-30'), {
      ...DEFAULT,
      timeZone: 'Pacific/Apia',
      postsPerDay: 1,
    });
    expect(local([slot ?? new Date(0)], 'Pacific/Apia')).toEqual(['12-31T14:00']);
  });

  test('that the change to summer time would put behind tomorrow’s first end before it', () => {
    const almostAll = { ...DEFAULT, windowStart: '03:00', windowEnd: '02:30', postsPerDay: 4 };
    const days = ['2026-03-28', '2026-03-29'].map((day) => Temporal.PlainDate.from(day));
    const times = days.flatMap((day) => timesOf(day, almostAll).map((at) => at.getTime()));
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(windowOf(Temporal.PlainDate.from('2026-03-28'), almostAll).end).toEqual(new Date('2026-03-29T01:00:00Z'));
  });

  test('of a window with less than a minute for each are whole seconds apart', () => {
    const minute = { ...DEFAULT, windowStart: '14:00', windowEnd: '14:01', postsPerDay: 50, jitterMinutes: 30 };
    const times = timesOf(Temporal.PlainDate.from('2026-11-20'), minute).map((at) => at.getTime());
    expect(new Set(times).size).toBe(50);
    expect(times.every((at) => at % 1000 === 0)).toBe(true);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(60_000);
  });

  test('lie around their even places, up to the jitter to either side, but never before the window', () => {
    const jittered = { ...DEFAULT, jitterMinutes: 30 };
    const days = Array.from({ length: 400 }, (_, index) => Temporal.PlainDate.from('2026-05-01').add({ days: index }));
    const minutesOff = days.flatMap((day) => {
      const even = timesOf(day, DEFAULT);
      return timesOf(day, jittered).map((at, index) => (at.getTime() - (even[index]?.getTime() ?? 0)) / 60_000);
    });
    const [first, others] = [minutesOff.filter((_, n) => n % 3 === 0), minutesOff.filter((_, n) => n % 3 > 0)];
    expect([Math.min(...first), Math.max(...first)]).toEqual([0, 30]);
    expect([Math.min(...others), Math.max(...others)]).toEqual([-30, 30]);
    expect(others.every((minute) => Number.isInteger(minute))).toBe(true);
    const mean = others.reduce((sum, minute) => sum + minute, 0) / others.length;
    expect(Math.abs(mean)).toBeLessThan(3);
  });

  test('are the same whenever they are asked for, and others in another chat and on another day', () => {
    const given = { ...DEFAULT, jitterMinutes: 30, postsPerDay: 10 };
    expect(timesOf(Temporal.PlainDate.from('2026-11-20'), given)).toEqual(
      timesOf(Temporal.PlainDate.from('2026-11-20'), { ...given }),
    );
    const clock = (day: string, id: number) =>
      local(timesOf(Temporal.PlainDate.from(day), { ...given, id }), 'UTC').map((at) => at.slice(6));
    expect(clock('2026-11-20', -1)).not.toEqual(clock('2026-11-20', -2));
    expect(clock('2026-11-20', -1)).not.toEqual(clock('2026-11-21', -1));
  });

  test('are always as many as asked for, in order, each in its own part of the window', () => {
    fc.assert(
      fc.property(settings, instant, (given, date) => {
        const day = dayOf(date, given.timeZone);
        const slots = slotsOfDay(day, given);
        expect(slots).toHaveLength(given.postsPerDay);
        const start = day.toZonedDateTime({ timeZone: given.timeZone, plainTime: given.windowStart }).epochMilliseconds;
        const window = windowOf(day, given);
        expect(window.start.getTime()).toBe(start);
        // A window that lies in the hour that is skipped is as long as ever; no other changes by more than the clocks do.
        expect(Math.abs(window.end.getTime() - start - length(given) * 60_000)).toBeLessThanOrEqual(3_600_000);
        expect(window.end.getTime()).toBeGreaterThan(start);
        const edges = slots.flatMap(({ from, until }) => [from.getTime(), until.getTime()]);
        expect(edges).toEqual([...edges].sort((a, b) => a - b));
        expect([edges[0], edges.at(-1)]).toEqual([start, window.end.getTime()]);
        for (const { at, from, until } of slots) expect(at >= from && at < until).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('C06, C10: over the years 2020 to 2035 every day has its slots, one after the other, each once', {
    timeout: 60_000,
  }, () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
    // Over midnight, the whole day, across the hours in which clocks change, and a short one in the skipped hour.
    const windows = [
      ['14:00', '02:00'],
      ['00:00', '00:00'],
      ['03:00', '02:30'],
      ['02:10', '02:25'],
    ] as const;
    const begin = Temporal.PlainDate.from('2020-01-01');
    const days = begin.until('2036-01-01', { largestUnit: 'days' }).days;
    for (const [index, timeZone] of zones.entries()) {
      for (const [windowStart, windowEnd] of windows) {
        const given = { id: -index - 1, timeZone, windowStart, windowEnd, postsPerDay: 3, jitterMinutes: 30 };
        let last = 0;
        for (let day = 0; day < days; day += 1) {
          const times = timesOf(begin.add({ days: day }), given);
          if (times.length !== 3) throw new Error(`${times.length} slots, ${timeZone}, day ${day}`);
          for (const at of times) {
            if (at.getTime() <= last) throw new Error(`${at.toISOString()} is not later, ${timeZone} ${windowStart}`);
            last = at.getTime();
          }
        }
      }
    }
  });

  test('are strictly later than those of the day before, whatever the settings', () => {
    fc.assert(
      fc.property(settings, instant, (given, date) => {
        const day = dayOf(date, given.timeZone);
        const times = [0, 1, 2].flatMap((days) => timesOf(day.add({ days }), given).map((at) => at.getTime()));
        expect(new Set(times).size).toBe(3 * given.postsPerDay);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  test('C10: exist on 29 February, on the 31st and across the end of the year', () => {
    expect(on('2028-02-29')).toEqual(['02-29T14:00', '02-29T18:00', '02-29T22:00']);
    expect(on('2028-02-29', { postsPerDay: 6 }).at(-1)).toBe('03-01T00:00');
    expect(on('2026-12-31', { postsPerDay: 6 }).at(-1)).toBe('01-01T00:00');
    expect(on('2026-08-31', { postsPerDay: 1 })).toEqual(['08-31T14:00']);
  });

  test('have, but for the jitter, the same local times on every day on which no clock changes', () => {
    fc.assert(
      fc.property(settings, instant, (jittered, date) => {
        const given = { ...jittered, jitterMinutes: 0 };
        const day = dayOf(date, given.timeZone);
        const hours = (one: Temporal.PlainDate) =>
          one.toZonedDateTime(given.timeZone).hoursInDay +
          one.add({ days: 1 }).toZonedDateTime(given.timeZone).hoursInDay;
        fc.pre(hours(day) === 48 && hours(day.add({ days: 2 })) === 48);
        const times = (one: Temporal.PlainDate) => local(timesOf(one, given), given.timeZone).map((at) => at.slice(6));
        expect(times(day.add({ days: 2 }))).toEqual(times(day));
      }),
    );
  });
});

/** Yesterday's last slots fall into the hour that is skipped, hence behind today's first ones. */
const SPRING = { timeZone: 'America/New_York', windowStart: '03:00', windowEnd: '03:00', postsPerDay: 50 };

describe('the next free slot', () => {
  const at = (now: string, taken: readonly Date[] = [], changes: Partial<SlotSettings> = {}) => {
    const all = { ...DEFAULT, ...changes };
    return local([nextFreeSlot(new Date(now), taken, all)], all.timeZone)[0];
  };

  test('is the window’s first before it begins, the next in it, and tomorrow’s behind it', () => {
    expect(at('2026-11-20T11:00:00Z')).toBe('11-20T14:00');
    expect(at('2026-11-20T13:00:00Z')).toBe('11-20T18:00');
    expect(at('2026-11-20T21:00:00Z')).toBe('11-21T14:00');
  });

  test('may belong to yesterday’s window after midnight', () => {
    expect(at('2026-11-20T23:30:00Z', [], { postsPerDay: 12 })).toBe('11-21T01:00');
  });

  test('is later than now, never one that is taken, and there is no earlier one', () => {
    fc.assert(
      fc.property(settings, instant, fc.nat(40), (given, now, queued) => {
        const taken: Date[] = [];
        for (let count = 0; count < queued; count += 1) taken.push(nextFreeSlot(now, taken, given));
        const sorted = [...taken].sort((a, b) => a.getTime() - b.getTime());
        expect(taken).toEqual(sorted);
        expect(new Set(taken.map((slot) => slot.getTime())).size).toBe(queued);
        expect(taken.every((slot) => slot > now)).toBe(true);
        const last = taken.at(-1);
        if (!last) return;
        // Every slot of the days around that lies between now and the last one was used.
        const first = dayOf(now, given.timeZone).subtract({ days: 1 });
        const days = first.until(dayOf(last, given.timeZone)).days;
        const between = Array.from({ length: days + 2 }, (_, index) => timesOf(first.add({ days: index }), given))
          .flat()
          .filter((slot) => slot > now && slot <= last);
        expect(new Set(between.map((slot) => slot.getTime()))).toEqual(new Set(taken.map((slot) => slot.getTime())));
      }),
      { numRuns: 50, examples: [[{ ...DEFAULT, ...SPRING }, new Date('2026-03-08T05:00:00Z'), 60]] },
    );
  });

  test('around every change of clocks leaves no day without a post', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: 2024, max: 2029 }),
        time,
        (timeZone, year, windowStart) => {
          const given = { ...DEFAULT, timeZone, windowStart, windowEnd: windowStart, postsPerDay: 1 };
          const begin = Temporal.PlainDate.from({ year, month: 1, day: 1 });
          const slots = Array.from({ length: 366 }, (_, index) => timesOf(begin.add({ days: index }), given)).flat();
          const days = new Set(slots.map((slot) => dayOf(slot, timeZone).toString()));
          expect(days.size).toBe(366);
        },
      ),
      { numRuns: 10 },
    );
  });
});

test('whatever is planned in a slot’s part of the window takes that slot', () => {
  const taken = [new Date('2026-11-20T16:01:00Z'), new Date('2026-11-20T19:59:00Z')];
  const slots = freeSlots(new Date('2026-11-20T11:00:00Z'), taken, DEFAULT);
  // The middle slot of today (18:00, from 16:00 to 20:00) is free; 17:01 and 20:59 in Berlin lie in it and in the last one.
  expect([slots.next().value?.at, slots.next().value?.at]).toEqual([
    new Date('2026-11-20T13:00:00Z'),
    new Date('2026-11-21T13:00:00Z'),
  ]);
});

describe('the end of a plan', () => {
  const end = (now: string, days: number) => local([planEnd(new Date(now), days, DEFAULT)], 'Europe/Berlin')[0];

  test('is that of the last of so many windows, today’s being the first', () => {
    expect(end('2026-11-20T11:00:00Z', 7)).toBe('11-27T02:00');
    expect(end('2026-11-20T20:30:00Z', 1)).toBe('11-21T02:00');
  });

  test('does not count a window without a slot left, nor yesterday’s that reaches into today', () => {
    expect(end('2026-11-20T21:30:00Z', 1)).toBe('11-22T02:00');
    expect(end('2026-11-20T23:30:00Z', 1)).toBe('11-22T02:00');
  });
});

test('the slots of a day that the zone skipped are used once, with those of the day after', () => {
  const given = { ...DEFAULT, timeZone: 'Pacific/Apia' };
  const slots = freeSlots(new Date('2011-12-29T22:00:00Z'), [], given);
  const times = Array.from({ length: 5 }, () => slots.next().value?.at ?? new Date(0));
  expect(local(times, 'Pacific/Apia')).toEqual([
    '12-29T14:00',
    '12-29T18:00',
    '12-29T22:00',
    '12-31T14:00',
    '12-31T18:00',
  ]);
});
