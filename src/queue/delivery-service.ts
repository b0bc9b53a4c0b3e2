import { isDatabaseFailure } from '../db/database-errors.ts';
import { TEAM_CHAT_CLOSED, type TellAlerts } from '../lib/alert-news.ts';
import type { Clock } from '../lib/clock.ts';
import { OutsideError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { InteractionDraft } from '../telegram/bot-context.ts';
import { createQuietChats } from '../telegram/quiet-chats.ts';
import { classifyTelegramError, describeTelegramError } from '../telegram/telegram-errors.ts';
import { clip } from '../telegram/text.ts';
import { cardView } from './card-messages.ts';
import type { Card, CardRepository } from './card-repository.ts';
import type { Claim, DeliveryRepository, Medium } from './delivery-repository.ts';
import type { MediumService } from './medium-service.ts';

/** What became of a card that was to be sent. */
export type DeliveryResult =
  | { kind: 'sent'; chatId: number; messageId: number; queueItemId: string; fileName: string; mediaItemId?: string }
  | { kind: 'empty' }
  /** The same update has come again, and nothing is left to do or to say: its first run did it, or does it now. */
  | { kind: 'dealt_with' }
  /** Telegram did not take it now; it is back in the plan (or, with `unknown_outcome`, looked after in two minutes). */
  | { kind: 'later'; seconds: number }
  | { kind: 'unknown_outcome' }
  | { kind: 'failed'; reason: string; fileName: string };

/** Its file goes to Telegram for the first time, which may take minutes; `done` says how that ended, and must be awaited. */
export type Uploading = { kind: 'uploading'; queueItemId: string; medium: Medium; done: Promise<DeliveryResult> };

export type DeliveryService = ReturnType<typeof createDeliveryService>;

/** A refused card is tried three times, a tick (five seconds) apart, then failed and told (source-behaviours 1.9, #359). */
const MAX_ATTEMPTS = 3;
const RETRY_SECONDS = 5;
/** A send without an answer for this long is looked after, unless it is still under way (an upload). */
const STUCK_MS = 120_000;

/** Telegram in trouble (5xx) is asked again after this long, then after twice as long each time. */
const TROUBLE_SECONDS = 5;
const LONGEST_TROUBLE_SECONDS = 300;
/** The admins hear of it at the fifth failure in a row, two and a half minutes after the first: shorter troubles pass by themselves. */
const TOLD_TROUBLES = 5;
const SENDING = 'sending';
const MAX_TITLE = 60;

/** What is later than this was missed by the clock, which looks every five seconds. */
const OVERDUE_MS = 60_000;
/**
 * Overdue cards of one chat come at least this far apart. One at each tick would be twelve a minute: each pushes the one
 * before it out of sight, and Telegram lets a bot write twenty messages a minute into a group, answers included.
 */
const CATCH_UP_MS = 60_000;

/** Brings cards into the chats: due ones by the clock, the next one on request. */
export function createDeliveryService(dependencies: {
  deliveries: DeliveryRepository;
  cards: Pick<CardRepository, 'find'>;
  chats: Pick<ChatRepository, 'byId' | 'migrate' | 'deactivate'>;
  mediums: MediumService;
  tellAdmins: (sentence: string) => Promise<void>;
  alerts: TellAlerts;
  clock: Clock;
  /** Milliseconds that only go forwards, for what must not depend on how the clock is set. */
  monotonicMs: () => number;
  logger: Logger;
}) {
  const { deliveries, cards, chats, mediums, tellAdmins, alerts, clock, logger } = dependencies;

  const quietChats = createQuietChats(dependencies.monotonicMs);
  /** Chats that were sent an overdue card, and when. In memory: a new process begins with one. */
  const overdueSentAt = new Map<number, number>();

  /** How often in a row Telegram was in trouble when a chat was to get a card. */
  const troubles = new Map<number, number>();
  /** Chats into which this process has brought a card. */
  const sentTo = new Set<number>();

  /** What this process has claimed and not finished. */
  const underWay = new Set<string>();

  /** Sends one claimed item and writes down how it ended. Throws when the database fails: the claim is then found stuck later. */
  async function send(claim: Claim): Promise<DeliveryResult> {
    underWay.add(claim.id);
    try {
      const card = await cards.find(claim.id);
      if (!card) throw new Error(`claimed queue item ${claim.id} does not exist`);
      return await sendCard(card, await deliveries.mediumOf(claim.id), claim);
    } finally {
      underWay.delete(claim.id);
    }
  }

  async function sendCard(card: Card, medium: Medium, claim: Claim): Promise<DeliveryResult> {
    const { caption, keyboard } = cardView(card, clock.now());
    try {
      const { message, isUpload } = await mediums.send(card.chatId, medium, { caption, keyboard });
      await deliveries.markSent(card.id, { messageId: message.message_id, version: card.version, at: clock.now() });
      if (isUpload) await mediums.remember(medium, message);
      await endTrouble(card.chatId);
      return {
        kind: 'sent',
        chatId: card.chatId,
        messageId: message.message_id,
        queueItemId: card.id,
        fileName: card.fileName,
      };
    } catch (error) {
      if (!(error instanceof OutsideError && error.system === 'files')) return afterFailure(card, claim, error);
      // No attempt will find the file; whoever looks after the folder is told (matrix T30).
      await mediums.markMissing(medium);
      return giveUp(card, error.message);
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
        return failure.isTrouble ? afterTrouble(card, reason) : { kind: 'unknown_outcome' };
      case 'wait':
        quietChats.keepQuiet(card.chatId, failure.seconds * 1000);
        await deliveries.release(card.id, { failure: reason, isCounted: false, now: clock.now() });
        return { kind: 'later', seconds: failure.seconds };
      case 'moved':
        await deliveries.release(card.id, { failure: reason, isCounted: false, now: clock.now() });
        await chats.migrate(card.chatId, failure.chatId);
        return { kind: 'later', seconds: RETRY_SECONDS };
      case 'unreachable':
        await deliveries.release(card.id, { failure: reason, isCounted: false, now: clock.now() });
        await chats.deactivate(card.chatId);
        await alerts.raise({
          key: TEAM_CHAT_CLOSED,
          chatId: card.chatId,
          text: `🚪 I cannot write into ${await titleOf(card.chatId)} any more (${reason}).\nNothing is sent there until I am let in again.`,
          detail: { reason },
        });
        return { kind: 'failed', reason, fileName: card.fileName };
      default:
        if (claim.attempts >= MAX_ATTEMPTS) return giveUp(card, reason);
        await deliveries.release(card.id, { failure: reason, isCounted: true, now: clock.now() });
        return { kind: 'later', seconds: RETRY_SECONDS };
    }
  }

  /** Where the next overdue card has to wait. A clock that was moved, in either direction, makes nobody wait longer. */
  function chatsCatchingUp(now: Date): number[] {
    for (const [chatId, at] of overdueSentAt) {
      const ms = now.getTime() - at;
      if (ms < 0 || ms >= CATCH_UP_MS) overdueSentAt.delete(chatId);
    }
    return [...overdueSentAt.keys()];
  }

  /**
   * Telegram answered that it is in trouble. The card stays the first of its chat and nothing overtakes it, however
   * long that lasts (matrix T20); as it may have arrived all the same, it is labelled when it is sent again.
   */
  async function afterTrouble(card: Card, reason: string): Promise<DeliveryResult> {
    const before = troubles.get(card.chatId) ?? 0;
    troubles.set(card.chatId, before + 1);
    const seconds = Math.min(TROUBLE_SECONDS * 2 ** before, LONGEST_TROUBLE_SECONDS);
    quietChats.keepQuiet(card.chatId, seconds * 1000);
    await deliveries.release(card.id, { failure: reason, isCounted: false, mayHaveArrived: true, now: clock.now() });
    if (before + 1 === TOLD_TROUBLES) {
      const text =
        `📡 Cards do not get into ${await titleOf(card.chatId)}: Telegram is in trouble (${reason}).\n` +
        'They wait in their order, and I try again every few minutes.';
      await alerts.raise({ key: SENDING, chatId: card.chatId, text, detail: { reason } });
    }
    return { kind: 'later', seconds };
  }

  /** A card got through. The alert may be one of a process before this one. */
  async function endTrouble(chatId: number): Promise<void> {
    const isFirst = !sentTo.has(chatId);
    sentTo.add(chatId);
    if (!troubles.delete(chatId) && !isFirst) return;
    await alerts.clear({ key: SENDING, chatId, text: `✅ Cards get into ${await titleOf(chatId)} again.` });
  }

  async function titleOf(chatId: number): Promise<string> {
    return clip((await chats.byId(chatId))?.title || 'the team chat', MAX_TITLE);
  }

  async function giveUp(card: Card, reason: string): Promise<DeliveryResult> {
    await deliveries.fail(card.id, reason);
    await tellAdmins(`The card “${card.fileName}” could not be sent and is out of the queue: ${reason}`);
    return { kind: 'failed', reason, fileName: card.fileName };
  }

  async function sendAsked(claim: Claim): Promise<DeliveryResult | Uploading> {
    const medium = await deliveries.mediumOf(claim.id);
    if (!mediums.mustUpload(medium)) return send(claim);
    return { kind: 'uploading', queueItemId: claim.id, medium, done: send(claim) };
  }

  /** A card that was claimed for an update which has come again: sent if nobody knows that it arrived. */
  async function deliverAgain(id: string): Promise<DeliveryResult | Uploading> {
    if (underWay.has(id)) return { kind: 'dealt_with' };
    const claim = await deliveries.claimAgain(id, clock.now());
    if (claim) return sendAsked(claim);
    const card = await cards.find(id);
    if (!card) throw new Error(`queue item ${id}, which was asked for, does not exist`);
    const { chatId, messageId, fileName, status, failure } = card;
    if (messageId !== null) return { kind: 'sent', chatId, messageId, queueItemId: id, fileName };
    if (status === 'failed') return { kind: 'failed', reason: failure ?? 'no reason is known', fileName };
    // Taken out of the plan since, or somebody else sends it a second time right now.
    return { kind: 'dealt_with' };
  }

  return {
    /**
     * Sends what is due, at most one card per chat, the oldest first; nothing in paused chats. Of what is overdue one
     * card a minute. Returns what became of each.
     */
    async deliverDue(): Promise<DeliveryResult[]> {
      const results: DeliveryResult[] = [];
      const now = clock.now();
      const claims = await deliveries.claimDue(now, {
        quiet: quietChats.list(),
        catchingUp: chatsCatchingUp(now),
        overdueBefore: new Date(now.getTime() - OVERDUE_MS),
      });
      // All of them, not only the one that is being sent: those behind an upload wait with it.
      for (const { id } of claims) underWay.add(id);
      try {
        for (const claim of claims) {
          const result = await send(claim);
          if (claim.isOverdue && result.kind === 'sent') overdueSentAt.set(claim.chatId, now.getTime());
          results.push(result);
        }
      } finally {
        for (const { id } of claims) underWay.delete(id);
      }
      return results;
    },

    /**
     * The next card now: the earliest planned one, and the plan moves up; or one from the library when nothing is
     * planned. Works in paused chats. An upload goes on behind the caller's back, because nobody's tap may wait for it.
     *
     * `asking` is recorded with the claim, so one update claims one card, however often it comes: after a crash or a
     * failure of the database it leads to that card again. `asking` tells then that it is recorded, and with which outcome.
     */
    async deliverNext(chatId: number, asking?: InteractionDraft): Promise<DeliveryResult | Uploading> {
      const earlier = asking && (await deliveries.askedBefore(asking.deliveryKey));
      if (earlier) {
        Object.assign(asking, { isRecorded: true, outcome: earlier.outcome });
        return earlier.queueItemId === null ? { kind: 'dealt_with' } : deliverAgain(earlier.queueItemId);
      }
      const now = clock.now();
      const claim =
        (await deliveries.claimNext(chatId, now, asking)) ?? (await deliveries.claimFromLibrary(chatId, now, asking));
      if (!claim) return { kind: 'empty' };
      if (asking) asking.isRecorded = true;
      return sendAsked(claim);
    },

    /**
     * Looks after sends whose end nobody knows. `isStart`: the process has just begun and sends nothing yet, so every
     * open send is one of a process that died.
     */
    async recoverStuck(options: { isStart: boolean }): Promise<void> {
      const now = clock.now();
      const before = options.isStart ? now : new Date(now.getTime() - STUCK_MS);
      const { again, lost } = await deliveries.reclaimStuck(before, now, [...underWay]);
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
