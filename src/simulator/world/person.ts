import type { Chat, User } from 'grammy/types';
import type { ChatRef, MessageRef, Person } from '../cast-interface.ts';
import { albumProblem, newAlbumId } from './albums.ts';
import { isPresent, memberOf } from './members.ts';
import { forwardedContent, hasContent, mediaToContent, textContent } from './message-content.ts';
import { type MessageContent, post, replyTo } from './messages.ts';
import { deleteAs, editOwn } from './own-messages.ts';
import { emojiReaction, setReactions } from './reactions.ts';
import { buttonData, sendTap, tappedMessage } from './taps.ts';
import { deliver } from './visibility.ts';
import { type ChatMessage, type ChatRecord, chatRecord, type StoredMessage, type World } from './world.ts';

/** The private chat with the bot, as the bot sees it. */
export function privateChatOf(user: User): Chat.PrivateChat {
  const { id, first_name, last_name, username } = user;
  return {
    id,
    type: 'private',
    first_name,
    ...(last_name === undefined ? {} : { last_name }),
    ...(username === undefined ? {} : { username }),
  };
}

/** The actions of one person. Everything they do goes through the same state as the bot's own calls. */
export function personOf(world: World, user: User): Person {
  const write = (chat: ChatRef, content: MessageContent): ChatMessage => {
    const record = chatToWriteIn(world, user, chat);
    const message = post(world, record, user, content);
    deliver(world, record, message);
    return message;
  };
  const inReply = (chat: ChatRef, reference: MessageRef | undefined) =>
    replyTo(chatRecord(world, chat), reference?.message_id);

  return {
    id: user.id,
    user,
    privateChat: privateChatOf(user),
    send: (chat, text, options = {}) =>
      write(chat, {
        ...textContent(text, options.entities),
        ...inReply(chat, options.replyTo),
        ...(options.topicId === undefined ? {} : { message_thread_id: options.topicId, is_topic_message: true }),
      }),
    sendMedia: (chat, media) => write(chat, { ...mediaToContent(world, media), ...inReply(chat, media.replyTo) }),
    sendAlbum(chat, files, { caption = '', replyTo: answered } = {}) {
      const problem = albumProblem(files.map(({ kind }) => kind));
      if (problem !== undefined) throw new Error(problem);
      const mediaGroupId = newAlbumId();
      return files.map((file, index) => {
        const content = mediaToContent(world, { ...file, mediaGroupId, caption: index === 0 ? caption : '' });
        return write(chat, { ...content, ...inReply(chat, answered) });
      });
    },
    edit: (reference, text) =>
      editOwn(world, chatOfPresent(world, user, reference.chat), existing(world, reference), user, text),
    delete: (reference) =>
      deleteAs(world, chatOfPresent(world, user, reference.chat), existing(world, reference), user),
    press(reference, labelOrData) {
      const { message } = existing(world, reference);
      const data = buttonData(message, labelOrData);
      return sendTap(world, user, chatRecord(world, reference.chat), message, data);
    },
    tap(chat, data, options = {}) {
      const record = chatRecord(world, chat);
      return sendTap(world, user, record, tappedMessage(record, options), data);
    },
    forward(reference, toChat) {
      const { message } = existing(world, reference);
      if (!hasContent(message)) throw new Error(`Message ${message.message_id} is a service message`);
      if (message.has_protected_content) throw new Error(`Message ${message.message_id} must not be forwarded`);
      return write(toChat, forwardedContent(message));
    },
    react(reference, emoji) {
      const reaction = emojiReaction(emoji);
      if (reaction === undefined && emoji !== '') throw new Error(`Telegram offers no reaction ${emoji}`);
      const record = chatOfPresent(world, user, reference.chat);
      setReactions(world, record, existing(world, reference), user, reaction === undefined ? [] : [reaction]);
    },
  };
}

/** The chat, in which this person has to be able to write now; a private one counts as started from here. */
export function chatToWriteIn(world: World, user: User, chat: ChatRef): ChatRecord {
  const record = chatOfPresent(world, user, chat);
  if (record.chat.type === 'private') {
    if (record.blocked) throw new Error(`${user.first_name} has blocked the bot; unblock it first`);
    record.started = true;
    return record;
  }
  if (record.migratedTo !== undefined) throw new Error(`“${record.chat.title}” has become a supergroup; write there`);
  return record;
}

/** The chat, in which this person has to be. */
function chatOfPresent(world: World, user: User, chat: ChatRef): ChatRecord {
  const record = chatRecord(world, chat);
  if (record.chat.type === 'private') {
    if (record.chat.id !== user.id) throw new Error(`${user.first_name} cannot write in another person's chat`);
  } else if (!isPresent(memberOf(record, user).status)) {
    throw new Error(`${user.first_name} is not a member of "${record.chat.title}"`);
  }
  return record;
}

function existing(world: World, reference: MessageRef): StoredMessage {
  const stored = chatRecord(world, reference.chat).messages.get(reference.message_id);
  if (stored === undefined)
    throw new Error(`Chat ${reference.chat.id} has no message ${reference.message_id} (any more)`);
  return stored;
}
