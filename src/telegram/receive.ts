import type { Middleware } from 'grammy';
import type { Clock } from '../lib/clock.ts';
import type { BotContext } from './bot-context.ts';

/** First step of every update: when it came. The one place on its way that asks a clock. */
export function receive({ clock }: { clock: Clock }): Middleware<BotContext> {
  return async (ctx, next) => {
    const started = performance.now();
    ctx.receivedAt = clock.now();
    ctx.elapsedMs = () => performance.now() - started;
    await next();
  };
}
