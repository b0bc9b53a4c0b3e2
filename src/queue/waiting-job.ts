import type { Api } from 'grammy';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { duration } from '../telegram/local-time.ts';
import { messageLink } from '../telegram/message-link.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import { clip, fmt, lines, link, type Text } from '../telegram/text.ts';
import type { CardRenderer } from './card-renderer.ts';
import type { Reminder, WaitingRepository } from './waiting-repository.ts';

const MAX_NAME = 60;

/** Runs every minute, so that several reminders in one chat come a minute apart instead of all at once. */
export function createWaitingJob(dependencies: {
  waiting: WaitingRepository;
  renderer: Pick<CardRenderer, 'render'>;
  api: Pick<Api, 'sendMessage'>;
  clock: Clock;
  logger: Logger;
}): () => Promise<void> {
  const { waiting, renderer, api, clock, logger } = dependencies;

  async function remind(reminder: Reminder, now: Date): Promise<void> {
    const text = reminderMessage(reminder, now);
    const options = reminder.messageId === null ? {} : { reply_parameters: replyTo(reminder.messageId) };
    try {
      await api.sendMessage(reminder.chatId, text.text, { entities: text.entities, ...options });
    } catch (error) {
      const failure = classifyTelegramError(error);
      if (!failure) throw error;
      logger.warn({ queueItemId: reminder.id, err: error }, 'a reminder was not sent');
      // Only what Telegram surely did not send may be sent again.
      if (failure.kind === 'wait' || failure.kind === 'moved') await waiting.forgetReminder(reminder.id);
    }
  }

  /** Cards that wait too long leave the queue; those that wait long are mentioned once. */
  return async () => {
    const now = clock.now();
    for (const id of await waiting.discard(now)) await renderer.render(id);
    for (const reminder of await waiting.claimReminders(now)) await remind(reminder, now);
  };
}

/** The card may be gone; the reminder names it, and comes in any case. */
function replyTo(messageId: number) {
  return { message_id: messageId, allow_sending_without_reply: true };
}

/** "This one has been waiting for 12 h", with the way to the card and what comes if nobody decides. */
export function reminderMessage(reminder: Reminder, now: Date): Text {
  const { chatId, messageId, label, waitingSince, leavesAt } = reminder;
  const name = clip(label, MAX_NAME);
  const url = messageId === null ? undefined : messageLink(chatId, messageId);
  const waited = duration(now.getTime() - waitingSince.getTime());
  return lines(
    `⏰ This one has been waiting for ${waited}.`,
    fmt`👉 ${url ? link(name, url) : name}`,
    leavesAt && leavesAt > now
      ? `Without a decision it leaves the queue in ${duration(leavesAt.getTime() - now.getTime())}.`
      : undefined,
  );
}
