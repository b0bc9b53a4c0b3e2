import type { Message, PhotoSize } from 'grammy/types';
import type { FileStore, NewFile, StoredFile } from './file-store.ts';
import { imageSize } from './image-size.ts';

/** The part of a message that holds its file. */
export type MediaContent = Pick<Message, 'photo' | 'video' | 'animation' | 'document'>;

const SMALL_PHOTO_EDGE = 320;
const UNKNOWN_SIZE = { width: 800, height: 600 };

/** Stores an upload; a photo in two sizes if it is large; the larger one is returned. The bytes are never converted. */
export function storeMedia(files: FileStore, upload: NewFile): StoredFile {
  const measured = upload.kind === 'document' ? undefined : (imageSize(upload.bytes) ?? UNKNOWN_SIZE);
  const width = upload.width ?? measured?.width;
  const height = upload.height ?? measured?.height;
  if (width === undefined || height === undefined) return files.add(upload);
  const full = files.add({ ...upload, width, height });
  const scale = SMALL_PHOTO_EDGE / Math.max(width, height);
  if (upload.kind !== 'photo' || scale >= 1) return full;
  const small = files.add({
    ...upload,
    variant: 'small',
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  });
  files.update({ ...small, otherSize: full.file_id });
  const both = { ...full, otherSize: small.file_id };
  files.update(both);
  return both;
}

/** The message fields for a stored file. An animation is also a `document`, as at Telegram. */
export function mediaContent(files: FileStore, file: StoredFile): MediaContent {
  const ids = { file_id: file.file_id, file_unique_id: file.file_unique_id };
  const about = {
    ...(file.fileName === undefined ? {} : { file_name: file.fileName }),
    ...(file.mimeType === undefined ? {} : { mime_type: file.mimeType }),
    file_size: file.size,
  };
  const frame = { width: file.width ?? 0, height: file.height ?? 0, duration: file.duration ?? 0 };
  switch (file.kind) {
    case 'photo':
      return { photo: photoSizes(files, file) };
    case 'video':
      return { video: { ...ids, ...frame, ...about } };
    case 'animation':
      return { animation: { ...ids, ...frame, ...about }, document: { ...ids, ...about } };
    case 'document':
      return { document: { ...ids, ...about } };
  }
}

function photoSizes(files: FileStore, file: StoredFile): PhotoSize[] {
  const other = file.otherSize === undefined ? undefined : files.get(file.otherSize);
  return [file, ...(other === undefined ? [] : [other])]
    .map(({ file_id, file_unique_id, width = 0, height = 0, size }) => ({
      file_id,
      file_unique_id,
      width,
      height,
      file_size: size,
    }))
    .sort((a, b) => a.width * a.height - b.width * b.height);
}
