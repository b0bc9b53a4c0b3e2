import type { ChatMember, ChatMemberUpdated, User } from 'grammy/types';
import { post } from './messages.ts';
import { deliver } from './visibility.ts';
import { type ChatRecord, unixTime, type World } from './world.ts';

export type MemberStatus = ChatMember['status'];

/** A member as the Bot API describes it: an administrator may do everything, a restricted member nothing. */
export function memberWithStatus(user: User, status: MemberStatus): ChatMember {
  switch (status) {
    case 'creator':
      return { status, user, is_anonymous: false };
    case 'administrator':
      return { status, user, ...ADMINISTRATOR_RIGHTS };
    case 'member':
    case 'left':
      return { status, user };
    case 'restricted':
      return { status, user, is_member: true, until_date: 0, ...NO_PERMISSIONS };
    case 'kicked':
      return { status, user, until_date: 0 };
  }
}

const ADMINISTRATOR_RIGHTS = {
  can_be_edited: false,
  is_anonymous: false,
  can_manage_chat: true,
  can_delete_messages: true,
  can_manage_video_chats: true,
  can_restrict_members: true,
  can_promote_members: false,
  can_change_info: true,
  can_invite_users: true,
  can_post_stories: true,
  can_edit_stories: true,
  can_delete_stories: true,
  can_pin_messages: true,
  can_send_welcome_messages: true,
};
const NO_PERMISSIONS = {
  can_send_messages: false,
  can_send_audios: false,
  can_send_documents: false,
  can_send_photos: false,
  can_send_videos: false,
  can_send_video_notes: false,
  can_send_voice_notes: false,
  can_send_polls: false,
  can_send_other_messages: false,
  can_add_web_page_previews: false,
  can_react_to_messages: false,
  can_change_info: false,
  can_invite_users: false,
  can_edit_tag: false,
  can_pin_messages: false,
  can_manage_topics: false,
};

/** The person's place in the chat; whoever never was there has left. */
export function memberOf(record: ChatRecord, user: User): ChatMember {
  return record.members.get(user.id) ?? memberWithStatus(user, 'left');
}

/** Whether a member with this status is in the chat. */
export function isPresent(status: MemberStatus): boolean {
  return status !== 'left' && status !== 'kicked';
}

/** Whether a member with this status administers the chat; its owner does. */
export function isAdministrator(status: MemberStatus): boolean {
  return status === 'creator' || status === 'administrator';
}

/** Who owns the group; nobody in a group that was founded without administrators. */
export function ownerOf(record: ChatRecord): User | undefined {
  return [...record.members.values()].find(({ status }) => status === 'creator')?.user;
}

/**
 * Changes somebody's status and tells of it as Telegram does: `my_chat_member` for the bot, `chat_member` for others
 * (only to a bot that is administrator), and a service message when somebody came or went.
 */
export function changeMember(
  world: World,
  record: ChatRecord,
  user: User,
  status: MemberStatus,
  by: User,
  options: { silently?: boolean } = {},
): void {
  const before = memberOf(record, user);
  const after = memberWithStatus(user, status);
  if (before.status === status) return;
  record.members.set(user.id, after);
  world.changes.emit({ kind: 'chat', chatId: record.chat.id });
  const update: ChatMemberUpdated = {
    chat: record.chat,
    from: by,
    date: unixTime(world),
    old_chat_member: before,
    new_chat_member: after,
  };
  const isBot = user.id === world.bot.id;
  const botIsAdministrator = record.members.get(world.bot.id)?.status === 'administrator';
  if (isBot) world.updates.add({ my_chat_member: update });
  else if (botIsAdministrator) world.updates.add({ chat_member: update });
  if (options.silently === true) return;
  const came = !isPresent(before.status) && isPresent(status);
  const went = isPresent(before.status) && !isPresent(status);
  if (came) deliver(world, record, post(world, record, by, { new_chat_members: [user] }));
  if (went) {
    const message = post(world, record, by, { left_chat_member: user });
    if (isBot) world.updates.add({ message });
    else deliver(world, record, message);
  }
}
