import type { Api } from 'grammy';
import type { InlineKeyboardMarkup, Message } from 'grammy/types';
import type { Text } from './text.ts';

/** Something to show in a chat by its Telegram file id, which is reused: nothing is uploaded twice. */
export type MediaMessage = {
  kind: 'photo' | 'video' | 'animation' | 'document';
  fileId: string;
  caption: Text;
  keyboard: InlineKeyboardMarkup;
};

export type MediaApi = Pick<Api, 'sendPhoto' | 'sendVideo' | 'sendAnimation' | 'sendDocument'>;

/** Sends media with the method that fits its kind: Telegram refuses a video by sendPhoto. Throws what grammY throws. */
export function sendMedia(api: MediaApi, chatId: number, media: MediaMessage): Promise<Message> {
  const options = {
    caption: media.caption.caption,
    caption_entities: media.caption.caption_entities,
    reply_markup: media.keyboard,
  };
  switch (media.kind) {
    case 'photo':
      return api.sendPhoto(chatId, media.fileId, options);
    case 'video':
      return api.sendVideo(chatId, media.fileId, options);
    case 'animation':
      return api.sendAnimation(chatId, media.fileId, options);
    case 'document':
      return api.sendDocument(chatId, media.fileId, options);
  }
}
