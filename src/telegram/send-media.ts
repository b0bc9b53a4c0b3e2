import { type Api, GrammyError, InputFile } from 'grammy';
import type { InlineKeyboardMarkup, Message } from 'grammy/types';
import type { Text } from './text.ts';

/** A file that Telegram has (by its file id, so that nothing is uploaded twice), or one on this machine. */
export type MediaSource = { fileId: string } | { path: string; fileName: string };

/** Something to show in a chat. */
export type MediaMessage = {
  kind: 'photo' | 'video' | 'animation' | 'document';
  source: MediaSource;
  caption: Text;
  keyboard: InlineKeyboardMarkup;
};

export type MediaApi = Pick<Api, 'sendPhoto' | 'sendVideo' | 'sendAnimation' | 'sendDocument'>;

/** Sends media with the method that fits its kind: Telegram refuses a video by sendPhoto. Throws what grammY throws. */
export function sendMedia(api: MediaApi, chatId: number, media: MediaMessage): Promise<Message> {
  const { source } = media;
  const file = 'fileId' in source ? source.fileId : new InputFile(source.path, uploadName(source.fileName));
  const options = {
    caption: media.caption.caption,
    caption_entities: media.caption.caption_entities,
    reply_markup: media.keyboard,
  };
  switch (media.kind) {
    case 'photo':
      return api.sendPhoto(chatId, file, options);
    case 'video':
      return api.sendVideo(chatId, file, options);
    case 'animation':
      return api.sendAnimation(chatId, file, options);
    case 'document':
      return api.sendDocument(chatId, file, options);
  }
}

/**
 * A file name as it may stand in the head of a form's part. grammY writes it there bare (and refuses line ends), so it is
 * quoted here and what would end the quotes is replaced.
 */
function uploadName(fileName: string): string {
  return `"${fileName.toWellFormed().replace(/[\p{Cc}"\\]/gu, '_')}"`;
}

/** Whether Telegram refused a file id: of another bot, of a file that is gone, or of another kind than it is sent as. */
export function isFileIdRefused(error: unknown): boolean {
  return isRefusal(error, /wrong (remote )?file identifier|wrong file_id|can't use file of type|file reference/i);
}

/** Whether Telegram refused to make a photo of a file; as a document it takes it. */
export function isPhotoRefused(error: unknown): boolean {
  return isRefusal(error, /IMAGE_PROCESS_FAILED|PHOTO_INVALID_DIMENSIONS|PHOTO_EXT_INVALID|too big for a photo/i);
}

function isRefusal(error: unknown, words: RegExp): boolean {
  return error instanceof GrammyError && error.error_code === 400 && words.test(error.description);
}
