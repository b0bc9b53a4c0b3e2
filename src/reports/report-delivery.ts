import type { PictureCache, ReadyPicture } from '../charts/picture-cache.ts';
import type { DeliveryState } from '../db/schema/index.ts';
import type { Figures } from '../interactions/figures.ts';
import { TEAM_CHAT_CLOSED, type TellAlerts } from '../lib/alert-news.ts';
import type { Clock } from '../lib/clock.ts';
import { OutsideError } from '../lib/errors.ts';
import type { JobOutcome } from '../lib/job-run.ts';
import type { Logger } from '../lib/logger.ts';
import type { Chat, ChatRepository } from '../settings/chat-repository.ts';
import type { SettingsService } from '../settings/settings-service.ts';
import { createQuietChats } from '../telegram/quiet-chats.ts';
import { clip, type Text } from '../telegram/text.ts';
import type { DeliveryKey, ReportDeliveryRepository } from './report-delivery-repository.ts';
import { deliveryLabel } from './report-messages.ts';
import type { ReportSender, Sending } from './report-sender.ts';

/** A report that is due in a chat. `show` gives what is sent, with a label on top when it needs one. */
export type DueReport = {
  /** As people call it: `daily report`. */
  words: string;
  key: DeliveryKey;
  chat: Chat;
  slot: Date;
  isLate: boolean;
  show: (label: Text | undefined) => Figures;
};

export type ReportDelivery = ReturnType<typeof createReportDelivery>;

/** Sends of one attempt: the group has moved, its topic is gone, the picture is refused, and then it must do. */
const MOST_SENDS = 4;
/** A report that Telegram refuses is tried so often in all, as cards are (source-behaviours 1.9, #359). */
const MAX_ATTEMPTS = 3;

/**
 * Brings reports into chats: once per report, chat and period in the database, and in Telegram once, or twice with a
 * label where nobody can know whether the first one arrived.
 */
export function createReportDelivery(dependencies: {
  deliveries: ReportDeliveryRepository;
  sender: ReportSender;
  pictures: PictureCache;
  chats: Pick<ChatRepository, 'migrate' | 'deactivate'>;
  settings: Pick<SettingsService, 'changeTyped'>;
  alerts: Pick<TellAlerts, 'raise'>;
  clock: Clock;
  /** Milliseconds that only go forwards: Telegram's silences are real time. */
  monotonicMs: () => number;
  logger: Logger;
}) {
  const { deliveries, sender, pictures, chats, settings, alerts, clock, logger } = dependencies;
  const quietChats = createQuietChats(dependencies.monotonicMs);
  /** What this process is sending at the moment. */
  const underWay = new Set<string>();

  /** Sends, and once more for each reason that is out of the way then. `place` and the key follow a group that has moved. */
  async function sendOnce(due: DueReport, isRepeat: boolean, picture: ReadyPicture | undefined) {
    const { chat, slot, isLate, show } = due;
    let { key } = due;
    let topicId = chat.reportTopicId ?? undefined;
    let isTopicGone = false;
    let shown = picture;
    let sending: Sending | undefined;
    for (let sends = 0; sends < MOST_SENDS; sends += 1) {
      const label = deliveryLabel({ slot, now: clock.now(), timeZone: chat.timeZone, isLate, isRepeat, isTopicGone });
      sending = await sender.send({ chatId: key.chatId, topicId }, show(label), shown);
      if (sending.kind === 'moved') {
        await chats.migrate(key.chatId, sending.chatId);
        key = { ...key, chatId: sending.chatId };
      } else if (sending.kind === 'topic_gone') {
        await settings.changeTyped('report_topic', { chatId: key.chatId, by: null, now: clock.now() }, 'general');
        logger.warn({ chatId: key.chatId, topicId }, 'the topic for reports is gone: they go into the chat itself');
        topicId = undefined;
        isTopicGone = true;
      } else if (sending.kind === 'picture_refused') {
        logger.warn({ chatId: key.chatId, reason: sending.reason }, 'Telegram did not take the picture of a report');
        shown = undefined;
      } else break;
    }
    if (!sending) throw new Error('a report was sent no times');
    return { key, sending };
  }

  async function settle(
    due: DueReport,
    claim: { isRepeat: boolean; attempts: number },
    key: DeliveryKey,
    sending: Sending,
  ) {
    const now = clock.now();
    switch (sending.kind) {
      case 'sent':
        await deliveries.markSent(key, { messageId: sending.messageId, at: now });
        return done(due, claim.isRepeat);
      case 'unreachable':
        await deliveries.giveUp(key, 'undeliverable', sending.reason, now);
        return closed(due, key, sending.reason);
      case 'wait':
        quietChats.keepQuiet(key.chatId, sending.seconds * 1000);
        await deliveries.release(key, { failure: sending.reason, mayHaveArrived: false, now });
        throw later(`Telegram asks to wait for ${sending.seconds} s`);
      case 'not_taken':
        await deliveries.release(key, { failure: sending.reason, mayHaveArrived: false, now });
        throw later('Telegram cannot be reached');
      case 'unknown':
        if (claim.isRepeat && !sending.isTrouble) return lost(due, key, sending.reason);
        await deliveries.release(key, { failure: sending.reason, mayHaveArrived: true, now });
        throw later('Telegram did not say whether the report arrived');
      case 'moved':
      case 'topic_gone':
      case 'picture_refused':
      case 'refused': {
        const reason = 'reason' in sending ? sending.reason : 'the group keeps moving';
        if (claim.attempts >= MAX_ATTEMPTS) {
          await deliveries.giveUp(key, 'undeliverable', reason, now);
          return { outcome: 'undeliverable', words: `Telegram refuses it: ${reason}` } satisfies JobOutcome;
        }
        await deliveries.release(key, { failure: reason, mayHaveArrived: false, now });
        throw later(`Telegram refused the report: ${reason}`);
      }
    }
  }

  /** The bot may not write there: nothing is sent there until it is let in again, and the admins hear of it once. */
  async function closed({ chat, words }: DueReport, key: DeliveryKey, reason: string): Promise<JobOutcome> {
    await chats.deactivate(key.chatId);
    await alerts.raise({
      key: TEAM_CHAT_CLOSED,
      chatId: key.chatId,
      text: `🚪 I cannot write into ${named(chat)} any more, so its ${words} did not arrive. Nothing is sent there until I am let in again.`,
      detail: { reason },
    });
    return { outcome: 'undeliverable', words: `I may not write into ${named(chat)}: ${reason}` };
  }

  async function lost({ chat, words }: DueReport, key: DeliveryKey, reason: string): Promise<JobOutcome> {
    await deliveries.giveUp(key, 'lost', reason, clock.now());
    logger.error({ ...key, reason }, 'a report was given up: Telegram never said whether it arrived');
    return { outcome: 'undeliverable', words: `Telegram never said whether the ${words} arrived in ${named(chat)}` };
  }

  return {
    /**
     * Sends a report unless its period has had one. Throws OutsideError (retryable) when Telegram does not take it now, and what the
     * database throws; calling again is right in both cases. What nobody can know is sent again once, labelled.
     */
    async deliver(due: DueReport): Promise<JobOutcome> {
      const { key, chat, words } = due;
      const name = `${key.report} ${key.chatId} ${key.periodStart}`;
      if (underWay.has(name)) throw later('this report is being sent');
      underWay.add(name);
      try {
        const known = await deliveries.find(key);
        if (known?.isSettled) return { outcome: 'skipped', words: settledWords(words, known.state) };
        if (quietChats.isQuiet(key.chatId)) throw later('Telegram has asked to wait');
        // Drawn before the claim: what fails here has certainly not been sent.
        const figures = due.show(undefined);
        const picture = figures.isEmpty ? undefined : await pictures.picture(figures.picture);
        const claim = await deliveries.claim(key, due.slot, clock.now());
        if (claim === 'settled') return { outcome: 'skipped', words: settledWords(words, 'sent') };
        if (claim === 'lost') return await lost(due, key, 'no answer to the repeat');
        logger.debug({ ...key, chat: chat.title, isRepeat: claim.isRepeat }, 'sending a report');
        const sent = await sendOnce({ ...due, slot: claim.slot }, claim.isRepeat, picture);
        return await settle(due, claim, sent.key, sent.sending);
      } finally {
        underWay.delete(name);
      }
    },

    /** Nothing happened in the period, and the chat wants no report of that. */
    async skip({ key, slot }: Pick<DueReport, 'key' | 'slot'>): Promise<JobOutcome> {
      await deliveries.skip(key, slot, clock.now());
      return { outcome: 'skipped', words: 'Nothing happened' };
    },
  };
}

function done({ words, isLate, slot }: DueReport, isRepeat: boolean): JobOutcome {
  const late = isLate ? `, late: due ${slot.toISOString().slice(0, 16)}Z` : '';
  return { outcome: 'done', words: `${words} sent${isRepeat ? ' again, labelled' : ''}${late}` };
}

/** Why nothing is sent: what became of it before. */
function settledWords(words: string, state: DeliveryState): string {
  if (state === 'skipped') return `Nothing happened, so there is no ${words}`;
  if (state === 'lost') return `Telegram never said whether the ${words} arrived`;
  return `This ${words} has been sent; /report sends one on request`;
}

function later(why: string): OutsideError {
  return new OutsideError('telegram', `${why}: it is tried again`, { retryable: true });
}

function named({ title, id }: Chat): string {
  return title ? `“${clip(title, 60)}”` : `the chat ${id}`;
}
