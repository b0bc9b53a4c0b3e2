import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditLog, jobRuns } from '../../src/db/schema/index.ts';
import { OutsideError, PersonError } from '../../src/lib/errors.ts';
import type { ClockJob, JobRun } from '../../src/lib/job-run.ts';
import { retryDelay } from '../../src/operations/clock-jobs.ts';
import { jobErrorWords } from '../../src/operations/job-error-words.ts';
import { createPartsJob } from '../../src/operations/job-parts.ts';
import { createPruneJobRuns } from '../../src/operations/prune-job-runs.ts';
import { type Clockwork, clockJob, DONE, startClockwork } from '../support/clockwork.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.close());

const NOW = '2026-11-20T09:00:00Z';

const failing =
  (error: () => Error): ClockJob =>
  async () => {
    throw error();
  };
const away = () => new OutsideError('telegram', 'Telegram does not answer.', { retryable: true });

async function row() {
  const [only] = await db.db.select().from(jobRuns).where(eq(jobRuns.cause, 'clock'));
  return only;
}

async function dueIn(): Promise<number> {
  const rows = await db.db.execute(
    sql`select round(extract(epoch from run_at - now()))::int as s from graphile_worker.jobs`,
  );
  return Number(rows[0]?.s);
}

async function runOnce(one: Clockwork): Promise<void> {
  await one.tick();
  await one.work();
}

describe('a job that fails', () => {
  test('is tried again after ten seconds, then later and later; the admins hear of it the third time, and of its end', async () => {
    let fails = true;
    const run: ClockJob = async (given) => (fails ? failing(away)(given) : { outcome: 'done', words: 'at last' });
    const one = startClockwork(db, [clockJob({ run })], { now: NOW });
    await runOnce(one);
    expect(await row()).toMatchObject({
      outcome: null,
      attempt: 1,
      words: 'Telegram does not answer.',
      heartbeatAt: null,
    });
    expect(await dueIn()).toBeGreaterThan(8);
    expect(await dueIn()).toBeLessThan(11);
    await one.work({ all: true });
    expect(await dueIn()).toBeGreaterThan(55);
    expect(one.told).toEqual([]);
    await one.work({ all: true });
    await one.work({ all: true });
    expect(one.told).toEqual([
      '❌ The job morning failed: Telegram does not answer. It is tried again by itself; /jobs shows it.',
    ]);
    fails = false;
    await one.work({ all: true });
    expect(await row()).toMatchObject({ outcome: 'done', attempt: 5, words: 'at last' });
    expect(one.told.at(-1)).toBe('✅ The job morning works again.');
  });

  test('has failed after its last attempt', async () => {
    const one = startClockwork(db, [clockJob({ run: failing(away), attempts: 2 })], { now: NOW });
    await runOnce(one);
    await one.work({ all: true });
    expect(await row()).toMatchObject({ outcome: 'failed', attempt: 2, finishedAt: new Date(NOW) });
    expect(await one.waiting({ all: true })).toEqual([]);
    expect(one.told).toEqual([expect.stringContaining('/jobs has a button that runs it again.')]);
  });

  test('of what only a person can mend is not tried again', async () => {
    const run = failing(() => new PersonError('BUCKET is not set.'));
    const one = startClockwork(db, [clockJob({ run })], { now: NOW });
    await runOnce(one);
    expect(await row()).toMatchObject({ outcome: 'failed', attempt: 1, words: 'BUCKET is not set.' });
  });

  test('pauses grow from ten seconds to an hour', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 10].map((attempt) => retryDelay(attempt) / 1000)).toEqual([
      10, 60, 300, 900, 1800, 3600, 3600, 3600,
    ]);
  });

  test('is told in words without what it was about', () => {
    expect(jobErrorWords(new TypeError('secret of Bob'))).toBe('A bug (TypeError); the log has all of it.');
    expect(jobErrorWords(new PersonError(`x${'y'.repeat(300)}`))).toHaveLength(200);
    const failed = Object.assign(new Error('x'), { severity: 'FATAL', code: '57P01' });
    expect(jobErrorWords(failed)).toMatch(/^The database failed: server is shutting down/);
  });
});

test('a job is told to stop at its deadline, and what it throws then counts as too long', async () => {
  const run: ClockJob = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  const one = startClockwork(db, [clockJob({ run, deadlineMinutes: 0.001 })], { now: NOW });
  await runOnce(one);
  expect(await row()).toMatchObject({ outcome: null, attempt: 1, words: 'It was not done within 0.001 min.' });
});

test('a run that the stopping process gives back is no attempt, and comes again at the next start', async () => {
  const begun = Promise.withResolvers<void>();
  const run: ClockJob = ({ signal }) => {
    begun.resolve();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const one = startClockwork(db, [clockJob({ run })], { now: NOW });
  await one.tick();
  const work = one.work();
  await begun.promise;
  await one.clockRuns.interrupt();
  await work;
  expect(await row()).toMatchObject({ outcome: null, attempt: 0, words: 'The bot was stopped meanwhile.' });
  const next = startClockwork(db, [clockJob()], { now: NOW });
  await next.work();
  expect(await row()).toMatchObject({ outcome: 'done', attempt: 1 });
});

test('what a job says is its row: outcome, words, figures, start, end and duration', async () => {
  const run: ClockJob = async () => {
    one.pass(65_000);
    return { outcome: 'undeliverable', words: 'I am not in that chat any more', figures: { posts: 3 } };
  };
  const one = startClockwork(db, [clockJob({ run })], { now: NOW });
  await runOnce(one);
  expect(await row()).toMatchObject({
    outcome: 'undeliverable',
    words: 'I am not in that chat any more',
    figures: { posts: 3 },
    startedAt: new Date(NOW),
    finishedAt: new Date('2026-11-20T09:01:05Z'),
    durationMs: 65_000,
    period: '2026-11-20',
  });
});

test('a job that this version does not know is skipped', async () => {
  await startClockwork(db, [clockJob()], { now: NOW }).tick();
  await startClockwork(db, [], { now: NOW }).work();
  expect(await row()).toMatchObject({ outcome: 'skipped', words: 'This version knows no such job.' });
});

describe('a paused job', () => {
  test('holds its slots, makes up for none of them, and goes on with the next; both are in the audit log', async () => {
    const one = startClockwork(db, [clockJob(), clockJob({ name: 'other' })], { now: '2026-11-19T09:00:00Z' });
    await runOnce(one);
    expect(await one.pauses.pause('morning', { by: null, now: one.now() })).toBe(true);
    expect(await one.pauses.pause('morning', { by: null, now: one.now() })).toBe(false);
    one.set(NOW);
    await runOnce(one);
    expect(await one.pauses.resume('morning', { by: null, now: one.now() })).toBe(true);
    expect(await one.pauses.resume('morning', { by: null, now: one.now() })).toBe(false);
    one.set('2026-11-20T10:00:00Z');
    await runOnce(one);
    one.set('2026-11-21T09:00:00Z');
    await runOnce(one);
    expect((await one.lines()).filter((line) => line.startsWith('morning'))).toEqual([
      'morning 2026-11-19T09:00 done',
      'morning 2026-11-20T09:00 skipped',
      'morning 2026-11-21T09:00 done',
    ]);
    expect((await one.lines()).filter((line) => line.startsWith('other'))).toHaveLength(3);
    const audit = await db.db.select({ action: auditLog.action }).from(auditLog);
    expect(audit.map(({ action }) => action)).toEqual(['job_paused', 'job_resumed']);
  });

  test('runs all the same when a person wants it now', async () => {
    const one = startClockwork(db, [clockJob()], { now: NOW });
    await one.pauses.pause('morning', { by: null, now: one.now() });
    await one.service.request('morning', undefined, { by: null, now: one.now() });
    await one.work();
    expect(await one.lines()).toEqual(['morning 2026-11-20T09:00 done']);
  });
});

describe('a run that a person wants', () => {
  test('takes no slot of the clock, and two at one moment are two', async () => {
    const one = startClockwork(db, [clockJob()], { now: NOW });
    await one.service.request('morning', undefined, { by: null, now: one.now() });
    await one.service.request('morning', undefined, { by: null, now: one.now() });
    one.pass(60_000);
    await runOnce(one);
    // The clock's own slot has the very moment of the first one.
    const rows = await db.db.select().from(jobRuns);
    expect(rows.map(({ cause, outcome }) => [cause, outcome])).toEqual([
      ['person', 'done'],
      ['person', 'done'],
    ]);
    one.set('2026-11-21T09:00:00Z');
    await runOnce(one);
    expect(await one.lines()).toHaveLength(3);
  });

  test.each([
    ['nothing', undefined, 'There is no job “nothing”. There are: morning, chatty.'],
    ['chatty', undefined, 'The job chatty runs for a chat: say which.'],
    ['morning', -5, 'The job morning is not about a chat.'],
  ])('of %s for %s is refused in clear words', async (name, chatId, words) => {
    const chatty = clockJob({ name: 'chatty', when: () => ({ kind: 'daily', at: '09:00' }) });
    const one = startClockwork(db, [clockJob(), chatty], { now: NOW });
    await expect(one.service.request(name, chatId, { by: null, now: one.now() })).rejects.toThrow(words);
  });
});

describe('the watchdog', () => {
  test('says once that a job did not run though it should have, and once that it runs again', async () => {
    const one = startClockwork(db, [clockJob()], { now: '2026-11-19T09:00:00Z' });
    await runOnce(one);
    one.set('2026-11-20T09:14:00Z');
    one.pass(300_000);
    await one.watch();
    expect(one.told).toEqual([]);
    await one.watch();
    const missed = '⏰ The job morning should have run and did not. /jobs shows when it ran last; the log may say why.';
    expect(one.told).toEqual([missed]);
    await one.watch();
    await runOnce(one);
    await one.watch();
    await one.watch();
    expect(one.told).toEqual([missed, '✅ The job morning runs again.']);
  });

  test('says nothing right after the start, of slots a few minutes old, of paused jobs, and of ones that wait for a retry', async () => {
    const entries = [clockJob(), clockJob({ name: 'held' }), clockJob({ name: 'bad', run: failing(away) })];
    const one = startClockwork(db, entries, { now: '2026-11-19T09:00:00Z' });
    await runOnce(one);
    await one.work({ all: true });
    await one.work({ all: true });
    await one.work({ all: true });
    await one.pauses.pause('held', { by: null, now: one.now() });
    one.set('2026-11-20T09:14:00Z');
    await one.watch();
    await one.watch();
    one.pass(300_000);
    one.set('2026-11-20T09:14:00Z');
    await one.watch();
    await one.watch();
    expect(one.told.filter((text) => text.startsWith('⏰'))).toEqual([]);
  });

  test('sees a run that nobody begins: the job worker is dead', async () => {
    const one = startClockwork(db, [clockJob()], { now: NOW });
    one.pass(300_000);
    await one.tick();
    await db.db.execute(sql`update job_runs set claimed_at = now() - interval '16 minutes'`);
    await db.db.execute(sql`update graphile_worker._private_jobs set run_at = now() - interval '16 minutes'`);
    await one.watch();
    await one.watch();
    expect(one.told).toEqual([expect.stringContaining('⏰ The job morning')]);
    await one.work();
    await one.watch();
    expect(one.told).toHaveLength(2);
  });
});

test('old runs are forgotten after as many days as the schedule says; the last of each job is kept', async () => {
  const timings = [
    { name: 'often', keptDays: 7 },
    { name: 'daily', keptDays: 400 },
  ];
  const days = [1, 6, 8, 399, 401, 500];
  for (const job of ['often', 'daily', 'daily:-1', 'gone']) {
    for (const age of days) {
      await db.db.execute(
        sql`insert into job_runs (job, slot, outcome) values (${job}, ${NOW}::timestamptz - make_interval(days => ${age}), 'done')`,
      );
    }
  }
  await db.db.execute(sql`insert into job_runs (job, slot, outcome) values ('once', '2020-01-01', 'done')`);
  const one = startClockwork(db, [], { now: NOW });
  const prune = createPruneJobRuns({ timings, runs: one.runs });
  const run: JobRun = {
    job: 'prune-job-runs',
    slot: one.now(),
    chatId: undefined,
    isLate: false,
    now: one.now(),
    signal: new AbortController().signal,
  };
  expect(await prune(run)).toMatchObject({ outcome: 'done', figures: { rows: 4 + 6 } });
  const left = await db.db.execute(sql`select job, count(*)::int as n from job_runs group by job order by job`);
  expect(left.map(({ job, n }) => `${job} ${n}`)).toEqual(['daily 4', 'daily:-1 4', 'gone 4', 'often 2', 'once 1']);
});

describe('a job of several parts', () => {
  const given: JobRun = {
    job: 'export-job',
    slot: new Date(NOW),
    chatId: undefined,
    isLate: false,
    now: new Date(NOW),
    signal: new AbortController().signal,
  };
  const whenEmpty = 'No export is set up.';

  test('without any is skipped, and says so', async () => {
    expect(await createPartsJob([], { whenEmpty })(given)).toEqual({ outcome: 'skipped', words: whenEmpty });
  });

  test('runs each, and one that fails fails the job but keeps no other from running', async () => {
    const ran: string[] = [];
    const part = (name: string) => ({
      name,
      run: async () => {
        ran.push(name);
        return DONE(given);
      },
    });
    const bad = { name: 'bad', run: failing(away) };
    await expect(createPartsJob([part('a'), bad, part('b')], { whenEmpty })(given)).rejects.toThrow('does not answer');
    expect(ran).toEqual(['a', 'b']);
    expect(await createPartsJob([part('a')], { whenEmpty })(given)).toMatchObject({
      outcome: 'done',
      words: 'a: done',
    });
  });
});
