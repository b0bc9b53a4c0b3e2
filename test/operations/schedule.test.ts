import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/lib/logger.ts';
import { type ScheduleEntry, startSchedule } from '../../src/schedule.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-20T09:00:30Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

type Counts = { sweeps: number; ticks: number };

const count =
  (what: keyof Counts) =>
  async (counts: Counts): Promise<void> => {
    counts[what] += 1;
  };
const ENTRIES: readonly ScheduleEntry<Counts>[] = [
  { name: 'sweep', when: { everySeconds: 2 }, run: count('sweeps') },
  { name: 'tick', when: { cron: '* * * * *' }, run: count('ticks') },
];

test('sweeps come every few seconds, the tick with the minute', async () => {
  const counts = { sweeps: 0, ticks: 0 };
  const schedule = startSchedule(counts, ENTRIES, silentLogger());
  await vi.advanceTimersByTimeAsync(29_000);
  expect(counts).toEqual({ sweeps: 14, ticks: 0 });
  await vi.advanceTimersByTimeAsync(61_000);
  expect(counts).toEqual({ sweeps: 45, ticks: 2 });
  await schedule.stop();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(counts).toEqual({ sweeps: 45, ticks: 2 });
});

test.each([
  ['C08: back an hour', -3_600_000],
  ['forward a month', 30 * 86_400_000],
])('a clock of the machine that is put %s silences nothing', async (_, by) => {
  const counts = { sweeps: 0, ticks: 0 };
  const schedule = startSchedule(counts, ENTRIES, silentLogger());
  await vi.advanceTimersByTimeAsync(10_000);
  vi.setSystemTime(Date.now() + by);
  await vi.advanceTimersByTimeAsync(5_000);
  // The jump is noticed within five seconds, and what it made due is looked for at once.
  expect(counts).toEqual({ sweeps: 7, ticks: 1 });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(counts).toEqual({ sweeps: 67, ticks: 3 });
  await schedule.stop();
});

test('an entry does not overlap itself, comes again after a failure, and is waited for at the end', async () => {
  const end = Promise.withResolvers<void>();
  let begun = 0;
  const slow: ScheduleEntry<Counts> = {
    name: 'slow',
    when: { everySeconds: 1 },
    run: () => {
      begun += 1;
      return begun === 1 ? Promise.reject(new Error('first')) : end.promise;
    },
  };
  const schedule = startSchedule({ sweeps: 0, ticks: 0 }, [slow], silentLogger());
  await vi.advanceTimersByTimeAsync(5_000);
  expect(begun).toBe(2);
  let isStopped = false;
  const stopped = schedule.stop().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isStopped).toBe(false);
  end.resolve();
  await stopped;
  expect(begun).toBe(2);
});
