import type { Message } from 'grammy/types';
import { type MessageContent, post, replyTo } from '../world/messages.ts';
import type { ChatMessage, ChatRecord, World } from '../world/world.ts';
import { badRequest } from './bot-api-error.ts';
import { flag, optionalInteger } from './parameters.ts';
import { inlineKeyboard } from './reply-markup.ts';
import { isRecord, type Payload } from './request-payload.ts';
import { targetChat } from './target-chat.ts';

/** Where a message goes and what every kind of message can have: reply, topic, keyboard. */
export type Destination = { record: ChatRecord; around: MessageContent };

/** Checks chat, reply and keyboard of a request that sends something. */
export function destination(world: World, payload: Payload): Destination {
  const record = targetChat(world, payload, 'write');
  const markup = inlineKeyboard(payload);
  return {
    record,
    around: {
      ...repliedTo(record, payload),
      ...inTopic(payload),
      ...(flag(payload, 'protect_content') ? { has_protected_content: true as const } : {}),
      ...(markup === undefined ? {} : { reply_markup: markup }),
    },
  };
}

/** Puts the bot's message into the chat. */
export function postFromBot(world: World, { record, around }: Destination, content: MessageContent): ChatMessage {
  return post(world, record, world.bot, { ...around, ...content });
}

function repliedTo(record: ChatRecord, payload: Payload): Pick<Message, 'reply_to_message'> {
  const parameters = payload.reply_parameters;
  if (parameters !== undefined && parameters !== '' && !isRecord(parameters)) {
    throw badRequest('object expected as reply parameters');
  }
  const source: Payload = isRecord(parameters) ? parameters : payload;
  const name = source === payload ? 'reply_to_message_id' : 'message_id';
  const messageId = optionalInteger(source, name);
  if (messageId === undefined) {
    if (source !== payload) throw badRequest('can\'t find field "message_id"');
    return {};
  }
  const reply = replyTo(record, messageId);
  if (reply.reply_to_message === undefined && !flag(source, 'allow_sending_without_reply')) {
    throw badRequest('message to be replied not found');
  }
  return reply;
}

/** Topics are not simulated; the id is kept, so that a test sees whether the bot answers in the right one. */
function inTopic(payload: Payload): Pick<Message, 'message_thread_id' | 'is_topic_message'> {
  const id = optionalInteger(payload, 'message_thread_id');
  return id === undefined ? {} : { message_thread_id: id, is_topic_message: true };
}
