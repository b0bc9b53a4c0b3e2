import type { BotCommand, ReactionType } from 'grammy/types';
import { isInCrowd } from './crowd.ts';
import type { Simulator } from './simulator-interface.ts';
import { isPresent, type MemberStatus, memberOf } from './world/members.ts';
import { unreadCount } from './world/read-marks.ts';
import { botIsMember } from './world/visibility.ts';
import type { ChatMessage, ChatRecord, StoredMessage } from './world/world.ts';

/** What the page is told, as JSON. Types only name what the page uses. */
export type Role = 'admin' | 'member' | 'guest' | 'stranger' | 'removed';
export type PersonView = { id: number; name: string; username: string | null; role: Role; isCrowd: boolean };
/** `people`: who reacted so; the view is the same for everybody. */
export type ReactionView = { emoji: string; count: number; people: number[] };
export type MessageView = { message: ChatMessage; reactions: ReactionView[] };
export type ChatView = {
  id: number;
  /** The bot looks the same to everybody, although its chat's id is the person's. */
  colourId: number;
  title: string;
  /** The bot's, in private. */
  username: string | null;
  type: 'private' | 'group' | 'supergroup';
  members: string[];
  /** The person has written here; before that a private chat offers only to start. */
  started: boolean;
  /** The person has blocked the bot. */
  blocked: boolean;
  botIsMember: boolean;
  /** The supergroup that this group has become. */
  migratedTo: number | null;
  /** Messages of others that the person has not read. */
  unread: number;
  last: ChatMessage | null;
};

const MESSAGES_SHOWN = 300;

const ROLES: Readonly<Record<MemberStatus, Role>> = {
  creator: 'admin',
  administrator: 'admin',
  member: 'member',
  restricted: 'member',
  left: 'stranger',
  kicked: 'removed',
};

/** Everybody, with the place in the first group as a hint who is who; guests are in no group, so they are named. */
export function peopleView(telegram: Simulator): PersonView[] {
  const [group] = telegram.groups();
  return telegram.people().map(({ id, user }) => {
    const record = group === undefined ? undefined : telegram.world.chats.get(group.id);
    const status = record === undefined ? 'left' : memberOf(record, user).status;
    const role = status === 'left' && telegram.guestIds.includes(id) ? 'guest' : ROLES[status];
    return { id, name: fullName(user), username: user.username ?? null, role, isCrowd: isInCrowd(id) };
  });
}

/** The chats that a person has: the one with the bot, and the groups they are in. */
export function chatsView(telegram: Simulator, personId: number): ChatView[] {
  const { user } = telegram.person(personId);
  const records = [...telegram.world.chats.values()].filter((record) =>
    record.chat.type === 'private' ? record.chat.id === personId : isPresent(memberOf(record, user).status),
  );
  return records.map((record) => chatView(telegram, record, personId));
}

function chatView(telegram: Simulator, record: ChatRecord, personId: number): ChatView {
  const { chat } = record;
  const present = [...record.members.values()].filter(({ status }) => isPresent(status));
  return {
    id: chat.id,
    colourId: chat.type === 'private' ? telegram.bot.id : chat.id,
    title: chat.type === 'private' ? telegram.bot.first_name : chat.title,
    username: chat.type === 'private' ? telegram.bot.username : null,
    type: chat.type,
    members: present.map(({ user }) => user.first_name),
    started: chat.type !== 'private' || record.started,
    blocked: record.blocked,
    botIsMember: chat.type === 'private' || botIsMember(telegram.world, record),
    migratedTo: record.migratedTo ?? null,
    unread: unreadCount(record, personId),
    last: lastOf(record.messages.values()) ?? null,
  };
}

function lastOf(messages: Iterable<StoredMessage>): ChatMessage | undefined {
  let last: StoredMessage | undefined;
  for (const stored of messages) last = stored;
  return last?.message;
}

/** The newest messages of a chat, oldest first. Throws when the person is not in it. */
export function messagesView(telegram: Simulator, personId: number, chatId: number): MessageView[] {
  const record = chatOf(telegram, personId, chatId);
  return [...record.messages.values()].slice(-MESSAGES_SHOWN).map(messageView);
}

export function messageView({ message, reactions }: StoredMessage): MessageView {
  const peopleBy = new Map<string, number[]>();
  for (const [personId, given] of reactions) {
    for (const emoji of given.map(emojiOf)) peopleBy.set(emoji, [...(peopleBy.get(emoji) ?? []), personId]);
  }
  return {
    message,
    reactions: [...peopleBy].map(([emoji, people]) => ({ emoji, count: people.length, people })),
  };
}

function emojiOf(reaction: ReactionType): string {
  return reaction.type === 'emoji' ? reaction.emoji : '★';
}

export function commandsView(telegram: Simulator, personId: number, chatId: number): BotCommand[] {
  chatOf(telegram, personId, chatId);
  return telegram.commandsFor(telegram.person(personId), { id: chatId });
}

/** The chat, if this person can see it. Throws otherwise. */
export function chatOf(telegram: Simulator, personId: number, chatId: number): ChatRecord {
  const { user } = telegram.person(personId);
  const record = telegram.world.chats.get(chatId);
  const visible = record?.chat.type === 'private' ? chatId === personId : record?.members.has(user.id) === true;
  if (record === undefined || !visible) throw new Error(`${user.first_name} has no chat ${chatId}`);
  return record;
}

function fullName(user: { first_name: string; last_name?: string }): string {
  return [user.first_name, user.last_name].filter((part) => part !== undefined).join(' ');
}
