import type { Message } from 'grammy/types';
import { isDatabaseFailure } from '../db/database-errors.ts';
import { OutsideError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { requireIndexedFile } from '../media/library-file.ts';
import type { MediaRepository } from '../media/media-repository.ts';
import { uploadedMedia } from '../media/uploaded-media.ts';
import {
  isFileIdRefused,
  isPhotoRefused,
  type MediaApi,
  type MediaMessage,
  sendMedia,
} from '../telegram/send-media.ts';
import type { Medium } from './delivery-repository.ts';

export type MediumService = ReturnType<typeof createMediumService>;

type View = Pick<MediaMessage, 'caption' | 'keyboard'>;

/** Shows media in a chat, wherever their file is: at Telegram, or in a folder of this machine. */
export function createMediumService(dependencies: {
  media: Pick<MediaRepository, 'keepTelegramFile' | 'markMissing'>;
  api: MediaApi;
  /** The same with more patience: fifty megabytes take minutes from behind a home router. */
  uploads: MediaApi;
  logger: Logger;
}) {
  const { media, api, uploads, logger } = dependencies;

  async function upload(chatId: number, medium: Medium, view: View): Promise<Message> {
    const { path, fileName, fileSize, fileModifiedAt } = medium;
    if (path === null) {
      throw new OutsideError('files', 'no Telegram file is known for it', { retryable: false });
    }
    await requireIndexedFile({ path, fileSize, fileModifiedAt });
    const source = { path, fileName };
    try {
      return await sendMedia(uploads, chatId, { kind: medium.kind, source, ...view });
    } catch (error) {
      if (medium.kind !== 'photo' || !isPhotoRefused(error)) throw error;
      return sendMedia(uploads, chatId, { kind: 'document', source, ...view });
    }
  }

  return {
    /** Whether sending begins with an upload, which may take long. */
    mustUpload: (medium: Medium): boolean => medium.telegramFileId === null && medium.path !== null,

    /**
     * Sends a medium by its Telegram file, else (or when Telegram does not take that any more) from its folder.
     * Throws what grammY throws, and OutsideError (files) when there is no file to send.
     */
    async send(chatId: number, medium: Medium, view: View): Promise<{ message: Message; isUpload: boolean }> {
      const { telegramFileId: fileId, kind } = medium;
      if (fileId === null) return { message: await upload(chatId, medium, view), isUpload: true };
      try {
        return { message: await sendMedia(api, chatId, { kind, source: { fileId }, ...view }), isUpload: false };
      } catch (error) {
        if (medium.path === null || !isFileIdRefused(error)) throw error;
        logger.warn({ mediaItemId: medium.id }, 'Telegram does not know a file any more; it is uploaded again');
        return { message: await upload(chatId, medium, view), isUpload: true };
      }
    },

    /**
     * Remembers what Telegram made of an upload, so that it is uploaded once. Also which kind: it makes an animation of
     * a silent video and a document of an old QuickTime film. A database that is away costs another upload, nothing else.
     */
    async remember(medium: Medium, message: Message): Promise<void> {
      const file = uploadedMedia(message);
      if (!file) return;
      try {
        await media.keepTelegramFile(medium.id, file);
      } catch (error) {
        if (!isDatabaseFailure(error)) throw error;
        logger.warn({ err: error, mediaItemId: medium.id }, 'an uploaded file was not remembered');
      }
    },

    /** Its file cannot be sent any more: it is not offered again until `media index` finds it. */
    async markMissing(medium: Medium): Promise<void> {
      if (medium.path !== null) await media.markMissing([{ id: medium.id, path: medium.path }]);
    },
  };
}
