import type { Api } from 'grammy';
import type { Database } from '../db/client.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { BacklogCount, QueueRepository } from '../queue/queue-repository.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { clockTime, duration, nearTime } from '../telegram/local-time.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import { lines, type Text } from '../telegram/text.ts';
import { sayAlive } from './installation-repository.ts';

/**
 * Telegram keeps a tap for 150 seconds (platform facts): after a longer absence taps are lost, and the team must know.
 * The sign of life is up to a minute old when the bot dies, so a restart of half a minute never gets here.
 */
const NOTICED_MS = 150_000;

export type Absence = { from: Date; to: Date };
export type Downtime = ReturnType<typeof createDowntime>;

/** Knows how long the bot was away, from a sign of life in the database, and tells the teams once that had to wait. */
export function createDowntime(dependencies: {
  database: Database;
  chats: Pick<ChatRepository, 'active'>;
  queue: Pick<QueueRepository, 'backlog'>;
  api: Pick<Api, 'sendMessage'>;
  clock: Clock;
  logger: Logger;
}) {
  const { database, chats, queue, api, clock, logger } = dependencies;
  /** The absence before this process, found out by the first sign of life; told once. */
  let absence: Promise<Absence | undefined> | undefined;

  async function findAbsence(): Promise<Absence | undefined> {
    const to = clock.now();
    const from = await sayAlive(database, to);
    return from && to.getTime() - from.getTime() > NOTICED_MS ? { from, to } : undefined;
  }

  return {
    /** Says that the bot runs; every minute, and at the end. */
    async beat(): Promise<void> {
      if (absence) await sayAlive(database, clock.now());
      else absence = findAbsence();
      try {
        await absence;
      } catch (error) {
        // Not known yet: the next beat asks again.
        absence = undefined;
        throw error;
      }
    },

    /**
     * Once per start: says in each team chat for which something came due or a card waited, from when to when the bot was
     * away. Does nothing after short absences and at the first start of all. A chat that cannot be told is logged.
     */
    async tell(): Promise<void> {
      if (!absence) await this.beat();
      const away = await absence;
      if (!away) return;
      absence = Promise.resolve(undefined);
      logger.warn({ from: away.from, to: away.to }, 'the bot was away');
      for (const chat of await chats.active()) {
        const backlog = await queue.backlog(chat.id, away.to);
        if (backlog.due === 0 && backlog.waiting === 0) continue;
        const text = awayMessage(away, backlog, chat);
        try {
          await api.sendMessage(chat.id, text.text, { entities: text.entities });
        } catch (error) {
          if (!classifyTelegramError(error)) throw error;
          logger.warn({ chatId: chat.id, err: error }, 'a team could not be told that the bot was away');
        }
      }
    },
  };
}

/** From when to when the bot was away, what is due, and what may have been lost. */
export function awayMessage(
  { from, to }: Absence,
  { due, waiting }: BacklogCount,
  chat: { timeZone: string; isPaused: boolean },
): Text {
  const start = nearTime(from, chat.timeZone, to).replace(/^today /, '');
  const are = due === 1 ? 'post is' : 'posts are';
  const coming = due === 1 ? 'it comes now' : 'they come one at a time';
  return lines(
    `📡 I was away from ${start} to ${clockTime(to, chat.timeZone)} (${duration(to.getTime() - from.getTime())}).`,
    due === 0 ? undefined : `${due} ${are} due; ${chat.isPaused ? 'posting is paused, /resume goes on' : coming}.`,
    waiting === 0
      ? undefined
      : `${waiting} ${waiting === 1 ? 'card waits' : 'cards wait'} for a decision. Telegram forgets taps after a few minutes: if a card has not changed, please tap again.`,
  );
}
