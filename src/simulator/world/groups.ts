import type { User } from 'grammy/types';
import { changeMember, memberWithStatus } from './members.ts';
import { post } from './messages.ts';
import { botIsMember } from './visibility.ts';
import { type ChatRecord, GROUP_ANONYMOUS_BOT, type GroupChat, newChatRecord, type World } from './world.ts';

/** Ids as Telegram gives them: supergroups begin with -100, basic groups are plainly negative. */
const FIRST_SUPERGROUP_ID = -1002100000000;
const FIRST_GROUP_ID = -4100000000;

export type NewGroup = {
  title: string;
  type: 'group' | 'supergroup';
  id: number | undefined;
  members: readonly User[];
  administrators: readonly User[];
  botIsMember: boolean;
  botIsAdministrator: boolean;
  addedBy: User | undefined;
};

/**
 * A group with these people. `addedBy` adds the bot afterwards, so that it hears of it; without it the bot is simply
 * there. The first administrator owns the group. Throws when the id is taken.
 */
export function foundGroup(world: World, group: NewGroup): ChatRecord {
  const record = newChatRecord(groupChat(world, group.title, group.type, group.id));
  if (world.chats.has(record.chat.id)) throw new Error(`The simulator already has a chat ${record.chat.id}`);
  for (const user of group.members) record.members.set(user.id, memberWithStatus(user, 'member'));
  group.administrators.forEach((user, index) => {
    record.members.set(user.id, memberWithStatus(user, index === 0 ? 'creator' : 'administrator'));
  });
  world.chats.set(record.chat.id, record);
  world.changes.emit({ kind: 'chat', chatId: record.chat.id });
  if (!group.botIsMember) return record;
  const status = group.botIsAdministrator ? 'administrator' : 'member';
  if (group.addedBy === undefined) record.members.set(world.bot.id, memberWithStatus(world.bot, status));
  else changeMember(world, record, world.bot, status, group.addedBy);
  return record;
}

function groupChat(world: World, title: string, type: 'group' | 'supergroup', id: number | undefined): GroupChat {
  const number = world.counters.group++;
  if (type === 'group') return { id: id ?? FIRST_GROUP_ID - number, type, title };
  return { id: id ?? FIRST_SUPERGROUP_ID - number, type, title };
}

/**
 * Turns a basic group into a supergroup: new id, same people, a service message on either side. From now on the Bot
 * API refuses the old id with `migrate_to_chat_id`. Throws for anything but a basic group.
 */
export function migrateGroup(world: World, old: ChatRecord): ChatRecord {
  if (old.chat.type !== 'group' || old.migratedTo !== undefined) {
    throw new Error(`Only a basic group can be migrated, chat ${old.chat.id} is none`);
  }
  const record = newChatRecord(groupChat(world, old.chat.title, 'supergroup', undefined));
  record.members = new Map(old.members);
  world.chats.set(record.chat.id, record);
  old.migratedTo = record.chat.id;
  const farewell = post(world, old, GROUP_ANONYMOUS_BOT, { migrate_to_chat_id: record.chat.id });
  const greeting = post(world, record, GROUP_ANONYMOUS_BOT, { migrate_from_chat_id: old.chat.id });
  if (botIsMember(world, record)) {
    world.updates.add({ message: farewell });
    world.updates.add({ message: greeting });
  }
  world.changes.emit({ kind: 'chat', chatId: record.chat.id });
  return record;
}
