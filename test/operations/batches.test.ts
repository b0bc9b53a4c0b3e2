import { expect, onTestFinished, test, vi } from 'vitest';
import { userInteractions } from '../../src/db/schema/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { healthOf, originOf } from '../support/bot-process.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { startProcessTeam } from '../support/process-team.ts';
import { startTeam } from '../support/team.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 60_000 });

test('T27: of a batch of 100 updates in which number 37 meets a bug 99 are handled, it is recorded with its stack, and the admin is told once', async () => {
  const logger = silentLogger();
  const logged = vi.spyOn(logger, 'error');
  const team = await startTeam({ logger });
  onTestFinished(team.stop);
  const { alice, bob, telegram, services } = team;
  // Where notices to the admins arrive.
  alice.send(alice.privateChat, '/start');
  await team.settle();
  await team.stopBot();
  services.queue.summary = () => Promise.reject(new TypeError('a bug'));
  for (let number = 1; number <= 100; number += 1) bob.send(bob.privateChat, number === 37 ? '/queue' : '/help');
  const failed = telegram.pendingUpdates()[36]?.update_id;
  team.startBot();
  await team.settle();

  const rows = await team.test.db.select().from(userInteractions);
  const done = { interactionName: '/help', context: expect.objectContaining({ outcome: 'done' }) };
  expect(rows.filter(({ interactionName }) => interactionName === '/help')).toMatchObject(Array(99).fill(done));
  const bugs = rows.filter(({ interactionName }) => interactionName === '/queue');
  expect(bugs).toMatchObject([
    {
      context: {
        outcome: 'failed',
        error: { type: 'TypeError', stack: expect.stringMatching(/^at /) },
      },
    },
  ]);
  expect(logged.mock.calls).toMatchObject([[{ err: new TypeError('a bug'), updateId: failed }, 'an update failed']]);
  const answers = telegram.messages(bob.privateChat).flatMap(({ from, text }) => (from?.is_bot && text ? [text] : []));
  expect(answers).toHaveLength(100);
  expect(answers[36]).toMatch(/^Sorry, something went wrong/);

  // The same bug again is news to nobody.
  bob.send(bob.privateChat, '/queue');
  await team.settle();
  const notices = telegram.messages(alice.privateChat).filter(({ text }) => text?.startsWith('⚠️ I have a bug'));
  expect(notices.map(({ text }) => text)).toEqual([expect.stringContaining(`TypeError, update ${failed} in the log`)]);
});

test('T28: when the database goes away at number 37 of 100 updates, the rest stay at Telegram and are handled when it is back, each once', async () => {
  const team = await startProcessTeam();
  const proxy = await openDatabaseProxy(team.test.target);
  const { telegram, bob } = team;
  for (let number = 1; number <= 100; number += 1) bob.send(bob.privateChat, `/help ${number}`);
  const ids = telegram.pendingUpdates().map(({ update_id }) => update_id);
  let answered = 0;
  // Number 36 is being answered when the database goes away.
  void team.meet('sendMessage', { delayMs: 1 }, ({ chat_id }) => {
    if (Number(chat_id) === bob.id) answered += 1;
    if (answered === 36) proxy.close();
    return false;
  });
  const bot = await team.start({ DATABASE_URL: proxy.url() });
  await bot.waitForLine('polling ended; starting again');
  const waiting = telegram.pendingUpdates().map(({ update_id }) => update_id);
  expect(waiting).toEqual(ids.slice(-waiting.length));
  expect(waiting).toContain(ids[36]);
  expect(await healthOf(await originOf(bot))).toMatchObject({ code: 503 });

  const back = performance.now();
  proxy.open();
  await until(async () => (telegram.pendingUpdates().length === 0 ? [true] : []), 30_000);
  await telegram.idle({ timeoutMs: 20_000 });
  expect(performance.now() - back).toBeLessThan(150_000);
  const recorded = await team.rows(
    `select count(*)::int as rows, count(distinct delivery_key)::int as keys from user_interactions where interaction_name = '/help'`,
  );
  const unrecorded = bot.output().split('an interaction could not be recorded').length - 1;
  // The row of the one that was just answered may be what was cut; the log says so then.
  expect(unrecorded).toBeLessThanOrEqual(1);
  expect(recorded).toEqual([{ rows: 100 - unrecorded, keys: 100 - unrecorded }]);
});
