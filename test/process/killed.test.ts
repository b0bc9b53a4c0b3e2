import type { Message } from 'grammy/types';
import { expect, test, vi } from 'vitest';
import { isRunning } from '../../src/db/proc.ts';
import { type ProcessTeam, startProcessTeam } from '../support/process-team.ts';
import { until } from '../support/until.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Longer than any test: the call hangs until the process that made it is gone. */
const HANGS = { delayMs: 600_000 };

const DECISIONS = `select d.decision, d.undone_at, u.first_name as by from decisions d join users u on u.id = d.user_id`;
const TAPS = `select interaction_name as name, context->>'outcome' as outcome from user_interactions
  where interaction_type = 'callback' order by created_at`;

function captionOf(team: ProcessTeam, card: Message): string {
  return team.now(card).caption ?? '';
}

test('T05 a decision whose process is killed before the answer stands, and the card shows it within 10 s', async () => {
  const team = await startProcessTeam();
  const { telegram, bob, alice } = team;
  const bot = await team.start();
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  const isAnswering = team.meet('answerCallbackQuery', HANGS);
  const isEditing = team.meet('editMessageCaption', HANGS);
  // The next fetch is cut, so the tap is not confirmed either and comes again: the hardest case.
  telegram.arm('getUpdates', { cut: 'before' });
  const answer = bob.press(card, 'Posted');
  await Promise.all([isAnswering, isEditing]);
  expect(await team.rows(DECISIONS)).toEqual([{ decision: 'posted', undone_at: null, by: 'Bob' }]);
  bot.kill('SIGKILL');
  await bot.ended();
  expect(captionOf(team, card)).toBe(card.caption);
  expect(telegram.pendingUpdates()).toHaveLength(1);

  const before = performance.now();
  await team.start();
  await telegram.waitFor(() => captionOf(team, card).includes('Posted by Bob'), { timeoutMs: 10_000 });
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(await answer).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  await telegram.idle({ timeoutMs: 20_000 });
  expect(await team.rows(DECISIONS)).toHaveLength(1);
  expect(await team.rows(TAPS)).toEqual([{ name: 'posted', outcome: 'done' }]);
  expect(await team.rows('select times_posted from media_items')).toEqual([{ times_posted: 1 }]);
  expect(await team.rows('select reason from media_locks')).toEqual([{ reason: 'recent_post' }]);
  expect(await alice.press(team.now(card), 'Undo')).toMatchObject({ text: expect.stringContaining('Undone') });
});

test('T05 a card that was behind when the process was killed is brought up to date though no update comes', async () => {
  const team = await startProcessTeam();
  const bot = await team.start();
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  const isEditing = team.meet('editMessageCaption', HANGS);
  await team.bob.press(card, 'Skip');
  await isEditing;
  await team.telegram.idle({ timeoutMs: 20_000 });
  bot.kill('SIGKILL');
  await bot.ended();

  await team.start();
  await team.telegram.waitFor(() => captionOf(team, card).includes('Skipped by Bob'), { timeoutMs: 10_000 });
  expect(await team.rows(TAPS)).toEqual([{ name: 'skip', outcome: 'done' }]);
});

test('T06 a tap whose process is killed before the commit comes again and is applied once', async () => {
  const team = await startProcessTeam();
  const bot = await team.start();
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  await team.test.db.execute(`
    create function wait_here() returns trigger language plpgsql as 'begin perform pg_sleep(9); return new; end'`);
  await team.test.db.execute(
    'create trigger wait_here before insert on decisions for each row execute function wait_here()',
  );
  const answer = team.bob.press(card, 'Posted');
  const [waiting] = await until(() =>
    team.rows(`select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`),
  );
  bot.kill('SIGKILL');
  await bot.ended();
  // What a power cut does too: a server that lives on would carry the statement out to its end.
  await team.rows(`select pg_terminate_backend(${Number(waiting?.pid)})`);
  await until(() =>
    team.rows(
      `select 1 where not exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database())`,
    ),
  );
  await team.test.db.execute('drop trigger wait_here on decisions');
  expect(await team.rows(DECISIONS)).toEqual([]);
  expect(team.telegram.pendingUpdates()).toHaveLength(1);

  await team.start();
  expect(await answer).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  await team.telegram.waitFor(() => captionOf(team, card).includes('Posted by Bob'), { timeoutMs: 10_000 });
  expect(await team.rows(DECISIONS)).toEqual([{ decision: 'posted', undone_at: null, by: 'Bob' }]);
  expect(await team.rows(TAPS)).toEqual([{ name: 'posted', outcome: 'done' }]);
});

test('T29 SIGTERM lets a handler of 1.5 s finish, confirms its update and leaves those behind it to the next start', async () => {
  const team = await startProcessTeam();
  const { telegram, alice, bob, dana } = team;
  for (const person of [alice, bob, dana]) person.send(person.privateChat, '/help');
  const [first, ...behind] = telegram.pendingUpdates().map(({ update_id }) => update_id);
  const isAnswering = team.meet('sendMessage', { delayMs: 1500 }, ({ chat_id }) => Number(chat_id) === alice.id);
  const bot = await team.start();
  await isAnswering;
  expect(telegram.pendingUpdates()[0]?.update_id).toBe(first);
  bot.kill('SIGTERM');
  const since = performance.now();
  expect(await bot.ended()).toEqual({ code: 0, signal: null });
  expect(performance.now() - since).toBeLessThan(20_000);
  expect(isRunning(bot.pid)).toBe(false);
  expect(telegram.messages(alice.privateChat)).toHaveLength(2);
  expect(telegram.pendingUpdates().map(({ update_id }) => update_id)).toEqual(behind);
  expect(telegram.messages(bob.privateChat)).toHaveLength(1);

  await team.start();
  await telegram.idle({ timeoutMs: 20_000 });
  expect(telegram.pendingUpdates()).toEqual([]);
  for (const person of [alice, bob, dana]) {
    const { length } = await telegram.waitFor(
      () => telegram.messages(person.privateChat)[1] && telegram.messages(person.privateChat),
    );
    expect(length).toBe(2);
  }
  expect(
    await team.rows(`select interaction_name as name, count(*)::int as rows from user_interactions
    where interaction_type = 'command' group by 1`),
  ).toEqual([{ name: '/help', rows: 3 }]);
});

test('T29 SIGTERM during a handler with nothing behind it ends the process as soon as the handler has finished', async () => {
  const team = await startProcessTeam();
  const { telegram, alice } = team;
  const bot = await team.start();
  const isAnswering = team.meet('sendMessage', { delayMs: 1500 });
  alice.send(alice.privateChat, '/help');
  await isAnswering;
  bot.kill('SIGTERM');
  expect(await bot.ended({ timeoutMs: 10_000 })).toEqual({ code: 0, signal: null });
  expect(telegram.messages(alice.privateChat)).toHaveLength(2);
  expect(telegram.pendingUpdates()).toEqual([]);
});

test('SIGTERM while a tap fails for want of the database leaves the tap to the next start', async () => {
  const team = await startProcessTeam();
  const bot = await team.start();
  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  await team.test.db.execute(`
    create function fail_late() returns trigger language plpgsql as
    'begin perform pg_sleep(0.5); raise exception ''no disk'' using errcode = ''53100''; end'`);
  await team.test.db.execute(
    'create trigger fail_late before insert on decisions for each row execute function fail_late()',
  );
  const answer = team.bob.press(card, 'Posted');
  await until(() =>
    team.rows(`select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`),
  );
  bot.kill('SIGTERM');
  expect(await bot.ended()).toEqual({ code: 0, signal: null });
  await team.test.db.execute('drop trigger fail_late on decisions');
  expect(team.telegram.pendingUpdates()).toHaveLength(1);

  await team.start();
  expect(await answer).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  expect(await team.rows(DECISIONS)).toHaveLength(1);
});
