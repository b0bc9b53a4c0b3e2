/** Messages in words: for the chat list, quotes and service lines. */

const names = (users) => users.map(({ first_name: name }) => name).join(', ');

/** What a service message says; `undefined` for any other. */
export function serviceWords(message) {
  const { from, new_chat_members: came, left_chat_member: gone } = message;
  if (came !== undefined) {
    const isSelf = came.length === 1 && came[0].id === from.id;
    return isSelf ? `${from.first_name} joined` : `${from.first_name} added ${names(came)}`;
  }
  if (gone !== undefined) {
    return gone.id === from.id ? `${from.first_name} left` : `${from.first_name} removed ${gone.first_name}`;
  }
  if (message.migrate_to_chat_id !== undefined) return 'This group became a supergroup';
  if (message.migrate_from_chat_id !== undefined) return 'This supergroup was a group';
  return message.pinned_message === undefined ? undefined : `${from.first_name} pinned a message`;
}

export const authorOf = (message) => message.sender_chat?.title ?? message.from?.first_name ?? '';

/** A message in a few words. */
export function summaryOf(message) {
  const words = serviceWords(message) ?? message.text ?? message.caption;
  if (words !== undefined) return words;
  const { photo, video, animation, document: file } = message;
  // Telegram gives an animation a document, too.
  if (animation !== undefined) return 'GIF';
  if (photo !== undefined) return 'Photo';
  return video === undefined ? (file?.file_name ?? 'Message') : 'Video';
}

/** What stands below a chat's name. */
export function aboutChat(chat) {
  if (chat.migratedTo !== null) return 'became a supergroup';
  return chat.type === 'private' ? 'bot' : `${chat.members.length} members: ${chat.members.join(', ')}`;
}

/** A size for people. */
export function sizeWords(bytes = 0) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
