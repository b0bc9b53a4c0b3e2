import { type Api, InputFile } from 'grammy';
import type { InlineKeyboardMarkup, InputMediaPhoto, Message } from 'grammy/types';
import type { PictureCache, ReadyPicture } from '../charts/picture-cache.ts';
import type { Logger } from '../lib/logger.ts';
import { classifyTelegramError, type TelegramFailure } from '../telegram/telegram-errors.ts';
import type { Figures } from './figures.ts';

/** Where figures go; the topic is that of the question. */
export type Place = { chatId: number; topicId?: number | undefined };
/** The message that is to show other figures. */
export type ShownMessage = { chatId: number; messageId: number; hasPicture: boolean };

export type FiguresMessages = ReturnType<typeof createFiguresMessages>;

/** After these failures a text would fail as well, or comes too late. */
const NO_USE_IN_TEXT: readonly TelegramFailure['kind'][] = ['unreachable', 'moved', 'wait'];

/** Puts figures into chats: a picture with its caption where that is possible, else the text alone. */
export function createFiguresMessages(dependencies: {
  pictures: PictureCache;
  api: Pick<Api, 'sendPhoto' | 'sendMessage' | 'editMessageMedia' | 'editMessageText'>;
  logger: Logger;
}) {
  const { pictures, api, logger } = dependencies;
  /** The newest press on each message that is being edited; those before it have nothing to show any more. */
  const newest = new Map<string, symbol>();

  function remember(picture: ReadyPicture, message: Message | true): void {
    const fileId = message === true ? undefined : message.photo?.at(-1)?.file_id;
    if (fileId !== undefined) picture.wasSentAs(fileId);
  }

  /** Does what needs the picture. False when Telegram does not take it, though it might take a text. */
  async function withPicture(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      const failure = classifyTelegramError(error);
      if (!failure || NO_USE_IN_TEXT.includes(failure.kind)) throw error;
      if (failure.kind === 'unchanged' || failure.kind === 'gone') return true;
      logger.warn({ err: error, failure: failure.kind }, 'Telegram did not take a picture');
      return false;
    }
  }

  async function sendText({ chatId, topicId }: Place, { text, keyboard }: Figures): Promise<void> {
    await api.sendMessage(chatId, text.text, {
      entities: text.entities,
      reply_markup: keyboard,
      ...(topicId === undefined ? {} : { message_thread_id: topicId }),
    });
  }

  async function editText({ chatId, messageId }: ShownMessage, { text, keyboard }: Figures): Promise<void> {
    try {
      await api.editMessageText(chatId, messageId, text.text, { entities: text.entities, reply_markup: keyboard });
    } catch (error) {
      const failure = classifyTelegramError(error);
      if (failure?.kind !== 'unchanged' && failure?.kind !== 'gone') throw error;
    }
  }

  return {
    /** Sends figures. Throws what grammY throws when not even the text can be sent. */
    async send(place: Place, figures: Figures): Promise<void> {
      const picture = figures.isEmpty ? undefined : await pictures.picture(figures.picture);
      if (!picture) return sendText(place, figures);
      const isSent = await withPicture(async () => {
        const { caption, caption_entities } = figures.caption;
        const topic = place.topicId === undefined ? {} : { message_thread_id: place.topicId };
        const more = { caption, caption_entities, reply_markup: figures.keyboard, ...topic };
        remember(picture, await api.sendPhoto(place.chatId, fileOf(picture), more));
      });
      if (!isSent) await sendText(place, figures);
    },

    /**
     * Makes the message show the figures that `read` reads. A text can become a picture, but a picture never a text again: `no_picture`
     * says that the message stayed as it was for want of one. Of presses that overtake each other the newest wins. A
     * message that is gone is no failure.
     */
    async edit(message: ShownMessage, read: () => Promise<Figures>): Promise<'shown' | 'no_picture'> {
      const key = `${message.chatId}:${message.messageId}`;
      const press = Symbol(key);
      newest.set(key, press);
      try {
        const figures = await read();
        const needsPicture = message.hasPicture || !figures.isEmpty;
        const picture = needsPicture ? await pictures.picture(figures.picture) : undefined;
        if (newest.get(key) !== press) return 'shown';
        const isShown =
          picture !== undefined &&
          (await withPicture(async () => {
            const media = mediaOf(picture, figures);
            const keyboard: InlineKeyboardMarkup = figures.keyboard;
            const options = { reply_markup: keyboard };
            remember(picture, await api.editMessageMedia(message.chatId, message.messageId, media, options));
          }));
        if (isShown) return 'shown';
        if (message.hasPicture) return 'no_picture';
        await editText(message, figures);
        return 'shown';
      } finally {
        if (newest.get(key) === press) newest.delete(key);
      }
    },
  };
}

function fileOf({ png, fileId }: ReadyPicture): InputFile | string {
  return fileId ?? new InputFile(png, 'figures.png');
}

function mediaOf(picture: ReadyPicture, { caption }: Figures): InputMediaPhoto {
  return {
    type: 'photo',
    media: fileOf(picture),
    caption: caption.caption,
    caption_entities: caption.caption_entities,
  };
}
