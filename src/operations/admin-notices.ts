import type { Api } from 'grammy';
import { isDatabaseFailure } from '../db/database-errors.ts';
import { TEAM_CHAT_CLOSED } from '../lib/alert-news.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { createQuietChats } from '../telegram/quiet-chats.ts';
import { classifyTelegramError, describeTelegramError, wasNotSent } from '../telegram/telegram-errors.ts';
import { clip, lines, type Text } from '../telegram/text.ts';
import { displayName, type UserRepository } from '../users/user-repository.ts';
import { type AlertRepository, type AlertSubject, toWords } from './alerts-repository.ts';

/**
 * How a notice ended: somebody has it, nobody has it for certain, or nobody can know (Telegram's answer got lost).
 */
export type Telling = 'told' | 'nobody' | 'unknown';

export type AdminNotices = ReturnType<typeof createAdminNotices>;

/** A place that notices go to. */
type Target =
  | { kind: 'admin_chat'; id: number }
  | { kind: 'admin'; id: number; userId: string; name: string }
  | { kind: 'team'; id: number; name: string };

/** While it is raised, ADMIN_CHAT_ID is passed over. */
export const ADMIN_CHAT_CLOSED = { name: 'admin-chat', chatId: undefined } as const;

/** With the admin's `users.id`: notices do not reach them in private. */
export const ADMIN_CLOSED = 'admin:';

const MAX_NAME = 60;

/**
 * Brings words to whoever looks after the bot: ADMIN_CHAT_ID when it is set, else the admins who have started the bot in
 * private, else the first team chat (DESIGN, section 6). A place that does not let the bot write is passed over from then
 * on, which is said once, and is used again when the bot was let in again (`letIn`, an admin who started the bot, a group
 * that is active again).
 */
export function createAdminNotices(dependencies: {
  api: Pick<Api, 'sendMessage'>;
  users: Pick<UserRepository, 'admins' | 'setStartedBot'>;
  chats: Pick<ChatRepository, 'active' | 'deactivate' | 'migrate'>;
  alerts: Pick<AlertRepository, 'raise' | 'clear' | 'isRaised'>;
  adminChatId: number | undefined;
  clock: Clock;
  monotonicMs: () => number;
  logger: Logger;
}) {
  const { api, users, chats, alerts, adminChatId, clock, logger } = dependencies;
  const quiet = createQuietChats(dependencies.monotonicMs);
  /** As last read, for when the database is away. */
  let known: Target[] = [];
  /** Where ADMIN_CHAT_ID has moved to since this process began: a group became a supergroup. */
  let movedTo: number | undefined;

  async function readTargets(): Promise<Target[]> {
    if (adminChatId !== undefined && !(await alerts.isRaised(ADMIN_CHAT_CLOSED))) {
      return [{ kind: 'admin_chat', id: movedTo ?? adminChatId }];
    }
    const reachable = (await users.admins()).flatMap((admin): Target[] =>
      admin.hasStartedBot && admin.telegramUserId !== null
        ? [{ kind: 'admin', id: admin.telegramUserId, userId: admin.id, name: displayName(admin) }]
        : [],
    );
    if (reachable.length > 0) return reachable;
    const [team] = await chats.active();
    return team ? [{ kind: 'team', id: team.id, name: team.title || 'the team chat' }] : [];
  }

  /** The places to tell; those known last when the database does not say. */
  async function targets(): Promise<Target[]> {
    try {
      known = await readTargets();
    } catch (error) {
      if (!isDatabaseFailure(error)) throw error;
    }
    return known;
  }

  /** Nothing is sent there until the bot is let in again. Said once; where it cannot be written down, the log has it. */
  async function close(target: Target, reason: string): Promise<void> {
    logger.warn({ target: target.id, reason }, 'notices cannot be sent there any more');
    known = known.filter(({ id }) => id !== target.id);
    const raise = (subject: AlertSubject, ...said: string[]) =>
      alerts.raise({ ...subject, words: toWords(lines(...said)), detail: { reason }, now: clock.now() });
    try {
      switch (target.kind) {
        case 'admin_chat':
          await raise(
            ADMIN_CHAT_CLOSED,
            `🔕 I cannot write into the chat for admins any more (${reason}).`,
            'Notices go to the admins in private, or to the team, until I am let in there again.',
          );
          return;
        case 'admin':
          await users.setStartedBot(target.userId, false);
          await raise(
            { name: `${ADMIN_CLOSED}${target.userId}`, chatId: undefined },
            `🔕 I cannot write to ${clip(target.name, MAX_NAME)} in private any more (${reason}).`,
            'They get no notices until they send me /start.',
          );
          return;
        case 'team':
          await chats.deactivate(target.id);
          await raise(
            { name: TEAM_CHAT_CLOSED, chatId: target.id },
            `🚪 I cannot write into ${clip(target.name, MAX_NAME)} any more (${reason}).`,
            'Nothing is sent there until I am let in again.',
          );
      }
    } catch (error) {
      if (!isDatabaseFailure(error)) throw error;
    }
  }

  /** One attempt at one place; `closed`: it is passed over from now on; `moved`: try again, it has a new id. */
  async function send(target: Target, text: Text): Promise<Telling | 'closed' | 'moved'> {
    if (quiet.list().includes(target.id)) return 'nobody';
    try {
      await api.sendMessage(target.id, text.text, { entities: text.entities });
      return 'told';
    } catch (error) {
      const failure = classifyTelegramError(error);
      if (!failure) throw error;
      const reason = describeTelegramError(error);
      logger.warn({ target: target.id, reason }, 'a notice did not reach its target');
      switch (failure.kind) {
        case 'wait':
          quiet.keepQuiet(target.id, failure.seconds * 1000);
          return 'nobody';
        case 'moved':
          if (target.kind === 'team') await chats.migrate(target.id, failure.chatId);
          else {
            movedTo = failure.chatId;
            logger.warn({ chatId: movedTo }, 'the chat for admins has a new id: set ADMIN_CHAT_ID to it');
          }
          return 'moved';
        case 'unreachable':
          await close(target, reason);
          return 'closed';
        case 'unknown_outcome':
          return failure.isTrouble || wasNotSent(error) ? 'nobody' : 'unknown';
        default:
          // Muted there, most likely: "not enough rights to send text messages to the chat".
          if (target.kind !== 'admin_chat') return 'nobody';
          await close(target, reason);
          return 'closed';
      }
    }
  }

  return {
    /**
     * Tells it in every place at once. Never throws for Telegram's sake, nor because the database is away; what reached
     * nobody is in the log.
     */
    async tell(text: Text): Promise<Telling> {
      logger.warn({ notice: text.text }, 'notice to the admins');
      const results = new Set<Telling | 'closed' | 'moved'>();
      const tried = new Set<number>();
      // Again only where a place has gone or moved: then there are others. Each is tried once, so this ends.
      do {
        results.delete('closed');
        results.delete('moved');
        for (const target of (await targets()).filter(({ id }) => !tried.has(id))) {
          tried.add(target.id);
          results.add(await send(target, text));
        }
      } while (!results.has('told') && (results.has('closed') || results.has('moved')));
      if (results.has('told')) return 'told';
      return results.has('unknown') ? 'unknown' : 'nobody';
    },

    /** Learns where notices go, for when the database is away. */
    async prepare(): Promise<void> {
      await targets();
    },

    /** Whether this is the chat for admins, under its present id or the one before. */
    isAdminChat: (chatId: number): boolean =>
      adminChatId !== undefined && (chatId === adminChatId || chatId === movedTo),

    /** The bot may write into the chat for admins: when that was closed, it is open again. */
    async letIn(): Promise<void> {
      const words = toWords(lines('✅ I can write into the chat for admins again: notices come here.'));
      await alerts.clear({ ...ADMIN_CHAT_CLOSED, words, now: clock.now() });
    },
  };
}
