import type { Middleware } from 'grammy';
import type { Clock } from '../lib/clock.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { BotContext } from './bot-context.ts';

/** First step of every update: when it came. The one place on its way that asks a clock. */
export function receive({ clock, answerTap }: { clock: Clock; answerTap: AnswerTap }): Middleware<BotContext> {
  return async (ctx, next) => {
    const started = performance.now();
    ctx.receivedAt = clock.now();
    ctx.elapsedMs = () => performance.now() - started;
    ctx.answerTap = (answer) => answerTap(ctx, answer);
    await next();
  };
}
