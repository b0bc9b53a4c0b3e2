import { setTimeout as wait } from 'node:timers/promises';
import type { Counters } from '../lib/counters.ts';
import type { Logger } from '../lib/logger.ts';
import type { BotContext } from './bot-context.ts';
import { classifyTelegramError } from './telegram-errors.ts';

export type AnswerTap = (ctx: BotContext, answer: { text: string; show_alert: boolean }) => Promise<void>;

/** An answer that Telegram asks to wait for is repeated once if that is soon; later nobody looks at the toast any more. */
const MAX_WAIT_SECONDS = 2;

/**
 * Answers taps with a toast or an alert. Never throws for Telegram's sake: an answer that comes too late or is refused
 * must not disturb what the tap has done (matrix T08, T13). Such answers are logged and counted; one retry at most.
 */
export function createAnswerTap({ logger, counters }: { logger: Logger; counters: Counters }): AnswerTap {
  return async (ctx, answer) => {
    for (const isRetry of [false, true]) {
      try {
        await ctx.answerCallbackQuery(answer);
        return;
      } catch (error) {
        const failure = classifyTelegramError(error);
        if (!failure) throw error;
        if (failure.kind === 'wait' && failure.seconds <= MAX_WAIT_SECONDS && !isRetry) {
          await wait(failure.seconds * 1000);
          continue;
        }
        counters.add(`tap_unanswered_${failure.kind}`);
        logger.warn({ err: error, failure: failure.kind }, 'a tap was not answered');
        return;
      }
    }
  };
}
