import { setTimeout as wait } from 'node:timers/promises';
import { classifyTelegramError } from './telegram-errors.ts';

/** Before each further attempt. One cut connection is mended by the first; Telegram in trouble may need the second. */
const PAUSES_MS = [200, 800];
/** A person waits, and everybody behind them. A call that ran into its time limit (call-limits.ts) is not made again. */
const PATIENCE_MS = 5_000;

/**
 * Asks Telegram something, and again when nobody knows what it said (cut connection, 5xx): at most three times, and not
 * after five seconds. Only for questions, which change nothing however often they are asked. Throws the last failure.
 */
export async function askAgain<T>(ask: () => Promise<T>): Promise<T> {
  const started = performance.now();
  for (const pause of PAUSES_MS) {
    try {
      return await ask();
    } catch (error) {
      const isUnknown = classifyTelegramError(error)?.kind === 'unknown_outcome';
      if (!isUnknown || performance.now() - started > PATIENCE_MS) throw error;
    }
    await wait(pause);
  }
  return ask();
}
