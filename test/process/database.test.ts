import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { migrate } from '../../src/db/migrate.ts';
import { isRunning } from '../../src/db/proc.ts';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { healthOf, originOf, PROJECT, startMain, temporaryFolder } from '../support/bot-process.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { dataDirectory } from '../support/embedded.ts';
import { startProcessTeam } from '../support/process-team.ts';
import { until } from '../support/until.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const DECISIONS = 'select decision from decisions';

test('D01 all backends of the bot are ended while taps run: no crash, every tap settled once, healthy after', async () => {
  const team = await startProcessTeam();
  const { telegram, alice, bob, dana } = team;
  const bot = await team.start();
  const cards = await team.cards(12);
  const origin = await originOf(bot);

  const answers = cards.flatMap((card) => [alice, bob, dana].map((person) => person.press(card, 'Posted')));
  let ended = 0;
  for (const decided of [2, 5, 8]) {
    await until(() => team.rows(`select 1 from decisions having count(*) >= ${decided}`));
    const killed = await team.rows(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name <> 'storyline tests' and backend_type = 'client backend'`);
    ended += killed.length;
  }
  // All there were the first time, and afterwards those that were opened again by then.
  expect(ended).toBeGreaterThan(4);
  const settled = await Promise.all(answers);
  expect(settled).not.toContain('expired');
  await telegram.idle({ timeoutMs: 20_000 });

  expect(await team.rows(DECISIONS)).toHaveLength(12);
  // The loser's row may be what was cut: it never holds up an answer, but then the log says so.
  const unrecorded = bot.output().split('an interaction could not be recorded').length - 1;
  expect(
    await team.rows(`select context->>'outcome' as outcome, count(*)::int as taps from user_interactions
      where interaction_type = 'callback' group by 1 order by 1`),
  ).toEqual([
    { outcome: 'done', taps: 12 },
    { outcome: 'noop', taps: 24 - unrecorded },
  ]);
  expect(unrecorded).toBeLessThanOrEqual(3);
  for (const card of cards) {
    await telegram.waitFor(() => team.now(card).caption?.includes('Posted by'), { timeoutMs: 10_000 });
  }
  expect(isRunning(bot.pid)).toBe(true);
  expect(await healthOf(origin)).toEqual({ code: 200, status: 'ok', database: 'ok', telegram: 'ok' });
  // Uploads go through the job worker, whose connections were ended too.
  const [next] = await team.cards(1);
  expect(next && (await bob.press(next, 'Skip'))).toMatchObject({ text: expect.stringMatching(/^Skipped/) });
  bot.kill('SIGTERM');
  expect(await bot.ended()).toEqual({ code: 0, signal: null });
});

test('D04 a decision that was committed, though its answer was lost on the way, has no double effect', async () => {
  const team = await startProcessTeam();
  const proxy = await openDatabaseProxy(team.test.target);
  await team.start({ DATABASE_URL: proxy.url() });
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  const isCommitted = proxy.swallowAnswerTo('insert into decisions');
  const answer = team.bob.press(card, 'Posted');
  await isCommitted;
  expect(await team.rows(DECISIONS)).toEqual([{ decision: 'posted' }]);

  expect(await answer).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  await team.telegram.waitFor(() => team.now(card).caption?.includes('Posted by Bob'), { timeoutMs: 10_000 });
  await team.telegram.idle({ timeoutMs: 20_000 });
  expect(await team.rows(DECISIONS)).toEqual([{ decision: 'posted' }]);
  expect(await team.rows('select times_posted from media_items')).toEqual([{ times_posted: 1 }]);
  expect(await team.rows('select reason from media_locks')).toEqual([{ reason: 'recent_post' }]);
  expect(
    await team.rows(`select context->>'outcome' as outcome from user_interactions where interaction_type = 'callback'`),
  ).toEqual([{ outcome: 'done' }]);
});

test('while the database is away taps stay at Telegram and /healthz says so; they are settled when it is back', async () => {
  const team = await startProcessTeam();
  const proxy = await openDatabaseProxy(team.test.target);
  const bot = await team.start({ DATABASE_URL: proxy.url() });
  const origin = await originOf(bot);
  const cards = await team.cards(2);
  proxy.close();
  const answers = cards.map((card) => team.bob.press(card, 'Skip'));
  await bot.waitForLine('polling ended; starting again');
  expect(await healthOf(origin)).toMatchObject({ code: 503, status: 'unhealthy' });
  expect(team.telegram.pendingUpdates()).toHaveLength(2);
  expect(bot.output()).not.toContain('a bug ended the process');

  proxy.open();
  for (const answer of await Promise.all(answers))
    expect(answer).toMatchObject({ text: expect.stringMatching(/^Skipped/) });
  await until(async () => ((await healthOf(origin)).code === 200 ? [true] : []));
  expect(await team.rows(DECISIONS)).toHaveLength(2);
});

test('the embedded server is started again when it is killed, and a tap then works', async () => {
  const team = await startProcessTeam();
  const dataDir = dataDirectory();
  const bot = await team.start({ DATABASE_URL: '', DATA_DIR: dataDir });
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  const before = serverPid(serverFolders(dataDir));
  expect(before).toBeDefined();
  process.kill(before ?? 0, 'SIGKILL');
  const answer = await team.bob.press(card, 'Posted');
  expect(answer).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  expect(serverPid(serverFolders(dataDir))).not.toBe(before);
  bot.kill('SIGTERM');
  expect(await bot.ended()).toEqual({ code: 0, signal: null });
  expect(serverPid(serverFolders(dataDir))).toBeUndefined();
  expect(isRunning(before ?? 0)).toBe(false);
});

describe('D02: after an immediate stop of the server the bot recovers within 30 s, and every tap is settled', () => {
  test.each(['embedded', 'external'])('%s', async (kind) => {
    const team = await startProcessTeam();
    const dataDir = dataDirectory();
    const outside = kind === 'external' ? await startEmbeddedServer({ dataDir, logger: silentLogger() }) : undefined;
    onTestFinished(() => outside?.stop());
    const where = outside?.connection;
    const DATABASE_URL = where
      ? `postgres://${where.user}@/${where.database}?host=${where.host}&port=${where.port}`
      : '';
    const bot = await team.start({ DATABASE_URL, DATA_DIR: dataDir });
    const origin = await originOf(bot);
    const cards = await team.cards(3);
    const answers = [cards[0], cards[1]].map((card) => card && team.bob.press(card, 'Posted'));
    const before = serverPid(serverFolders(dataDir)) ?? 0;
    // What `pg_ctl stop -m immediate` sends; whoever looks after the server starts it again.
    process.kill(before, 'SIGQUIT');
    const since = performance.now();
    answers.push(cards[2] && team.bob.press(cards[2], 'Posted'));
    for (const answer of await Promise.all(answers))
      expect(answer).toMatchObject({ text: expect.stringMatching(/^Posted/) });
    await until(async () => ((await healthOf(origin)).code === 200 ? [true] : []), 30_000);
    expect(performance.now() - since).toBeLessThan(30_000);
    expect(serverPid(serverFolders(dataDir))).not.toBe(before);
    expect(isRunning(bot.pid)).toBe(true);
    bot.kill('SIGTERM');
    expect(await bot.ended()).toEqual({ code: 0, signal: null });
  });
});

test('a database that comes up after the bot is waited for', async () => {
  const team = await startProcessTeam();
  const proxy = await openDatabaseProxy(team.test.target);
  proxy.close();
  const bot = startMain({ ...team.env, DATABASE_URL: proxy.url() }, { cwd: temporaryFolder() });
  await bot.waitForLine('the database does not answer yet; trying again');
  proxy.open();
  await bot.waitForLine('listening to Telegram');
  expect(await healthOf(await originOf(bot))).toMatchObject({ code: 200 });
});

test('D03: behind a half-open link /healthz is red, nothing is lost, and taps are settled when the link is whole', async () => {
  const team = await startProcessTeam();
  const proxy = await openDatabaseProxy(team.test.target);
  const bot = await team.start({ DATABASE_URL: proxy.url() });
  const origin = await originOf(bot);
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  proxy.blackHole();
  const answer = team.bob.press(card, 'Posted');
  expect(await healthOf(origin)).toMatchObject({ code: 503, database: 'OutsideError' });
  // 15 s for taps: ten for the server's own limit, five of grace.
  await bot.waitForLine('cut a silent connection', { timeoutMs: 25_000 });
  await bot.waitForLine('polling ended; starting again', { timeoutMs: 25_000 });
  expect(team.telegram.pendingUpdates()).toHaveLength(1);
  proxy.open();
  expect(await answer).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  await until(async () => ((await healthOf(origin)).code === 200 ? [true] : []), 30_000);
  expect(await team.rows(DECISIONS)).toEqual([{ decision: 'posted' }]);
});

test('D10: after a migration of a newer version has failed half-way, this version starts and works', async () => {
  const team = await startProcessTeam();
  const folder = temporaryFolder();
  cpSync(join(PROJECT, 'drizzle'), folder, { recursive: true });
  const journalFile = join(folder, 'meta', '_journal.json');
  const journal = z
    .object({ entries: z.array(z.looseObject({ idx: z.number(), when: z.number(), tag: z.string() })) })
    .loose()
    .parse(JSON.parse(readFileSync(journalFile, 'utf8')));
  const last = journal.entries.at(-1);
  if (!last) throw new Error('no migrations');
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag: '9999_newer' });
  writeFileSync(journalFile, JSON.stringify(journal));
  const newer = 'alter table decisions drop column source;--> statement-breakpoint\nselect 1 / 0;';
  writeFileSync(join(folder, '9999_newer.sql'), newer);
  const failure = await migrate(team.test.target, { logger: silentLogger(), folder }).catch((error: unknown) => error);
  expect(String(failure)).toMatch(/Migration 9999_newer of .* failed: division by zero\. Nothing was changed/);

  await team.start();
  const [card] = await team.cards(1);
  expect(card && (await team.bob.press(card, 'Skip'))).toMatchObject({ text: expect.stringMatching(/^Skipped/) });
});
