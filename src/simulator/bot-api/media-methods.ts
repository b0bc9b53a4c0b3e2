import { newAlbumId } from '../world/albums.ts';
import type { MediaKind, StoredFile } from '../world/file-store.ts';
import { imageSize } from '../world/image-size.ts';
import { mediaContent, storeMedia } from '../world/media-content.ts';
import { captionContent } from '../world/message-content.ts';
import type { MessageContent } from '../world/messages.ts';
import { mimeTypeOf } from '../world/mime-types.ts';
import type { World } from '../world/world.ts';
import { BotApiError, badRequest } from './bot-api-error.ts';
import { CAPTION_LIMIT, formattedText } from './formatted-text.ts';
import type { Method, MethodTable } from './method.ts';
import { flag, optionalInteger, text } from './parameters.ts';
import { isRecord, isUpload, type Payload, type Upload } from './request-payload.ts';
import { destination, postFromBot } from './sending.ts';

const MEGABYTE = 1024 * 1024;
const UPLOAD_LIMIT = 50 * MEGABYTE;
const PHOTO_LIMIT = 10 * MEGABYTE;
const TYPE_NAMES: Record<MediaKind, string> = {
  photo: 'Photo',
  video: 'Video',
  animation: 'Animation',
  document: 'Document',
};

/**
 * The file of a request: a new upload or one that Telegram knows by `file_id`.
 * Throws 400 for a wrong kind, an unknown id or an address (nothing is fetched from outside), 413 above 50 MB.
 */
export function requestedFile(world: World, payload: Payload, name: string, kind: MediaKind): StoredFile {
  const value = payload[name];
  if (isUpload(value)) return uploadedFile(world, payload, value, kind);
  const id = text(payload, name);
  if (id === '') throw badRequest(`there is no ${kind} in the request`);
  const file = world.files.get(id);
  if (file === undefined) throw badRequest('wrong file identifier/HTTP URL specified');
  if (file.kind !== kind) {
    throw badRequest(`can't use file of type ${TYPE_NAMES[file.kind]} as ${TYPE_NAMES[kind]}`);
  }
  return file;
}

function uploadedFile(world: World, payload: Payload, upload: Upload, kind: MediaKind): StoredFile {
  const { bytes, fileName, mimeType } = upload;
  if (bytes.length > UPLOAD_LIMIT) throw new BotApiError(413, 'Request Entity Too Large');
  if (bytes.length === 0) throw badRequest('file must be non-empty');
  if (kind === 'photo') assertPhoto(bytes);
  const measures = ['width', 'height', 'duration'].flatMap((name) => {
    const value = optionalInteger(payload, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const named = fileName === 'blob' || fileName === '' ? {} : { fileName };
  const typed = { mimeType: mimeTypeOf(fileName, mimeType) };
  return storeMedia(world.files, { kind, bytes, ...typed, ...named, ...Object.fromEntries(measures) });
}

function assertPhoto(bytes: Uint8Array): void {
  if (bytes.length > PHOTO_LIMIT) {
    throw badRequest(
      `file of size ${bytes.length} bytes is too big for a photo; the maximum size is ${PHOTO_LIMIT} bytes`,
    );
  }
  const size = imageSize(bytes);
  if (size === undefined) throw badRequest('IMAGE_PROCESS_FAILED');
  const { width, height } = size;
  const ratio = Math.max(width, height) / Math.max(1, Math.min(width, height));
  if (width + height > 10_000 || ratio > 20) throw badRequest('PHOTO_INVALID_DIMENSIONS');
}

/** The caption of a request, checked. */
export function requestedCaption(world: World, payload: Payload): MessageContent {
  const caption = formattedText(world, payload, 'caption', 'caption_entities');
  if (caption.text.length > CAPTION_LIMIT) throw badRequest('message caption is too long');
  return {
    ...captionContent(caption.text, caption.entities),
    ...(flag(payload, 'has_spoiler') ? { has_media_spoiler: true as const } : {}),
    ...(flag(payload, 'show_caption_above_media') ? { show_caption_above_media: true as const } : {}),
  };
}

function sendKind(kind: MediaKind): Method {
  return ({ world }, payload) => {
    const target = destination(world, payload);
    const caption = requestedCaption(world, payload);
    const file = requestedFile(world, payload, kind, kind);
    return postFromBot(world, target, { ...mediaContent(world.files, file), ...caption });
  };
}

/** An item of sendMediaGroup or the new content of editMessageMedia. */
export function inputMedia(world: World, value: unknown): MessageContent {
  if (!isRecord(value)) throw badRequest("can't parse InputMedia: expected an Object");
  const kind = (['photo', 'video', 'animation', 'document'] as const).find((candidate) => candidate === value.type);
  if (kind === undefined) throw badRequest("can't parse InputMedia: type must be non-empty");
  const caption = requestedCaption(world, value);
  return { ...mediaContent(world.files, requestedFile(world, value, 'media', kind)), ...caption };
}

const sendMediaGroup: Method = ({ world }, payload) => {
  const target = destination(world, { ...payload, reply_markup: undefined });
  const items = payload.media;
  if (!Array.isArray(items)) throw badRequest("can't parse media JSON object");
  if (items.length < 2 || items.length > 10) {
    throw badRequest('wrong number of messages in the group: an album has 2-10 items');
  }
  const kinds = new Set(items.map((item: unknown) => (isRecord(item) ? item.type : undefined)));
  if (kinds.has('animation')) throw badRequest("animation can't be sent as part of an album");
  if (kinds.has('document') && kinds.size > 1) throw badRequest("document can't be mixed with other media types");
  const contents = items.map((item: unknown) => inputMedia(world, item));
  const media_group_id = newAlbumId();
  return contents.map((content) => postFromBot(world, target, { ...content, media_group_id }));
};

/** Files of all kinds. */
export const mediaMethods: MethodTable = {
  sendPhoto: sendKind('photo'),
  sendVideo: sendKind('video'),
  sendAnimation: sendKind('animation'),
  sendDocument: sendKind('document'),
  sendMediaGroup,
};
