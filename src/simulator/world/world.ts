import type { Chat, ChatMember, Message, ReactionType, Update, User } from 'grammy/types';
import type { SettableClock } from '../settable-clock.ts';
import type { CallbackQueries } from './callback-queries.ts';
import type { Changes } from './changes.ts';
import type { CommandLists } from './command-lists.ts';
import type { FileStore } from './file-store.ts';
import type { UpdateQueue } from './update-queue.ts';

/** Channels are not simulated. */
export type SimulatedChat = Exclude<Chat, Chat.ChannelChat>;
export type GroupChat = Chat.GroupChat | Chat.SupergroupChat;
export type ChatMessage = Message & Update.NonChannel;

/** The current content of a message, what it was before each edit, and who reacted to it. */
export type StoredMessage = {
  message: ChatMessage;
  versions: ChatMessage[];
  reactions: Map<number, ReactionType[]>;
};

export type ChatRecord = {
  chat: SimulatedChat;
  /** Everybody who is or was a member, by user id. Of a private chat: nobody. */
  members: Map<number, ChatMember>;
  /** Messages that are not deleted, oldest first. */
  messages: Map<number, StoredMessage>;
  /** Supergroups count their messages themselves; all other chats share `World.counters.message`. */
  lastMessageId: number;
  lastBotMessageId: number | undefined;
  /** The newest message that each person has read, by user id. */
  readUpTo: Map<number, number>;
  migratedTo: number | undefined;
  /** Private chats: the person has written to the bot, so the bot may write. */
  started: boolean;
  /** Private chats: the person has blocked the bot. */
  blocked: boolean;
};

/** Everything that the local Telegram knows. Bot API methods and people both act on it. */
export type World = {
  clock: SettableClock;
  bot: User & { is_bot: true; username: string };
  /** Telegram's default. Switched off, or as an administrator, the bot sees every message of its groups. */
  privacyMode: boolean;
  keepHistory: boolean;
  people: Map<number, User>;
  chats: Map<number, ChatRecord>;
  files: FileStore;
  updates: UpdateQueue;
  queries: CallbackQueries;
  commands: CommandLists;
  changes: Changes;
  counters: { person: number; group: number; message: number };
};

/** Who appears as the author when an administrator writes anonymously. */
export const GROUP_ANONYMOUS_BOT: User = {
  id: 1087968824,
  is_bot: true,
  first_name: 'Group',
  username: 'GroupAnonymousBot',
};

/** The simulator's time in whole seconds, as Telegram writes dates. */
export function unixTime(world: World): number {
  return Math.floor(world.clock.now().getTime() / 1000);
}

/** The chat with this id. Throws for a test that names one that does not exist. */
export function chatRecord(world: World, chat: { id: number }): ChatRecord {
  const record = world.chats.get(chat.id);
  if (record === undefined) throw new Error(`The simulator has no chat ${chat.id}`);
  return record;
}

/** A user of this id: a person, the bot or the anonymous administrator. */
export function knownUser(world: World, id: number): User | undefined {
  if (id === world.bot.id) return world.bot;
  return id === GROUP_ANONYMOUS_BOT.id ? GROUP_ANONYMOUS_BOT : world.people.get(id);
}

/** An empty record for a chat that has just come into being. */
export function newChatRecord(chat: SimulatedChat): ChatRecord {
  return {
    chat,
    members: new Map(),
    messages: new Map(),
    lastMessageId: 0,
    lastBotMessageId: undefined,
    readUpTo: new Map(),
    migratedTo: undefined,
    started: false,
    blocked: false,
  };
}
