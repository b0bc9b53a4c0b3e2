import type { Message, MessageEntity } from 'grammy/types';
import type { MediaKind } from '../db/schema/index.ts';

/** A medium that a person sent, as Telegram describes it. Plain values: it travels through the job queue as JSON. */
export type UploadedMedia = {
  kind: MediaKind;
  fileId: string;
  fileUniqueId: string;
  fileName: string;
  mimeType: string | null;
  fileSize: number | null;
  caption: string | null;
  captionEntities: MessageEntity[];
};

/**
 * Telegram gives photos, and some videos, no name; this one says what it is and on which day it came. Not at what time:
 * a name has no zone, and people would read it in theirs.
 */
function nameless(kind: string, extension: string, message: Message): string {
  const day = new Date(message.date * 1000).toISOString().slice(0, 10);
  return `${kind} ${day} #${message.message_id}.${extension}`;
}

/**
 * The medium of a message, with the largest size of a photo; undefined when there is none that can be posted (stickers,
 * voice and the like are not). An animation also carries a `document`, hence the order.
 */
export function uploadedMedia(message: Message): UploadedMedia | undefined {
  const common = { caption: message.caption ?? null, captionEntities: message.caption_entities ?? [] };
  const photo = message.photo?.at(-1);
  if (photo) {
    return {
      kind: 'photo',
      fileId: photo.file_id,
      fileUniqueId: photo.file_unique_id,
      fileName: nameless('photo', 'jpg', message),
      mimeType: 'image/jpeg',
      fileSize: photo.file_size ?? null,
      ...common,
    };
  }
  const [kind, file] = message.animation
    ? (['animation', message.animation] as const)
    : message.video
      ? (['video', message.video] as const)
      : (['document', message.document] as const);
  if (!file) return undefined;
  return {
    kind,
    fileId: file.file_id,
    fileUniqueId: file.file_unique_id,
    fileName: file.file_name ?? nameless(kind, kind === 'document' ? 'bin' : 'mp4', message),
    mimeType: file.mime_type ?? null,
    fileSize: file.file_size ?? null,
    ...common,
  };
}
