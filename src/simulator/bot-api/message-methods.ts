import { copiedContent, forwardedContent, hasContent, textContent } from '../world/message-content.ts';
import { removeMessage } from '../world/messages.ts';
import { emojiReaction, setReactions } from '../world/reactions.ts';
import type { ChatMessage } from '../world/world.ts';
import { badRequest } from './bot-api-error.ts';
import { formattedText, TEXT_LIMIT } from './formatted-text.ts';
import type { Method, MethodTable } from './method.ts';
import { optionalList, text } from './parameters.ts';
import { isRecord, type Payload } from './request-payload.ts';
import { destination, postFromBot } from './sending.ts';
import { assertDeletable, targetChat, targetMessage } from './target-chat.ts';

const CHAT_ACTIONS = new Set([
  ...['typing', 'upload_photo', 'record_video', 'upload_video', 'record_voice', 'upload_voice', 'upload_document'],
  ...['choose_sticker', 'find_location', 'record_video_note', 'upload_video_note'],
]);

const sendMessage: Method = ({ world }, payload) => {
  const target = destination(world, payload);
  if (text(payload, 'text') === '') throw badRequest('message text is empty');
  const content = formattedText(world, payload, 'text', 'entities');
  if (content.text === '') throw badRequest('text must be non-empty');
  if (content.text.length > TEXT_LIMIT) throw badRequest('message is too long');
  return postFromBot(world, target, textContent(content.text, content.entities));
};

const sendChatAction: Method = ({ world }, payload) => {
  const record = targetChat(world, payload, 'write');
  const action = text(payload, 'action');
  if (!CHAT_ACTIONS.has(action)) throw badRequest('wrong parameter action in request');
  world.changes.emit({ kind: 'typing', chatId: record.chat.id, action });
  return true;
};

const deleteMessage: Method = ({ world }, payload) => {
  const record = targetChat(world, payload, 'change');
  const stored = targetMessage(record, payload, 'message to delete not found');
  assertDeletable(world, record, stored);
  return removeMessage(world, record, stored.message.message_id);
};

/** The message that forwardMessage and copyMessage take from another chat. */
function source(context: Parameters<Method>[0], payload: Payload, missing: string): ChatMessage {
  const record = targetChat(context.world, payload, 'look', 'from_chat_id');
  return targetMessage(record, payload, missing).message;
}

const forwardMessage: Method = (context, payload) => {
  const target = destination(context.world, payload);
  const message = source(context, payload, 'message to forward not found');
  if (!hasContent(message) || message.has_protected_content) throw badRequest("message can't be forwarded");
  return postFromBot(context.world, target, forwardedContent(message));
};

const copyMessage: Method = (context, payload) => {
  const { world } = context;
  const target = destination(world, payload);
  const message = source(context, payload, 'message to copy not found');
  if (!hasContent(message) || message.has_protected_content) throw badRequest("message can't be copied");
  return { message_id: postFromBot(world, target, copiedContent(message)).message_id };
};

const setMessageReaction: Method = ({ world }, payload) => {
  const record = targetChat(world, payload, 'change');
  const stored = targetMessage(record, payload, 'message to react not found');
  const reactions = (optionalList(payload, 'reaction') ?? []).map((reaction) => {
    const known = isRecord(reaction) && reaction.type === 'emoji' ? emojiReaction(text(reaction, 'emoji')) : undefined;
    if (known === undefined) throw badRequest('REACTION_INVALID');
    return known;
  });
  if (reactions.length > 1) throw badRequest('REACTIONS_TOO_MANY');
  setReactions(world, record, stored, world.bot, reactions);
  return true;
};

/** Texts, and what can be done to any message. */
export const messageMethods: MethodTable = {
  sendMessage,
  sendChatAction,
  deleteMessage,
  forwardMessage,
  copyMessage,
  setMessageReaction,
};
