import type { Happened } from './happenings.ts';
import type { HappeningRequest } from './page-requests.ts';
import type { Person, Simulator } from './simulator-interface.ts';
import { isAdministrator, isPresent, memberOf, ownerOf } from './world/members.ts';
import { botIsMember } from './world/visibility.ts';
import { type ChatRecord, chatRecord, type GroupChat } from './world/world.ts';

type GroupHappening = Extract<HappeningRequest, { chat: number }>;
/** A happening's group, and who acts in it. */
type Scene = { telegram: Simulator; record: ChatRecord; chat: GroupChat; person: Person; name: string };

/** This person founds a basic group, owns it, and adds the bot: whoever is no admin of the bot does so in vain. */
export function newGroup(telegram: Simulator, person: Person, title: string): Happened {
  const group = { title, type: 'group', members: [person], administrators: [person], addedBy: person } as const;
  const { id } = telegram.createGroup(group);
  const sentence = `${person.user.first_name} has founded the group “${title}” and added the bot, which stays only where one of its admins adds it`;
  return { sentence, chat: id };
}

/** What people do in a group that there is. Throws when it is none, or has become a supergroup. */
export function groupHappening(telegram: Simulator, person: Person, happening: GroupHappening): Happened {
  const record = chatRecord(telegram.world, { id: happening.chat });
  const { chat } = record;
  if (chat.type === 'private') throw new Error('That happens in groups only: open one');
  if (record.migratedTo !== undefined) throw new Error(`“${chat.title}” has become a supergroup: go on there`);
  const scene = { telegram, record, chat, person, name: person.user.first_name };
  if (happening.kind === 'join') return join(scene);
  if (!isPresent(memberOf(record, person.user).status)) throw new Error(`${scene.name} is not in “${chat.title}”`);
  switch (happening.kind) {
    case 'supergroup':
      return becomeSupergroup(scene);
    case 'remove bot':
      return removeBot(scene);
    case 'add bot':
      return addBot(scene);
    case 'leave':
      telegram.setMember(chat, person, 'left');
      return { sentence: `${scene.name} has left “${chat.title}”` };
    case 'anonymous message':
      return writeAnonymously(scene, happening.text);
  }
}

function becomeSupergroup({ telegram, chat, name }: Scene): Happened {
  if (chat.type === 'supergroup') throw new Error(`“${chat.title}” is a supergroup already`);
  const { id } = telegram.migrate(chat);
  const sentence = `${name} has turned “${chat.title}” into a supergroup: its id was ${chat.id} and is ${id} now`;
  return { sentence, chat: id };
}

function removeBot({ telegram, record, chat, person, name }: Scene): Happened {
  if (!botIsMember(telegram.world, record)) throw new Error(`The bot is not in “${chat.title}”`);
  assertAdministrator({ record, chat, person }, 'remove the bot');
  telegram.removeBot(chat, person);
  return { sentence: `${name} has removed the bot from “${chat.title}”` };
}

/** Members may add others, but whom an administrator has removed only administrators let in again. */
function addBot({ telegram, record, chat, person, name }: Scene): Happened {
  if (botIsMember(telegram.world, record)) throw new Error(`The bot is in “${chat.title}” already`);
  const wasRemoved = memberOf(record, telegram.bot).status === 'kicked';
  if (wasRemoved) assertAdministrator({ record, chat, person }, 'add the bot again, because it was removed');
  telegram.addBot(chat, person);
  return { sentence: `${name} has added the bot to “${chat.title}”` };
}

function join({ telegram, record, chat, person, name }: Scene): Happened {
  if (isPresent(memberOf(record, person.user).status)) throw new Error(`${name} is in “${chat.title}” already`);
  const owner = ownerOf(record) ?? person.user;
  telegram.setMember(chat, person, 'member', { by: telegram.person(owner.id) });
  const how = owner.id === person.id ? 'has joined' : `was added by ${owner.first_name} to`;
  return { sentence: `${name} ${how} “${chat.title}”` };
}

function writeAnonymously({ telegram, record, chat, person, name }: Scene, text: string): Happened {
  if (chat.type !== 'supergroup') throw new Error('Only the administrators of supergroups can hide behind the group');
  assertAdministrator({ record, chat, person }, 'write anonymously');
  telegram.sendAnonymously(chat, text);
  return { sentence: `${name} has written “${text}” in the name of “${chat.title}”` };
}

function assertAdministrator({ record, chat, person }: Pick<Scene, 'record' | 'chat' | 'person'>, what: string): void {
  if (isAdministrator(memberOf(record, person.user).status)) return;
  throw new Error(`Only the administrators of “${chat.title}” can ${what}; ${person.user.first_name} is none`);
}
