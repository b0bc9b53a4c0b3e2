import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { pino } from 'pino';
import { Temporal } from 'temporal-polyfill';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chats, jobRuns } from '../../src/db/schema/index.ts';
import type { ClockJob, JobRun } from '../../src/lib/job-run.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { dueSlots } from '../../src/operations/clock-due.ts';
import { clockTargets } from '../../src/operations/clock-jobs.ts';
import { createClockCheck } from '../../src/operations/clock-sanity.ts';
import { addChat, ageRuns, clockJob, startClockwork } from '../support/clockwork.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.close());

const TEAM = -100123;

/** A job that keeps what it was told. */
function recording(): { run: ClockJob; seen: JobRun[] } {
  const seen: JobRun[] = [];
  return {
    seen,
    run: async (given) => {
      seen.push(given);
      return { outcome: 'done', words: `run ${seen.length}` };
    },
  };
}

const perChat = {
  name: 'digest',
  when: ({ reportTime: at }: { reportTime: string }) => ({ kind: 'daily' as const, at }),
};

describe('after downtime', () => {
  test('C01: a job whose time was at 09:00 runs once at 09:20, and knows its own time', async () => {
    const { run, seen } = recording();
    await addChat(db, TEAM, 'Europe/Berlin');
    const entries = [clockJob({ ...perChat, run })];
    await startClockwork(db, entries, { now: '2026-11-19T12:00:00Z' }).tick();
    const after = startClockwork(db, entries, { now: '2026-11-20T08:20:00Z' });
    await after.tick();
    await after.work();
    await after.tick();
    await after.work();
    expect(seen).toMatchObject([
      { job: `digest:${TEAM}`, chatId: TEAM, slot: new Date('2026-11-20T08:00:00Z'), isLate: true },
    ]);
    expect(await after.lines()).toEqual([`digest:${TEAM} 2026-11-20T08:00 done`]);
  });

  test('C02: of three days without the bot, “last” makes up one slot, “all” each within its age, “none” nothing', async () => {
    const entries = [
      clockJob({ name: 'last' }),
      clockJob({ name: 'all', catchUp: { policy: 'all', maxAgeMinutes: 49 * 60 } }),
      clockJob({ name: 'none', catchUp: { policy: 'none', maxAgeMinutes: 0 } }),
    ];
    await startClockwork(db, entries, { now: '2026-11-17T12:00:00Z' }).tick();
    const after = startClockwork(db, entries, { now: '2026-11-20T10:00:00Z' });
    await after.tick();
    await after.work();
    expect(await after.lines()).toEqual([
      'all 2026-11-18T09:00 done',
      'all 2026-11-19T09:00 done',
      'all 2026-11-20T09:00 done',
      'last 2026-11-20T09:00 done',
    ]);
  });

  test('a job that is new here has missed nothing, and the slot after that comes', async () => {
    const one = startClockwork(db, [clockJob()], { now: '2026-11-20T12:00:00Z' });
    await one.tick();
    expect(await one.lines()).toEqual([]);
    one.set('2026-11-21T11:00:00Z');
    await one.tick();
    expect(await one.lines()).toEqual(['morning 2026-11-21T09:00 -']);
  });

  test('a slot that is too old is not made up for', async () => {
    const entries = [clockJob({ catchUp: { policy: 'last', maxAgeMinutes: 60 } })];
    const one = startClockwork(db, entries, { now: '2026-11-19T09:00:00Z' });
    await one.tick();
    one.set('2026-11-20T10:00:01Z');
    await one.tick();
    expect(await one.lines()).toEqual(['morning 2026-11-19T09:00 -']);
  });
});

test('C03: of twenty ticks of two processes one claims the slot, with one durable job, which runs it once', async () => {
  const { run, seen } = recording();
  const entries = [clockJob({ run })];
  const now = '2026-11-20T09:00:00Z';
  const two = [db.open(), db.open()].map((database) => startClockwork(db, entries, { now, database }));
  await Promise.all(Array.from({ length: 10 }, () => two.map(({ tick }) => tick())).flat());
  const [id = ''] = await (two[0]?.waiting() ?? []);
  expect(await two[1]?.waiting()).toEqual([id]);
  // Both workers get it, as when the first was taken for dead.
  await Promise.all(two.map(({ clockRuns }) => clockRuns.job({ run: id }, { attempt: 1, isLast: false })));
  expect(seen).toHaveLength(1);
  expect(await two[0]?.lines()).toEqual(['morning 2026-11-20T09:00 done']);
});

describe('C04: a job that takes longer than its interval', () => {
  const every5 = { name: 'slow', when: { kind: 'interval' as const, minutes: 5, offset: 0 } };

  test('does not overlap itself: the slot that came meanwhile is skipped, and its row says why', async () => {
    const end = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let calls = 0;
    const run: ClockJob = async () => {
      calls += 1;
      begun.resolve();
      await end.promise;
      return { outcome: 'done' };
    };
    const one = startClockwork(db, [clockJob({ ...every5, run })], { now: '2026-11-20T09:00:02Z' });
    await one.tick();
    const first = one.work();
    await begun.promise;
    one.set('2026-11-20T09:05:01Z');
    await one.tick();
    await one.work();
    end.resolve();
    await first;
    expect(calls).toBe(1);
    expect(await one.lines()).toEqual(['slow 2026-11-20T09:00 done', 'slow 2026-11-20T09:05 skipped']);
    const rows = await db.db.select().from(jobRuns).where(sql`outcome = 'skipped' and cause = 'clock'`);
    expect(rows[0]?.words).toBe('The run before it was still going.');
  });

  test('slots that are made up for wait for each other instead, and none is skipped', async () => {
    const end = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let calls = 0;
    const run: ClockJob = async () => {
      calls += 1;
      begun.resolve();
      await end.promise;
      return { outcome: 'done' };
    };
    const entries = [clockJob({ ...every5, run, catchUp: { policy: 'all', maxAgeMinutes: 9 } })];
    await startClockwork(db, entries, { now: '2026-11-20T08:50:00Z' }).tick();
    const one = startClockwork(db, entries, { now: '2026-11-20T09:06:00Z' });
    await db.db.execute(sql`delete from graphile_worker._private_jobs`);
    await db.db.update(jobRuns).set({ outcome: 'done' });
    await one.tick();
    const [first = '', second = ''] = await one.waiting();
    const going = one.clockRuns.job({ run: first }, { attempt: 1, isLast: false });
    await begun.promise;
    await one.clockRuns.job({ run: second }, { attempt: 1, isLast: false });
    expect(calls).toBe(1);
    end.resolve();
    await going;
    await one.work({ all: true });
    expect((await one.lines()).slice(-2)).toEqual(['slow 2026-11-20T09:00 done', 'slow 2026-11-20T09:05 done']);
    expect(calls).toBe(2);
  });
});

test('C05: a tick that comes five seconds late, or a minute, still runs the slot, in time', async () => {
  const { run, seen } = recording();
  const one = startClockwork(db, [clockJob({ run })], { now: '2026-11-20T09:00:05Z' });
  await one.tick();
  await one.work();
  one.set('2026-11-21T09:01:00Z');
  await one.tick();
  await one.work();
  expect(seen.map(({ slot, isLate }) => [slot.toISOString(), isLate])).toEqual([
    ['2026-11-20T09:00:00.000Z', false],
    ['2026-11-21T09:00:00.000Z', false],
  ]);
});

describe('C07: with a clock that is a day behind at the start', () => {
  test('nothing runs until it is right, and the log says so', async () => {
    const said: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void said.push(line) });
    await startClockwork(db, [clockJob()], { now: '2026-11-20T09:00:00Z' }).tick();
    const entries = [clockJob(), clockJob({ name: 'other' })];
    const behind = startClockwork(db, entries, { now: '2026-11-19T09:00:00Z', logger });
    await behind.tick();
    await behind.tick();
    expect(await behind.lines()).toHaveLength(1);
    expect(said.filter((line) => line.includes('jobs wait for it'))).toHaveLength(1);
    behind.set('2026-11-20T09:00:30Z');
    await behind.tick();
    expect(await behind.lines()).toEqual(['morning 2026-11-20T09:00 -', 'other 2026-11-20T09:00 -']);
    expect(said.at(-2)).toContain('the clock is right now');
  });

  test('after two minutes jobs begin with a warning, and repeat nothing', async () => {
    await startClockwork(db, [clockJob()], { now: '2026-11-19T09:00:00Z' }).tick();
    await startClockwork(db, [clockJob()], { now: '2026-11-20T09:00:00Z' }).tick();
    const behind = startClockwork(db, [clockJob()], { now: '2026-11-19T09:00:00Z' });
    await behind.tick();
    behind.pass(120_000);
    await behind.tick();
    expect(await behind.lines()).toEqual(['morning 2026-11-19T09:00 -', 'morning 2026-11-20T09:00 -']);
    behind.set('2026-11-21T09:00:00Z');
    await behind.tick();
    expect(await behind.lines()).toHaveLength(3);
  });

  const checked = (isSynchronised: () => boolean | undefined, start: string) => {
    let now = new Date(start);
    let ms = 0;
    const check = createClockCheck({
      runs: { newestSlot: async () => undefined },
      isSynchronised,
      clock: { now: () => now },
      monotonicMs: () => ms,
      logger: silentLogger(),
    });
    return {
      check,
      pass: (by: number) => {
        ms += by;
        now = new Date(now.getTime() + by);
      },
    };
  };

  test('one that the machine has not set yet is waited for, two minutes at most', async () => {
    let isSet = false;
    const first = checked(() => isSet, '2026-11-20T09:00:00Z');
    expect(await first.check()).toBe(false);
    isSet = true;
    expect(await first.check()).toBe(true);
    const second = checked(() => false, '2026-11-20T09:00:00Z');
    second.pass(119_000);
    expect(await second.check()).toBe(false);
    second.pass(1_000);
    expect(await second.check()).toBe(true);
  });

  test('one that shows a time before 2026 is never trusted', async () => {
    const { check, pass } = checked(() => undefined, '1970-01-01T00:00:00Z');
    pass(86_400_000);
    expect(await check()).toBe(false);
  });
});

test('C08: a clock that jumps back an hour while it runs repeats nothing, and goes on where it was', async () => {
  const { run, seen } = recording();
  const entries = [
    clockJob({ run }),
    clockJob({ name: 'often', run, when: { kind: 'interval', minutes: 15, offset: 0 } }),
  ];
  const one = startClockwork(db, entries, { now: '2026-11-20T08:30:00Z' });
  const upTo = async (end: string) => {
    for (; one.now() <= new Date(end); one.pass(300_000)) {
      await one.tick();
      await one.work();
    }
  };
  await upTo('2026-11-20T09:20:00Z');
  const before = await one.lines();
  expect(before.filter((line) => line.startsWith('often'))).toHaveLength(4);
  one.set('2026-11-20T08:20:00Z');
  await upTo('2026-11-20T09:25:00Z');
  expect(await one.lines()).toEqual(
    ['often 2026-11-20T08:15 done', ...before].toSorted((a, b) => (a.slice(-21) < b.slice(-21) ? -1 : 1)),
  );
  await upTo('2026-11-20T09:30:00Z');
  expect((await one.lines()).at(-1)).toBe('often 2026-11-20T09:30 done');
  expect(seen).toHaveLength(7);
});

describe('C09: a run whose process was killed half-way', () => {
  const killed = async (attempts = 10) => {
    const { run, seen } = recording();
    const entries = [clockJob({ run, attempts })];
    const dead = startClockwork(db, entries, { now: '2026-11-20T09:00:00Z' });
    await dead.tick();
    const [id = ''] = await dead.waiting();
    // graphile-worker holds the job of a dead worker for four hours.
    await db.db.execute(
      sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'dead', attempts = 1`,
    );
    await dead.runs.start(id, { now: dead.now(), attempts: () => attempts });
    return { seen, id, alive: startClockwork(db, entries, { now: '2026-11-20T09:01:00Z' }) };
  };

  test('is left alone while it may live, and runs again once it gave no sign of life for half a minute', async () => {
    const { seen, alive } = await killed();
    await ageRuns(db, 29);
    await alive.tick();
    await alive.work();
    expect(seen).toHaveLength(0);
    // A minute is what the tick waits before it believes that the durable job is lost, too.
    await ageRuns(db, 35);
    await alive.tick();
    await alive.work();
    expect(seen).toHaveLength(1);
    const [row] = await db.db.select().from(jobRuns);
    expect(row).toMatchObject({ attempt: 2, outcome: 'done', slot: new Date('2026-11-20T09:00:00Z') });
  });

  test('is looked at again by the next start, and no earlier than it can be dead', async () => {
    const { seen, id, alive } = await killed();
    await alive.clockRuns.job({ run: id }, { attempt: 2, isLast: false });
    expect(seen).toHaveLength(0);
    const rows = await db.db.execute(sql`
      select extract(epoch from run_at - now())::int as seconds from graphile_worker.jobs where locked_at is null`);
    expect(Number(rows[0]?.seconds)).toBeGreaterThan(25);
    expect(Number(rows[0]?.seconds)).toBeLessThanOrEqual(31);
  });

  test('a sign of life from the future is none: a clock that was put back holds up nothing', async () => {
    const { seen, id, alive } = await killed();
    await ageRuns(db, -3600);
    await alive.clockRuns.job({ run: id }, { attempt: 2, isLast: false });
    expect(seen).toHaveLength(1);
  });

  test('has failed when its process died as often as it may be tried, and the admins hear of it', async () => {
    const { seen, id, alive } = await killed(1);
    await ageRuns(db, 31);
    await alive.clockRuns.job({ run: id }, { attempt: 2, isLast: false });
    expect(seen).toHaveLength(0);
    expect(await alive.lines()).toEqual(['morning 2026-11-20T09:00 failed']);
    expect(alive.told).toEqual([expect.stringContaining('❌ The job morning failed: its process ended')]);
  });

  test('a process that was taken for dead and lives writes nothing over the run of the other', async () => {
    const { id, alive } = await killed();
    await ageRuns(db, 31);
    const end = {
      outcome: 'done' as const,
      words: 'from the dead',
      now: new Date('2026-11-20T09:02:00Z'),
      durationMs: 1,
    };
    await alive.clockRuns.job({ run: id }, { attempt: 2, isLast: false });
    expect(await alive.runs.finish({ id, attempt: 1 }, end)).toBe(false);
    expect(await alive.runs.beat({ id, attempt: 1 })).toBe(false);
    expect((await db.db.select().from(jobRuns))[0]?.words).toBe('run 1');
  });
});

describe('C11: a chat that changes its zone', () => {
  const entries = [clockJob(perChat)];

  test.each([
    ['Europe/Berlin', 'Pacific/Honolulu', '2026-11-20T11:00:00Z', ['11-20T08:00', '11-21T19:00', '11-22T19:00']],
    [
      'Europe/Berlin',
      'Pacific/Auckland',
      '2026-11-20T11:00:00Z',
      ['11-20T08:00', '11-20T20:00', '11-21T20:00', '11-22T20:00'],
    ],
    [
      'Pacific/Honolulu',
      'Pacific/Auckland',
      '2026-11-20T22:00:00Z',
      ['11-20T19:00', '11-20T20:00', '11-21T20:00', '11-22T20:00'],
    ],
  ])('from %s to %s at noon loses no local day and has none twice', async (before, after, noon, expected) => {
    await addChat(db, TEAM, before);
    const one = startClockwork(db, entries, { now: '2026-11-20T00:00:00Z' });
    let isMoved = false;
    for (; one.now() < new Date('2026-11-23T00:00:00Z'); one.pass(3_600_000)) {
      if (!isMoved && one.now() >= new Date(noon)) {
        await db.db.update(chats).set({ timeZone: after });
        isMoved = true;
      }
      await one.tick();
    }
    expect((await one.lines()).map((line) => line.slice(-18, -2).replace('2026-', ''))).toEqual(expected);
    const periods = (await db.db.select().from(jobRuns)).flatMap(({ period }) => (period ? [period] : []));
    expect(new Set(periods).size).toBe(periods.length);
  });

  test('however often zone and hour change, every local day comes once', () => {
    const zones = [
      'Australia/Lord_Howe',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Pacific/Chatham',
      'Africa/Casablanca',
      'America/Santiago',
      'UTC',
    ];
    const change = fc.record({ hour: fc.integer({ min: 1, max: 230 }), timeZone: fc.constantFrom(...zones) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.integer({ min: 0, max: 3650 }), (changes, day) => {
        const start = Date.UTC(2026, 0, 2) + day * 86_400_000;
        const periods: string[] = [];
        const slots = new Set<number>();
        let timeZone = 'Europe/Berlin';
        for (let hour = 0; hour < 240; hour += 1) {
          timeZone = changes.find((one) => one.hour === hour)?.timeZone ?? timeZone;
          const entry = clockJob({ when: { kind: 'daily', at: '09:00' } });
          const target = {
            entry,
            job: 'digest',
            chat: undefined,
            rule: { kind: 'daily' as const, at: '09:00' },
            zone: timeZone,
          };
          for (const { slot, period } of dueSlots(target, new Date(start + hour * 3_600_000))) {
            if (periods.includes(period) || slots.has(slot.getTime())) continue;
            periods.push(period);
            slots.add(slot.getTime());
          }
        }
        const days = periods.map((period) => Temporal.PlainDate.from(period));
        for (const [index, date] of days.entries()) {
          const next = days[index + 1];
          if (next) expect(date.until(next).days).toBe(1);
        }
      }),
      { numRuns: 25 },
    );
  });
});

test('what is set on the first day makes up for nothing of before, and comes from then on', async () => {
  await addChat(db, TEAM, 'UTC');
  const one = startClockwork(db, [clockJob(perChat)], { now: '2026-11-20T15:00:00Z' });
  await one.tick();
  one.pass(60_000);
  // 09:00 in New York was an hour ago.
  await db.db.update(chats).set({ timeZone: 'America/New_York' });
  await one.tick();
  expect(await one.lines()).toEqual([]);
  await db.db.update(chats).set({ reportTime: '10:05' });
  one.set('2026-11-20T15:05:00Z');
  await one.tick();
  one.set('2026-11-21T15:05:00Z');
  await one.tick();
  expect(await one.lines()).toEqual([`digest:${TEAM} 2026-11-20T15:05 -`, `digest:${TEAM} 2026-11-21T15:05 -`]);
});

test('a group that becomes a supergroup keeps its runs: nothing is lost or comes again', async () => {
  await addChat(db, TEAM, 'UTC');
  const one = startClockwork(db, [clockJob(perChat)], { now: '2026-11-20T09:00:00Z' });
  await one.tick();
  expect(await one.chats.migrate(TEAM, -100999)).toBe(true);
  one.set('2026-11-20T09:02:00Z');
  await one.tick();
  await one.work();
  one.set('2026-11-21T09:00:00Z');
  await one.tick();
  expect(await one.lines()).toEqual(['digest:-100999 2026-11-20T09:00 done', 'digest:-100999 2026-11-21T09:00 -']);
});

test('another program’s row holds its slot, and is never run by us', async () => {
  const { run, seen } = recording();
  await db.db.execute(sql`insert into job_runs (job, slot) values ('morning', '2026-11-20T09:00:00Z')`);
  const one = startClockwork(db, [clockJob({ run })], { now: '2026-11-20T09:00:00Z' });
  await one.tick();
  one.set('2026-11-20T10:00:00Z');
  await one.tick();
  await one.work({ all: true });
  expect(seen).toEqual([]);
  expect(clockTargets([clockJob(perChat)], [])).toEqual([]);
});
