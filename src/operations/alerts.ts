import { isDatabaseFailure } from '../db/database-errors.ts';
import type { AlertKey, AlertNews } from '../lib/alert-news.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { AdminNotices } from './admin-notices.ts';
import { alertMessages, alertWords } from './alerts-messages.ts';
import type { AlertClaim, AlertRepository, AlertRow, AlertSubject } from './alerts-repository.ts';
import { createUnwrittenAlerts } from './alerts-unwritten.ts';

export type Alerts = ReturnType<typeof createAlerts>;

/**
 * What is wrong with the bot and its teams, told to the admins by change only: one message when something becomes wrong,
 * one when it is over. The state is a row (`alerts`), so a restart repeats nothing and two processes tell once; what nobody
 * could be told stays to be told. While the database is away the state is kept in memory and told all the same.
 *
 * A telling of which nobody knows whether it arrived (Telegram's answer lost, the process killed) is repeated after two
 * minutes with a label. That is the one way in which something may be said twice.
 */
export function createAlerts(dependencies: {
  alerts: AlertRepository;
  notices: Pick<AdminNotices, 'tell' | 'prepare'>;
  timeZone: string;
  clock: Clock;
  logger: Logger;
}) {
  const { alerts, notices, timeZone, clock, logger } = dependencies;
  const unwritten = createUnwrittenAlerts({ alerts, notices, timeZone, clock, logger });
  /** Told, but that could not be written down. */
  let unmarked: { claims: readonly AlertClaim[]; at: Date }[] = [];
  /** Tellings one after the other: what becomes wrong first is said first. */
  let telling: Promise<void> = Promise.resolve();

  const subjectOf = ({ key, chatId }: AlertKey): AlertSubject => ({ name: key, chatId });

  /** Writes a change, or keeps it until something can be written again. Returns whether it was news. */
  async function change(write: () => Promise<boolean>, keep: () => Promise<boolean>): Promise<boolean> {
    try {
      await unwritten.writeDown();
      const isNews = await write();
      if (isNews) await tellPending();
      unwritten.remember(await alerts.open());
      return isNews;
    } catch (error) {
      if (!isDatabaseFailure(error)) throw error;
      return keep();
    }
  }

  async function markUnmarked(): Promise<void> {
    for (const { claims, at } of unmarked) await alerts.markTold(claims, at);
    unmarked = [];
  }

  async function tellNow(): Promise<void> {
    await markUnmarked();
    const now = clock.now();
    const claims = await alerts.claim(now);
    for (const message of alertMessages(claims, timeZone, now)) {
      const result = await notices.tell(message.text);
      if (result === 'unknown') continue;
      if (result === 'nobody') await alerts.release(message.claims);
      else {
        unmarked.push({ claims: message.claims, at: now });
        await markUnmarked();
      }
    }
  }

  /** Tells what there is to tell. Throws when the database fails; what was told by then is not told again. */
  function tellPending(): Promise<void> {
    const next = telling.then(tellNow);
    telling = next.catch(() => {});
    return next;
  }

  return {
    /**
     * It is wrong. Tells the admins when that is news, and returns whether it was; does nothing when it was known. Returns
     * after the message was tried to be sent, so never call it inside a transaction. Throws for bugs only: what cannot be
     * written or told now is kept.
     */
    raise(news: AlertNews & { detail?: Record<string, unknown> }): Promise<boolean> {
      const { detail = {}, heldUntil, isTold = false } = news;
      const alert = { ...subjectOf(news), words: alertWords(news.text), now: clock.now() };
      logger.debug({ alert: alert.name, chatId: alert.chatId, detail }, 'something is wrong');
      return change(
        () => alerts.raise({ ...alert, detail, heldUntil, isTold }),
        () => unwritten.raise({ ...alert, isTold }),
      );
    },

    /** It is not, or no longer, wrong. As `raise`. */
    clear(news: AlertNews): Promise<boolean> {
      const { heldUntil, isTold = false } = news;
      const alert = { ...subjectOf(news), words: alertWords(news.text), now: clock.now() };
      return change(
        () => alerts.clear({ ...alert, heldUntil, isTold }),
        () => unwritten.clear({ ...alert, isTold }),
      );
    },

    /** Whether it is wrong now. While the database is away: as far as this process knows. */
    async isRaised(key: AlertKey): Promise<boolean> {
      try {
        await unwritten.writeDown();
        return await alerts.isRaised(subjectOf(key));
      } catch (error) {
        if (!isDatabaseFailure(error)) throw error;
        return unwritten.isRaised(subjectOf(key));
      }
    },

    /** Everything that is wrong now, the oldest first. Throws when the database fails. */
    async raised(): Promise<AlertRow[]> {
      await unwritten.writeDown();
      return alerts.raised();
    },

    /**
     * The clock's look, every half minute: tells what could not be told before, or had to wait for the end of quiet hours.
     * A database that is away is no failure here: what is known without it is told.
     */
    async tellWaiting(): Promise<void> {
      try {
        await unwritten.writeDown();
        await notices.prepare();
        unwritten.remember(await alerts.open());
        await tellPending();
      } catch (error) {
        if (!isDatabaseFailure(error)) throw error;
        await unwritten.tell();
      }
    },

    /** Forgets alerts without a word: what they were about is gone, or an admin does not want to hear of it. */
    forget: alerts.forget,

    /** Forgets what was over, and told, before then. */
    prune: alerts.prune,
  };
}
