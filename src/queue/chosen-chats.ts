import { PersonError } from '../lib/errors.ts';
import type { Chat, ChatRepository } from '../settings/chat-repository.ts';

/**
 * The chats that a terminal command is about: the one with the id in `--chat`, else all in which the bot works. Throws
 * PersonError when there is no such chat, or none at all.
 */
export async function chosenChats(chats: Pick<ChatRepository, 'active'>, id: string | undefined): Promise<Chat[]> {
  const active = await chats.active();
  const listed = active.map((chat) => `${chat.id} (${chat.title || 'no title yet'})`).join(', ');
  if (active.length === 0) throw new PersonError('The bot is in no team chat yet: add it to your group first.');
  if (id === undefined) return active;
  const chosen = active.filter((chat) => String(chat.id) === id);
  if (chosen.length === 0) throw new PersonError(`There is no team chat ${id}. There are: ${listed}.`);
  return chosen;
}

/** As `chosenChats`, for what can only be done to one chat: with several, `--chat` must say which. */
export async function chosenChat(chats: Pick<ChatRepository, 'active'>, id: string | undefined): Promise<Chat> {
  const [chat, ...more] = await chosenChats(chats, id);
  if (!chat || more.length > 0) {
    const listed = (await chats.active()).map((one) => `${one.id} (${one.title})`).join(', ');
    throw new PersonError(`There are several team chats: say which with --chat. They are: ${listed}.`);
  }
  return chat;
}
