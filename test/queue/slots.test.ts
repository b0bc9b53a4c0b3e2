import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { nextFreeSlot, type SlotSettings, slotsOfDay } from '../../src/queue/slots.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
const DEFAULT: SlotSettings = {
  timeZone: 'Europe/Berlin',
  postsPerDay: 3,
  windowStart: '14:00:00',
  windowEnd: '02:00:00',
};

const time = fc
  .nat(24 * 12 - 1)
  .map((fives) => `${String(Math.floor(fives / 12)).padStart(2, '0')}:${String((fives % 12) * 5).padStart(2, '0')}`);
const settings = fc.record({
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
const dayOf = (date: Date, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(date.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
/** `windowEnd` on the day after, when the window reaches past midnight or is a whole day. */
const length = ({ windowStart, windowEnd }: SlotSettings) =>
  (minutes(windowEnd) - minutes(windowStart) + 1440) % 1440 || 1440;

describe('the slots of a day', () => {
  const on = (day: string, changes: Partial<SlotSettings> = {}) => {
    const all = { ...DEFAULT, ...changes };
    return local(slotsOfDay(Temporal.PlainDate.from(day), all), all.timeZone);
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
    const [slot] = slotsOfDay(Temporal.PlainDate.from('2026-10-25'), night);
    expect(slot).toEqual(new Date('2026-10-25T00:00:00Z'));
  });

  test('of a day that the zone skipped fall on the day after', () => {
    const [slot] = slotsOfDay(Temporal.PlainDate.from('2011-12-30'), {
      ...DEFAULT,
      timeZone: 'Pacific/Apia',
      postsPerDay: 1,
    });
    expect(local([slot ?? new Date(0)], 'Pacific/Apia')).toEqual(['12-31T14:00']);
  });

  test('are always as many as asked for, in order, within the window', () => {
    fc.assert(
      fc.property(settings, instant, (given, date) => {
        const day = dayOf(date, given.timeZone);
        const slots = slotsOfDay(day, given);
        expect(slots).toHaveLength(given.postsPerDay);
        expect([...slots].sort((a, b) => a.getTime() - b.getTime())).toEqual(slots);
        const start = day.toZonedDateTime({ timeZone: given.timeZone, plainTime: given.windowStart }).epochMilliseconds;
        const last = day.add({ days: minutes(given.windowEnd) <= minutes(given.windowStart) ? 1 : 0 });
        const end = last.toZonedDateTime({ timeZone: given.timeZone, plainTime: given.windowEnd }).epochMilliseconds;
        // A window that lies in the hour that is skipped is moved behind it.
        const ends = end > start ? end : start + length(given) * 60_000;
        for (const slot of slots) {
          expect(slot.getTime()).toBeGreaterThanOrEqual(start);
          expect(slot.getTime()).toBeLessThan(ends);
        }
      }),
    );
  });

  test('have the same local times on every day on which no clock changes', () => {
    fc.assert(
      fc.property(settings, instant, (given, date) => {
        const day = dayOf(date, given.timeZone);
        const hours = (one: Temporal.PlainDate) =>
          one.toZonedDateTime(given.timeZone).hoursInDay +
          one.add({ days: 1 }).toZonedDateTime(given.timeZone).hoursInDay;
        fc.pre(hours(day) === 48 && hours(day.add({ days: 2 })) === 48);
        const times = (one: Temporal.PlainDate) =>
          local(slotsOfDay(one, given), given.timeZone).map((at) => at.slice(6));
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
        const between = Array.from({ length: days + 2 }, (_, index) => slotsOfDay(first.add({ days: index }), given))
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
          const slots = Array.from({ length: 366 }, (_, index) => slotsOfDay(begin.add({ days: index }), given)).flat();
          const days = new Set(slots.map((slot) => dayOf(slot, timeZone).toString()));
          expect(days.size).toBe(366);
        },
      ),
      { numRuns: 10 },
    );
  });
});
