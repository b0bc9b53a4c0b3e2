import type { InlineKeyboardMarkup } from 'grammy/types';
import { textContent } from '../world/message-content.ts';
import { type MessageContent, replaceMessage } from '../world/messages.ts';
import { type ChatMessage, type StoredMessage, unixTime, type World } from '../world/world.ts';
import { badRequest } from './bot-api-error.ts';
import { formattedText, TEXT_LIMIT } from './formatted-text.ts';
import { inputMedia, requestedCaption } from './media-methods.ts';
import type { Method, MethodTable } from './method.ts';
import { text } from './parameters.ts';
import { inlineKeyboard } from './reply-markup.ts';
import type { Payload } from './request-payload.ts';
import { targetChat, targetMessage } from './target-chat.ts';

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current ' +
  'content and reply markup of the message';

/** The bot's own message that a request wants to change. */
function editable(world: World, payload: Payload): StoredMessage {
  if (text(payload, 'inline_message_id') !== '') throw badRequest('MESSAGE_ID_INVALID');
  const record = targetChat(world, payload, 'change');
  const stored = targetMessage(record, payload, 'message to edit not found');
  if (stored.message.from.id !== world.bot.id) throw badRequest("message can't be edited");
  return stored;
}

/** Writes the new content. Throws "message is not modified" when text, entities, media and keyboard stay the same. */
function change(world: World, stored: StoredMessage, content: MessageContent, markup?: InlineKeyboardMarkup) {
  const { edit_date: _when, reply_markup: _keyboard, ...rest } = stored.message;
  const next: ChatMessage = { ...withoutContent(rest), ...content, ...(markup && { reply_markup: markup }) };
  if (fingerprint(next) === fingerprint(stored.message)) throw badRequest(NOT_MODIFIED);
  return replaceMessage(world, stored, { ...next, edit_date: unixTime(world) });
}

function withoutContent(message: ChatMessage): ChatMessage {
  const { text: _text, entities: _entities, caption: _caption, caption_entities: _captionEntities, ...rest } = message;
  const { photo: _photo, video: _video, animation: _animation, document: _document, ...bare } = rest;
  const { show_caption_above_media: _above, has_media_spoiler: _spoiler, ...plain } = bare;
  return plain;
}

function fingerprint(message: ChatMessage): string {
  const { text, entities, caption, caption_entities, reply_markup, photo, video, animation, document } = message;
  const file = photo?.at(-1) ?? video ?? animation ?? document;
  const content = [text, entities ?? [], caption, caption_entities ?? [], reply_markup, file?.file_unique_id];
  return JSON.stringify([...content, message.show_caption_above_media, message.has_media_spoiler]);
}

/** The file fields of a message, kept while its caption or keyboard changes. */
function mediaOf({ photo, video, animation, document }: ChatMessage): MessageContent {
  return {
    ...(photo && { photo }),
    ...(video && { video }),
    ...(animation && { animation }),
    ...(document && { document }),
  };
}

function hasMedia(message: ChatMessage): boolean {
  return Object.keys(mediaOf(message)).length > 0;
}

const editMessageText: Method = ({ world }, payload) => {
  const stored = editable(world, payload);
  const markup = inlineKeyboard(payload);
  if (text(payload, 'text') === '') throw badRequest('message text is empty');
  const content = formattedText(world, payload, 'text', 'entities');
  if (content.text === '') throw badRequest('text must be non-empty');
  if (content.text.length > TEXT_LIMIT) throw badRequest('message is too long');
  if (stored.message.text === undefined) throw badRequest('there is no text in the message to edit');
  return change(world, stored, textContent(content.text, content.entities), markup);
};

const editMessageCaption: Method = ({ world }, payload) => {
  const stored = editable(world, payload);
  const markup = inlineKeyboard(payload);
  const caption = requestedCaption(world, payload);
  if (!hasMedia(stored.message)) throw badRequest('there is no caption in the message to edit');
  return change(world, stored, { ...mediaOf(stored.message), ...caption }, markup);
};

const editMessageReplyMarkup: Method = ({ world }, payload) => {
  const stored = editable(world, payload);
  const { reply_markup: _old, ...content } = stored.message;
  return change(world, stored, content, inlineKeyboard(payload));
};

const editMessageMedia: Method = ({ world }, payload) => {
  const stored = editable(world, payload);
  const markup = inlineKeyboard(payload);
  const content = inputMedia(world, payload.media);
  return change(world, stored, content, markup);
};

/** Changes of what the bot has sent. A keyboard that is not repeated disappears, as at Telegram. */
export const editMethods: MethodTable = {
  editMessageText,
  editMessageCaption,
  editMessageReplyMarkup,
  editMessageMedia,
};
