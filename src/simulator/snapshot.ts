import type { ChatMember, ReactionType, User } from 'grammy/types';
import type { CommandList } from './world/command-lists.ts';
import type { StoredFile } from './world/file-store.ts';
import type { UpdateQueueSnapshot } from './world/update-queue.ts';
import type { ChatMessage, ChatRecord, SimulatedChat, World } from './world/world.ts';

type SavedChat = Omit<ChatRecord, 'chat' | 'members' | 'messages' | 'readUpTo' | 'lastBotMessageId' | 'migratedTo'> & {
  chat: SimulatedChat;
  members: ChatMember[];
  messages: { message: ChatMessage; versions: ChatMessage[]; reactions: [number, ReactionType[]][] }[];
  /** Absent in states of the time before there were marks. */
  readUpTo?: [number, number][];
  lastBotMessageId: number | null;
  migratedTo: number | null;
};

/** The whole state as JSON, except the clock, open taps and the bytes of files. */
export type SimulatorSnapshot = {
  version: 1;
  privacyMode: boolean;
  counters: World['counters'];
  people: User[];
  chats: SavedChat[];
  files: StoredFile[];
  commands: CommandList[];
  updates: UpdateQueueSnapshot;
};

/** Copies the state; later changes do not show in it (messages, members and the like are never changed, but replaced). */
export function takeSnapshot(world: World): SimulatorSnapshot {
  return {
    version: 1,
    privacyMode: world.privacyMode,
    counters: { ...world.counters },
    people: [...world.people.values()],
    chats: [...world.chats.values()].map(saveChat),
    files: world.files.snapshot(),
    commands: world.commands.snapshot(),
    updates: world.updates.snapshot(),
  };
}

function saveChat(record: ChatRecord): SavedChat {
  return {
    ...record,
    members: [...record.members.values()],
    messages: [...record.messages.values()].map(({ message, versions, reactions }) => ({
      message,
      versions: [...versions],
      reactions: [...reactions],
    })),
    readUpTo: [...record.readUpTo],
    lastBotMessageId: record.lastBotMessageId ?? null,
    migratedTo: record.migratedTo ?? null,
  };
}

/** Replaces the whole state by a snapshot's. The bytes of its files have to be in `world.files.blobs`. */
export function restoreSnapshot(world: World, given: SimulatorSnapshot): void {
  const snapshot = structuredClone(given);
  world.privacyMode = snapshot.privacyMode;
  world.counters = snapshot.counters;
  world.people = new Map(snapshot.people.map((user) => [user.id, user]));
  world.chats = new Map(snapshot.chats.map((saved) => [saved.chat.id, loadChat(saved)]));
  world.files.restore(snapshot.files);
  world.commands.restore(snapshot.commands);
  world.updates.restore(snapshot.updates);
  world.queries.expireAll();
  for (const id of world.chats.keys()) world.changes.emit({ kind: 'chat', chatId: id });
}

function loadChat(saved: SavedChat): ChatRecord {
  return {
    ...saved,
    members: new Map(saved.members.map((member) => [member.user.id, member])),
    messages: new Map(
      saved.messages.map((stored) => [stored.message.message_id, { ...stored, reactions: new Map(stored.reactions) }]),
    ),
    readUpTo: new Map(saved.readUpTo),
    lastBotMessageId: saved.lastBotMessageId ?? undefined,
    migratedTo: saved.migratedTo ?? undefined,
  };
}
