import { setTimeout as wait } from 'node:timers/promises';
import { type Bot, GrammyError } from 'grammy';
import type { Logger } from '../lib/logger.ts';
import type { BotContext } from './bot-context.ts';
import { describeTelegramError } from './telegram-errors.ts';
import { createUpdateGate, type UpdateGate } from './update-gate.ts';

export type Polling = {
  /** Lets the running update finish, confirms what was dealt with, and stops. May be called again. */
  stop(): Promise<void>;
  /** Why updates are not being fetched; undefined while they are. */
  health(): string | undefined;
};

/** A second copy of the bot is often just the old one going away (deployment); after this long it is a mistake. */
const CONFLICT_LIMIT_MS = 60_000;
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const LONG_POLL_SECONDS = 30;
/** A long poll and a few of grammY's silent repetitions. */
const SILENCE_LIMIT_MS = 45_000;
/** A Telegram that does not answer must not hold up a stop; what was not confirmed comes again and changes nothing. */
const CONFIRM_LIMIT_MS = 5_000;

/** grammY's loop came to its end though nobody stopped it and nothing failed. */
class PollingEnded extends Error {
  override readonly name = 'PollingEnded';
}

/**
 * grammY's sequential polling, kept alive. A failure that ends it (the database is away, Telegram answers 409) is
 * followed by a new bot over the same services: a new one asks again for everything that was not confirmed.
 * `onFatal` is called once when going on makes no sense; the process should then end with this sentence.
 */
export function startPolling(options: {
  createBot: (gate: UpdateGate) => Bot<BotContext>;
  allowedUpdates: readonly Exclude<keyof BotContext['update'], 'update_id'>[];
  /** Awaited when Telegram has accepted the token, before the first update is fetched. */
  onAccepted?: () => Promise<void>;
  onFatal: (sentence: string) => void;
  logger: Logger;
  /** How long another program may fetch our updates before that is a mistake. */
  conflictLimitMs?: number;
}): Polling {
  const { createBot, allowedUpdates, onAccepted, onFatal, logger, conflictLimitMs = CONFLICT_LIMIT_MS } = options;
  const stopping = new AbortController();
  let current: { bot: Bot<BotContext>; gate: UpdateGate } | undefined;
  let reason: string | undefined = 'not started yet';
  /** When Telegram last answered a long poll; grammY repeats those that fail without a word. */
  let answeredAt = performance.now();
  let pause = SHORTEST_PAUSE_MS;
  let conflictSince: number | undefined;
  let isOver = false;

  /** An answered long poll ends every trouble: only it proves that updates come. */
  function watchLongPolls(bot: Bot<BotContext>): void {
    bot.api.config.use(async (call, method, payload, signal) => {
      const answer = await call(method, payload, signal);
      if (method === 'getUpdates' && answer.ok) {
        answeredAt = performance.now();
        pause = SHORTEST_PAUSE_MS;
        conflictSince = undefined;
        if (!isOver && !stopping.signal.aborted) reason = undefined;
      }
      return answer;
    });
  }

  async function runOnce(): Promise<void> {
    const gate = createUpdateGate();
    const bot = createBot(gate);
    current = { bot, gate };
    watchLongPolls(bot);
    try {
      // `start` would ask too, but silently, without an end, and after a long outage every 20 minutes only.
      bot.botInfo = await bot.api.getMe(asGrammySignal(stopping.signal));
      await onAccepted?.();
      if (stopping.signal.aborted) return;
      await bot.start({
        timeout: LONG_POLL_SECONDS,
        allowed_updates: allowedUpdates,
        onStart: () => {
          // Telegram says only to a long poll whether the other program has gone.
          if (conflictSince === undefined) reason = undefined;
          answeredAt = performance.now();
          logger.info({ bot: bot.botInfo.username }, 'listening to Telegram');
        },
      });
      if (!stopping.signal.aborted) throw new PollingEnded('polling ended without a failure');
    } finally {
      await confirm(bot, gate);
    }
  }

  /** When polling ended in the middle of a batch, what was dealt with is confirmed, so that it does not come again. */
  async function confirm(bot: Bot<BotContext>, gate: UpdateGate): Promise<void> {
    const handled = gate.lastHandledId();
    if (handled === undefined) return;
    const limit = asGrammySignal(AbortSignal.timeout(CONFIRM_LIMIT_MS));
    await bot.api.getUpdates({ offset: handled + 1, limit: 1, timeout: 0 }, limit).catch((error: unknown) => {
      logger.debug({ err: error }, 'handled updates were not confirmed; they come again and change nothing');
    });
  }

  function giveUp(sentence: string): void {
    isOver = true;
    onFatal(sentence);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await runOnce();
      } catch (error) {
        if (stopping.signal.aborted) return;
        reason = describeTelegramError(error);
        if (error instanceof PollingEnded) {
          return giveUp(
            'Fetching updates from Telegram ended by itself, which is a bug. Nothing is lost: what came meanwhile is handled after the next start.',
          );
        }
        const code = error instanceof GrammyError ? error.error_code : undefined;
        if (code === 401 || code === 404) {
          return giveUp(
            'Telegram does not know this BOT_TOKEN (any more). Get a valid one from @BotFather and put it into .env.',
          );
        }
        if (code === 409) {
          conflictSince ??= performance.now();
          if (performance.now() - conflictSince > conflictLimitMs) {
            return giveUp(
              'Another program fetches the updates of this bot (409 from Telegram). Stop it, or use another token.',
            );
          }
        } else {
          conflictSince = undefined;
        }
        logger.error({ err: error, pauseMs: pause }, 'polling ended; starting again');
        await wait(pause + Math.random() * 250, undefined, { signal: stopping.signal }).catch(() => {});
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  const done = run();
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    stopping.abort();
    reason = 'stopping';
    const isBusy = await current?.gate.close();
    // `bot.stop` confirms the update that was tried last, also one that failed; so it is only for a bot that waits.
    if (!isBusy && current?.bot.isRunning()) {
      const confirmed = current.bot.stop().catch((error: unknown) => {
        logger.debug({ err: error }, 'the last confirmation failed');
      });
      await Promise.race([confirmed, wait(CONFIRM_LIMIT_MS, undefined, { ref: false })]);
    }
    await done;
  }

  return {
    stop() {
      stopped ??= stop();
      return stopped;
    },
    health() {
      const silentMs = performance.now() - answeredAt;
      const silence =
        silentMs > SILENCE_LIMIT_MS ? `no answer from Telegram for ${Math.round(silentMs / 1000)} s` : undefined;
      return reason ?? silence;
    },
  };
}

/** grammY's type is that of a polyfill; Node's own signal is what it gets and needs. */
function asGrammySignal(signal: AbortSignal) {
  return signal as Parameters<Bot['init']>[0];
}
