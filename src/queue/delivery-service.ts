import { isDatabaseFailure } from '../db/database-errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { type MediaApi, sendMedia } from '../telegram/send-media.ts';
import { classifyTelegramError, describeTelegramError } from '../telegram/telegram-errors.ts';
import { cardView } from './card-messages.ts';
import type { Card, CardRepository } from './card-repository.ts';
import type { Claim, DeliveryRepository } from './delivery-repository.ts';

/** What became of a card that was to be sent. */
export type DeliveryResult =
  | { kind: 'sent'; chatId: number; messageId: number; queueItemId: string; fileName: string; mediaItemId?: string }
  | { kind: 'empty' }
  /** Telegram did not take it now; it is back in the plan (or, with `unknown_outcome`, looked after in two minutes). */
  | { kind: 'later'; seconds: number }
  | { kind: 'unknown_outcome' }
  | { kind: 'failed'; reason: string; fileName: string };

export type DeliveryService = ReturnType<typeof createDeliveryService>;

/** A refused card is tried three times, a tick (five seconds) apart, then failed and told (source-behaviours 1.9, #359). */
const MAX_ATTEMPTS = 3;
const RETRY_SECONDS = 5;
/** A send without an answer for this long is looked after. Longer than any Bot API call of ours can last. */
const STUCK_MS = 120_000;

/** Brings cards into the chats: due ones by the clock, the next one on request. */
export function createDeliveryService(dependencies: {
  deliveries: DeliveryRepository;
  cards: Pick<CardRepository, 'find'>;
  chats: Pick<ChatRepository, 'migrate' | 'deactivate'>;
  api: MediaApi;
  tellAdmins: (sentence: string) => Promise<void>;
  clock: Clock;
  logger: Logger;
}) {
  const { deliveries, cards, chats, api, tellAdmins, clock, logger } = dependencies;

  /** Chats in which Telegram asked for silence, and until when. */
  const quietUntil = new Map<number, number>();

  /** Sends one claimed item and writes down how it ended. Throws when the database fails: the claim is then found stuck later. */
  async function send(claim: Claim): Promise<DeliveryResult> {
    const card = await cards.find(claim.id);
    if (!card) throw new Error(`claimed queue item ${claim.id} does not exist`);
    if (card.telegramFileId === null) return giveUp(card, 'no Telegram file is known for it');
    const view = cardView(card, clock.now());
    try {
      const message = await sendMedia(api, card.chatId, {
        kind: card.kind,
        fileId: card.telegramFileId,
        caption: view.caption,
        keyboard: view.keyboard,
      });
      await deliveries.markSent(card.id, { messageId: message.message_id, version: card.version, at: clock.now() });
      return {
        kind: 'sent',
        chatId: card.chatId,
        messageId: message.message_id,
        queueItemId: card.id,
        fileName: card.fileName,
      };
    } catch (error) {
      return afterFailure(card, claim, error);
    }
  }

  async function afterFailure(card: Card, claim: Claim, error: unknown): Promise<DeliveryResult> {
    const failure = classifyTelegramError(error);
    const reason = describeTelegramError(error);
    logger.warn({ queueItemId: card.id, attempt: claim.attempts, reason }, 'a card was not sent');
    switch (failure?.kind) {
      case undefined:
        // The card is out, and the database was away when that was to be written down: looked after like a lost answer.
        if (isDatabaseFailure(error)) return { kind: 'unknown_outcome' };
        throw error;
      case 'unknown_outcome':
        return { kind: 'unknown_outcome' };
      case 'wait':
        quietUntil.set(card.chatId, clock.now().getTime() + failure.seconds * 1000);
        await deliveries.release(card.id, reason, false);
        return { kind: 'later', seconds: failure.seconds };
      case 'moved':
        await deliveries.release(card.id, reason, false);
        await chats.migrate(card.chatId, failure.chatId);
        return { kind: 'later', seconds: RETRY_SECONDS };
      case 'unreachable':
        await deliveries.release(card.id, reason, false);
        await chats.deactivate(card.chatId);
        await tellAdmins(
          `I cannot write into a team chat any more (${reason}). Nothing is sent there until I am let in again.`,
        );
        return { kind: 'failed', reason, fileName: card.fileName };
      default:
        if (claim.attempts >= MAX_ATTEMPTS) return giveUp(card, reason);
        await deliveries.release(card.id, reason, true);
        return { kind: 'later', seconds: RETRY_SECONDS };
    }
  }

  async function giveUp(card: Card, reason: string): Promise<DeliveryResult> {
    await deliveries.fail(card.id, reason);
    await tellAdmins(`The card “${card.fileName}” could not be sent and is out of the queue: ${reason}`);
    return { kind: 'failed', reason, fileName: card.fileName };
  }

  return {
    /** Sends what is due, at most one card per chat. Returns what became of each. */
    async deliverDue(): Promise<DeliveryResult[]> {
      const results: DeliveryResult[] = [];
      const now = clock.now();
      for (const [chatId, until] of quietUntil) if (until <= now.getTime()) quietUntil.delete(chatId);
      for (const claim of await deliveries.claimDue(now, [...quietUntil.keys()])) results.push(await send(claim));
      return results;
    },

    /** The next card now: the earliest planned one, or one from the library when nothing is planned. */
    async deliverNext(chatId: number, userId: string): Promise<DeliveryResult> {
      const now = clock.now();
      const claim =
        (await deliveries.claimNext(chatId, now)) ?? (await deliveries.claimFromLibrary(chatId, userId, now));
      return claim ? send(claim) : { kind: 'empty' };
    },

    /**
     * Looks after sends whose end nobody knows. `isStart`: the process has just begun and sends nothing yet, so every
     * open send is one of a process that died.
     */
    async recoverStuck(options: { isStart: boolean }): Promise<void> {
      const now = clock.now();
      const before = options.isStart ? now : new Date(now.getTime() - STUCK_MS);
      const { again, lost } = await deliveries.reclaimStuck(before, now);
      for (const claim of again) await send(claim);
      for (const id of lost) {
        logger.error({ queueItemId: id }, 'a card was given up: Telegram never said whether it arrived');
        await tellAdmins(
          'A card was given up: Telegram never said whether it arrived. It is marked as failed; /next goes on.',
        );
      }
    },
  };
}
