import type { ChatMember } from 'grammy/types';
import { changeMember, isPresent, memberOf } from '../world/members.ts';
import { type ChatRecord, knownUser } from '../world/world.ts';
import { badRequest } from './bot-api-error.ts';
import type { Method, MethodTable } from './method.ts';
import { integer } from './parameters.ts';
import { targetChat } from './target-chat.ts';

const getChat: Method = ({ world }, payload) => {
  const { chat } = targetChat(world, payload, 'look');
  return { ...chat, accent_color_id: 0, max_reaction_count: 11, accepted_gift_types: NO_GIFTS };
};
const NO_GIFTS = {
  unlimited_gifts: false,
  limited_gifts: false,
  unique_gifts: false,
  premium_subscription: false,
  gifts_from_channels: false,
};

const getChatMember: Method = ({ world }, payload) => {
  const record = targetChat(world, payload, 'see members');
  const user = knownUser(world, integer(payload, 'user_id', 'invalid user_id specified'));
  if (user === undefined) throw badRequest('PARTICIPANT_ID_INVALID');
  if (record.chat.type !== 'private') return memberOf(record, user);
  if (user.id !== record.chat.id && user.id !== world.bot.id) throw badRequest('user not found');
  return { status: 'member', user } satisfies ChatMember;
};

function presentMembers(record: ChatRecord): ChatMember[] {
  return [...record.members.values()].filter((member) => isPresent(member.status));
}

const getChatAdministrators: Method = ({ world }, payload) => {
  const record = targetChat(world, payload, 'see members');
  if (record.chat.type === 'private') throw badRequest('there are no administrators in the private chat');
  const administrators = presentMembers(record).filter(({ status }) => ['creator', 'administrator'].includes(status));
  return administrators.filter(({ user }) => !user.is_bot || user.id === world.bot.id);
};

const getChatMemberCount: Method = ({ world }, payload) => {
  const record = targetChat(world, payload, 'see members');
  return record.chat.type === 'private' ? 2 : presentMembers(record).length;
};

const leaveChat: Method = ({ world }, payload) => {
  const record = targetChat(world, payload, 'change');
  if (record.chat.type === 'private') throw badRequest("chat member status can't be changed in private chats");
  changeMember(world, record, world.bot, 'left', world.bot);
  return true;
};

const getUserProfilePhotos: Method = ({ world }, payload) => {
  const user = knownUser(world, integer(payload, 'user_id', 'invalid user_id specified'));
  if (user === undefined) throw badRequest('user not found');
  return { total_count: 0, photos: [] };
};

/** Chats and who is in them. */
export const chatMethods: MethodTable = {
  getChat,
  getChatMember,
  getChatAdministrators,
  getChatMemberCount,
  leaveChat,
  getUserProfilePhotos,
};
