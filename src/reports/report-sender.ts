import { type Api, InputFile } from 'grammy';
import type { ReadyPicture } from '../charts/picture-cache.ts';
import type { Figures } from '../interactions/figures.ts';
import type { Place } from '../interactions/figures-messages.ts';
import { classifyTelegramError, describeTelegramError, isTopicGone, wasNotSent } from '../telegram/telegram-errors.ts';

/**
 * What Telegram made of a report. `not_taken`: it has not arrived and may be tried again; `unknown`: it may have arrived
 * (`isTrouble`: Telegram said that it is in trouble itself, so it most likely has not). All others have not arrived.
 */
export type Sending =
  | { kind: 'sent'; messageId: number }
  | { kind: 'picture_refused' | 'topic_gone' | 'unreachable' | 'refused' | 'not_taken'; reason: string }
  | { kind: 'moved'; chatId: number }
  | { kind: 'wait'; seconds: number; reason: string }
  | { kind: 'unknown'; isTrouble: boolean; reason: string };

export type ReportSender = ReturnType<typeof createReportSender>;

/** Sends a report once and says how that ended. Throws for bugs only. */
export function createReportSender({ api }: { api: Pick<Api, 'sendPhoto' | 'sendMessage'> }) {
  async function send(
    { chatId, topicId }: Place,
    figures: Figures,
    picture: ReadyPicture | undefined,
  ): Promise<number> {
    const { text, caption, keyboard } = figures;
    const around = { reply_markup: keyboard, ...(topicId === undefined ? {} : { message_thread_id: topicId }) };
    if (!picture) {
      const sent = await api.sendMessage(chatId, text.text, { ...around, entities: text.entities });
      return sent.message_id;
    }
    const file = picture.fileId ?? new InputFile(picture.png, 'report.png');
    const more = { ...around, caption: caption.caption, caption_entities: caption.caption_entities };
    const sent = await api.sendPhoto(chatId, file, more);
    const fileId = sent.photo.at(-1)?.file_id;
    if (fileId !== undefined) picture.wasSentAs(fileId);
    return sent.message_id;
  }

  return {
    async send(place: Place, figures: Figures, picture: ReadyPicture | undefined): Promise<Sending> {
      try {
        return { kind: 'sent', messageId: await send(place, figures, picture) };
      } catch (error) {
        const failure = classifyTelegramError(error);
        if (!failure) throw error;
        const reason = describeTelegramError(error);
        if (failure.kind === 'moved') return { kind: 'moved', chatId: failure.chatId };
        if (failure.kind === 'wait') return { kind: 'wait', seconds: failure.seconds, reason };
        if (failure.kind === 'unreachable') return { kind: 'unreachable', reason };
        if (failure.kind === 'unknown_outcome') {
          if (wasNotSent(error)) return { kind: 'not_taken', reason };
          return { kind: 'unknown', isTrouble: failure.isTrouble === true, reason };
        }
        if (place.topicId !== undefined && isTopicGone(error)) return { kind: 'topic_gone', reason };
        return { kind: picture ? 'picture_refused' : 'refused', reason };
      }
    },
  };
}
