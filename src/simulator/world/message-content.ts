import type { MessageEntity, MessageOrigin } from 'grammy/types';
import type { MediaToSend } from '../cast-interface.ts';
import { mediaContent, storeMedia } from './media-content.ts';
import type { MessageContent } from './messages.ts';
import { mimeTypeOf } from './mime-types.ts';
import { withTypedEntities } from './typed-entities.ts';
import type { ChatMessage, World } from './world.ts';

/** A text with its entities, the recognised ones included. */
export function textContent(
  text: string,
  given?: readonly MessageEntity[],
): { text: string; entities?: MessageEntity[] } {
  const entities = withTypedEntities(text, given);
  return entities.length === 0 ? { text } : { text, entities };
}

/** A caption with its entities; nothing for an empty one. */
export function captionContent(
  caption: string,
  given?: readonly MessageEntity[],
): { caption?: string; caption_entities?: MessageEntity[] } {
  if (caption === '') return {};
  const entities = withTypedEntities(caption, given);
  return entities.length === 0 ? { caption } : { caption, caption_entities: entities };
}

/** A file that a person sends, stored. */
export function mediaToContent(world: World, media: MediaToSend): MessageContent {
  const { replyTo: _replyTo, mediaGroupId, caption = '', ...upload } = media;
  const mimeType = mimeTypeOf(media.fileName ?? '', media.mimeType);
  const file = storeMedia(world.files, { ...upload, mimeType });
  return {
    ...mediaContent(world.files, file),
    ...captionContent(caption),
    ...(mediaGroupId === undefined ? {} : { media_group_id: mediaGroupId }),
  };
}

/** What a copy of a message has in common with it: text or media and caption; not the keyboard, not the author. */
export function copiedContent(message: ChatMessage): MessageContent {
  const { text, entities, caption, caption_entities, photo, video, animation, document } = message;
  return {
    ...(text === undefined ? {} : { text }),
    ...(entities === undefined ? {} : { entities }),
    ...(caption === undefined ? {} : { caption }),
    ...(caption_entities === undefined ? {} : { caption_entities }),
    ...(photo === undefined ? {} : { photo }),
    ...(video === undefined ? {} : { video }),
    ...(animation === undefined ? {} : { animation }),
    ...(document === undefined ? {} : { document }),
  };
}

/** A forwarded message names its origin and keeps its inline keyboard. */
export function forwardedContent(message: ChatMessage): MessageContent {
  const origin: MessageOrigin = message.forward_origin ?? {
    type: 'user',
    sender_user: message.from,
    date: message.date,
  };
  return {
    ...copiedContent(message),
    forward_origin: origin,
    ...(message.reply_markup === undefined ? {} : { reply_markup: message.reply_markup }),
  };
}

/** Whether the words of a message are the caption of a file. */
export function hasMedia({ photo, video, animation, document }: ChatMessage): boolean {
  return [photo, video, animation, document].some((media) => media !== undefined);
}

/** Service messages have nothing that could be copied or forwarded. */
export function hasContent(message: ChatMessage): boolean {
  return Object.keys(copiedContent(message)).length > 0;
}
