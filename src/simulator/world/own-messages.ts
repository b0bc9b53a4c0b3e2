import type { User } from 'grammy/types';
import { isAdministrator, memberOf } from './members.ts';
import { captionContent, hasMedia, textContent } from './message-content.ts';
import { removeMessage, replaceMessage } from './messages.ts';
import { botSees } from './visibility.ts';
import { type ChatMessage, type ChatRecord, type StoredMessage, unixTime, type World } from './world.ts';

const CAPTION_LIMIT = 1024;

/**
 * Changes the words of a person's own message: the text, or the caption of a file. Words that stay the same change
 * nothing. Throws when Telegram would not offer it: somebody else's, a forwarded or a service message, no words.
 */
export function editOwn(
  world: World,
  record: ChatRecord,
  stored: StoredMessage,
  user: User,
  words: string,
): ChatMessage {
  const { message } = stored;
  if (message.from.id !== user.id) throw new Error(`${user.first_name} can only edit own messages`);
  if (message.forward_origin !== undefined) throw new Error('A forwarded message cannot be edited');
  const withMedia = hasMedia(message);
  if (!withMedia && message.text === undefined) throw new Error('A service message cannot be edited');
  if (!withMedia && words === '') throw new Error('A message cannot become empty; delete it instead');
  if (withMedia && words.length > CAPTION_LIMIT) throw new Error(`A caption has at most ${CAPTION_LIMIT} characters`);
  if (words === (message.text ?? message.caption ?? '')) return message;
  const { text: _text, entities: _entities, caption: _caption, caption_entities: _captionEntities, ...rest } = message;
  const content = withMedia ? captionContent(words) : textContent(words);
  const edited = { ...rest, ...content, edit_date: unixTime(world) };
  replaceMessage(world, stored, edited);
  if (botSees(world, record, edited)) world.updates.add({ edited_message: edited });
  return edited;
}

/**
 * Deletes a message as a person may: own ones, anybody's as an administrator of the group, and in a private chat the
 * bot's too. The bot is not told, as at Telegram. Throws when Telegram would not offer it.
 */
export function deleteAs(world: World, record: ChatRecord, stored: StoredMessage, user: User): void {
  const mayAny = record.chat.type === 'private' || isAdministrator(memberOf(record, user).status);
  if (stored.message.from.id !== user.id && !mayAny) {
    throw new Error(`${user.first_name} can only delete own messages here`);
  }
  removeMessage(world, record, stored.message.message_id);
}
