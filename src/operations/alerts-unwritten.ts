import type { AlertState } from '../db/schema/index.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { AdminNotices } from './admin-notices.ts';
import { alertText } from './alerts-messages.ts';
import type { AlertRepository, AlertRow, AlertSubject, AlertWords } from './alerts-repository.ts';

type Change = AlertSubject & { words: AlertWords; now: Date; isTold: boolean };

type Unwritten = AlertSubject & {
  raised: AlertWords;
  raisedAt: Date;
  cleared: { words: AlertWords; at: Date } | undefined;
  told: AlertState;
  mayBeKnown: boolean;
};

const keyOf = ({ name, chatId }: AlertSubject): string => JSON.stringify([name, chatId]);

/**
 * The alerts that changed while the database was away, or had no room left to write: that alone must be said without it.
 * They are told from memory like the others, once, and written down when that is possible again. A process that ends
 * before then forgets them.
 */
export function createUnwrittenAlerts(dependencies: {
  alerts: Pick<AlertRepository, 'restore'>;
  notices: Pick<AdminNotices, 'tell'>;
  timeZone: string;
  clock: Clock;
  logger: Logger;
}) {
  const { alerts, notices, timeZone, clock, logger } = dependencies;
  const changed = new Map<string, Unwritten>();
  /** What was wrong, or still to be told, in the database when it was read last. */
  let remembered = new Map<string, AlertRow>();
  let telling: Promise<void> = Promise.resolve();

  /** The alert as this process knows it; undefined when it never heard of it. */
  function present(subject: AlertSubject): Unwritten | undefined {
    const key = keyOf(subject);
    const row = remembered.get(key);
    return (
      changed.get(key) ??
      (row && {
        name: row.name,
        chatId: row.chatId,
        raised: row.raised,
        raisedAt: row.raisedAt,
        cleared: row.cleared && row.clearedAt ? { words: row.cleared, at: row.clearedAt } : undefined,
        told: row.told,
        mayBeKnown: false,
      })
    );
  }

  function isToTell({ cleared, told }: Unwritten): boolean {
    return cleared === undefined ? told === 'cleared' : told === 'raised';
  }

  async function tellNow(): Promise<void> {
    const now = clock.now();
    for (const alert of changed.values()) {
      const { raised, raisedAt, cleared, mayBeKnown } = alert;
      if (!isToTell(alert)) continue;
      const state: AlertState = cleared ? 'cleared' : 'raised';
      const words = { raised, raisedAt, cleared: cleared?.words, clearedAt: cleared?.at, isMissed: false, mayBeKnown };
      const result = await notices.tell(alertText(words, timeZone, now));
      if (result === 'told') alert.told = state;
      alert.mayBeKnown = result === 'unknown';
    }
  }

  function tell(): Promise<void> {
    const next = telling.then(tellNow);
    telling = next.catch(() => {});
    return next;
  }

  return {
    /** Keeps that it is wrong; true when that is news. */
    async raise({ name, chatId, words, now, isTold }: Change): Promise<boolean> {
      const before = present({ name, chatId });
      if (before && !before.cleared) return false;
      const goesOn = before?.told === 'raised';
      changed.set(keyOf({ name, chatId }), {
        name,
        chatId,
        raised: goesOn ? before.raised : words,
        raisedAt: goesOn ? before.raisedAt : now,
        cleared: undefined,
        told: goesOn || isTold ? 'raised' : 'cleared',
        mayBeKnown: false,
      });
      logger.warn({ alert: name, chatId }, 'an alert is kept in memory: it cannot be written down');
      await tell();
      return true;
    },

    /** Keeps that it is over; true when that is news. */
    async clear({ name, chatId, words, now, isTold }: Change): Promise<boolean> {
      const before = present({ name, chatId });
      if (!before || before.cleared) return false;
      changed.set(keyOf({ name, chatId }), {
        ...before,
        cleared: { words, at: now },
        told: isTold ? 'cleared' : before.told,
        mayBeKnown: false,
      });
      await tell();
      return true;
    },

    isRaised(subject: AlertSubject): boolean {
      const alert = present(subject);
      return alert !== undefined && alert.cleared === undefined;
    },

    /** What the database says is wrong or still to be told, for when it will say nothing. */
    remember(rows: readonly AlertRow[]): void {
      remembered = new Map(rows.map((row) => [keyOf(row), row]));
    },

    /** Tells what could not be told before. */
    tell,

    /** Writes down what is kept here, the oldest change first. Throws when the database fails; the rest is kept. */
    async writeDown(): Promise<void> {
      if (changed.size === 0) return;
      await telling;
      for (const [key, { name, chatId, raised, raisedAt, cleared, told }] of [...changed]) {
        await alerts.restore({ name, chatId, words: raised, now: raisedAt, told, ...(cleared ? { cleared } : {}) });
        changed.delete(key);
      }
      remembered = new Map();
    },
  };
}
