import type { User } from 'grammy/types';
import type { ChatRef, Group, NewPerson, Person } from '../cast-interface.ts';
import { changeMember } from './members.ts';
import { textContent } from './message-content.ts';
import { post } from './messages.ts';
import { personOf, privateChatOf } from './person.ts';
import { deliver } from './visibility.ts';
import {
  type ChatMessage,
  type ChatRecord,
  chatRecord,
  GROUP_ANONYMOUS_BOT,
  newChatRecord,
  unixTime,
  type World,
} from './world.ts';

/** A new person, with an empty private chat. Throws when the id is taken. */
export function addPerson(world: World, person: NewPerson): Person {
  const { id = world.counters.person++, ...about } = person;
  if (world.people.has(id)) throw new Error(`The simulator already has a person ${id}`);
  const user: User = { id, is_bot: false, language_code: 'en', ...about };
  world.people.set(id, user);
  world.chats.set(id, newChatRecord(privateChatOf(user)));
  world.changes.emit({ kind: 'person', personId: id });
  return personOf(world, user);
}

/** The person with this id. Throws when there is none. */
export function findPerson(world: World, id: number): Person {
  const user = world.people.get(id);
  if (user === undefined) throw new Error(`The simulator has no person ${id}`);
  return personOf(world, user);
}

/** A group as tests see it. */
export function groupView(record: ChatRecord): Group {
  const { chat } = record;
  if (chat.type === 'private') throw new Error(`Chat ${chat.id} is no group`);
  return { id: chat.id, title: chat.title, type: chat.type };
}

/** The person blocks or unblocks the bot in their private chat; the bot gets `my_chat_member`. */
export function setBlocked(world: World, user: User, blocked: boolean): void {
  const record = chatRecord(world, user);
  if (record.blocked === blocked) return;
  record.blocked = blocked;
  if (!blocked) record.started = true;
  const member = { status: 'member' as const, user: world.bot };
  const kicked = { status: 'kicked' as const, user: world.bot, until_date: 0 };
  world.updates.add({
    my_chat_member: {
      chat: record.chat,
      from: user,
      date: unixTime(world),
      old_chat_member: blocked ? member : kicked,
      new_chat_member: blocked ? kicked : member,
    },
  });
  world.changes.emit({ kind: 'chat', chatId: user.id });
}

/** A message of an administrator who hides behind the group. */
export function postAnonymously(world: World, chat: ChatRef, text: string): ChatMessage {
  const record = chatRecord(world, chat);
  const content = { ...textContent(text), sender_chat: record.chat };
  const message = post(world, record, GROUP_ANONYMOUS_BOT, content);
  deliver(world, record, message);
  return message;
}

/** The bot is added (as member) or removed (kicked) by a person. */
export function setBotPresence(world: World, chat: ChatRef, by: Person, present: boolean): void {
  changeMember(world, chatRecord(world, chat), world.bot, present ? 'member' : 'kicked', by.user);
}
