import { Bot } from 'grammy';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/lib/logger.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import type { BotContext } from '../../src/telegram/bot-context.ts';
import { type Polling, startPolling } from '../../src/telegram/polling.ts';

const CONFLICT = { error: { code: 409, description: 'Conflict: terminated by other getUpdates request' } };

let telegram: Simulator;
let polling: Polling | undefined;
beforeEach(async () => {
  telegram = await startSimulator();
});
afterEach(async () => {
  await polling?.stop();
  await telegram.stop();
});

/** Polls with a bot that hears everything; resolves with the sentence with which it gives up. */
function start(options: { conflictLimitMs?: number; onBot?: (bot: Bot<BotContext>) => void } = {}) {
  const fatal = Promise.withResolvers<string>();
  const onFatal = vi.fn(fatal.resolve);
  const started = startPolling({
    createBot: (gate) => {
      const bot = new Bot<BotContext>(telegram.token, { client: { apiRoot: telegram.apiRoot } });
      bot.use(gate.middleware);
      options.onBot?.(bot);
      return bot;
    },
    allowedUpdates: ['message'],
    onFatal,
    logger: silentLogger(),
    ...(options.conflictLimitMs === undefined ? {} : { conflictLimitMs: options.conflictLimitMs }),
  });
  polling = started;
  return { polling: started, fatal: fatal.promise, onFatal };
}

test('T18: a second program that stays is told as the cause after the limit; until then health is red throughout', async () => {
  telegram.arm('getUpdates', CONFLICT, { times: 1000 });
  const run = start({ conflictLimitMs: 1000 });
  await telegram.waitForCall('getUpdates');
  await vi.waitFor(() => expect(run.polling.health()).toContain('409'));
  const heard: (string | undefined)[] = [];
  const watch = setInterval(() => heard.push(run.polling.health()), 2);
  const sentence = await run.fatal;
  clearInterval(watch);
  expect(sentence).toBe(
    'Another program fetches the updates of this bot (409 from Telegram). Stop it, or use another token.',
  );
  // Also while it tries again.
  expect(telegram.calls('getMe').length).toBeGreaterThan(1);
  expect(new Set(heard)).toEqual(new Set([expect.stringContaining('409')]));
  expect(run.onFatal).toHaveBeenCalledTimes(1);
});

test('T18: a conflict that ends before the limit begins anew the next time', async () => {
  telegram.arm('getUpdates', CONFLICT, { times: 1 });
  const run = start({ conflictLimitMs: 100 });
  const alice = telegram.createPerson({ first_name: 'Alice' });
  await vi.waitFor(() => expect(run.polling.health()).toContain('409'));
  alice.send(alice.privateChat, 'hello');
  await vi.waitFor(() => expect(run.polling.health()).toBeUndefined(), { timeout: 5000 });
  expect(run.onFatal).not.toHaveBeenCalled();
});

test('T16: a revoked token ends polling at once, with one call', async () => {
  telegram.arm('*', { error: { code: 401, description: 'Unauthorized' } }, { times: 1000 });
  const run = start();
  expect(await run.fatal).toMatch(/^Telegram does not know this BOT_TOKEN/);
  expect(telegram.calls('getMe')).toHaveLength(1);
  expect(run.polling.health()).toContain('401');
});

test('polling that ends by itself is a bug: health is red and the process is told to end', async () => {
  const bots: Bot<BotContext>[] = [];
  const run = start({ onBot: (bot) => bots.push(bot) });
  await vi.waitFor(() => expect(run.polling.health()).toBeUndefined());
  await bots[0]?.stop();
  expect(await run.fatal).toMatch(/^Fetching updates from Telegram ended by itself, which is a bug\./);
  expect(run.polling.health()).toBe('PollingEnded');
  expect(bots).toHaveLength(1);
});
