import { isDatabaseFailure } from '../db/database-errors.ts';
import type { Clock } from '../lib/clock.ts';
import { duration } from '../telegram/local-time.ts';
import { bold, lines } from '../telegram/text.ts';
import type { Alerts } from './alerts.ts';

/** Unanswered looks in a row before a word is said: a server that is restarted is back within seconds. */
const FAILED_LOOKS = 2;

const KEY = 'database';

export type DatabaseWatch = ReturnType<typeof createDatabaseWatch>;

/**
 * Says once that the database is away, and once that it is back and how long it was away. Nothing can be written
 * meanwhile, so the alert is kept in memory (alerts-unwritten.ts); a process that ends before the database is back does
 * not say the second.
 */
export function createDatabaseWatch(dependencies: {
  ping: () => Promise<void>;
  alerts: Pick<Alerts, 'raise' | 'clear' | 'isRaised'>;
  clock: Clock;
}) {
  const { ping, alerts, clock } = dependencies;
  let failed = 0;
  let awaySince: Date | undefined;
  /** A process that died after it had written the alert down, and before it wrote its end, left it raised. */
  let isFirst = true;

  async function answers(): Promise<boolean> {
    try {
      await ping();
      return true;
    } catch (error) {
      if (!isDatabaseFailure(error)) throw error;
      return false;
    }
  }

  return {
    /** One look; every fifteen seconds. */
    async look(): Promise<void> {
      const now = clock.now();
      if (await answers()) {
        if (failed >= FAILED_LOOKS && awaySince) {
          const lasted = duration(now.getTime() - awaySince.getTime());
          await alerts.clear({ key: KEY, text: lines(`✅ The database is back; it was away for ${lasted}.`) });
        } else if (isFirst && (await alerts.isRaised({ key: KEY }))) {
          await alerts.clear({ key: KEY, text: '✅ The database is back.' });
        }
        isFirst = false;
        failed = 0;
        awaySince = undefined;
        return;
      }
      failed += 1;
      awaySince ??= now;
      if (failed !== FAILED_LOOKS) return;
      await alerts.raise({
        key: KEY,
        text: lines(
          bold('🔴 The database does not answer.'),
          'What is sent and tapped waits at Telegram (taps for 150 seconds) until it does. I say when it is back.',
        ),
      });
    },
  };
}
