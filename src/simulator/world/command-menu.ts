import type { BotCommand, User } from 'grammy/types';
import { isAdministrator, memberOf } from './members.ts';
import type { ChatRecord, World } from './world.ts';

/** The commands that Telegram offers this person in this chat. */
export function commandMenu(world: World, user: User, record: ChatRecord): BotCommand[] {
  const { status } = memberOf(record, user);
  const place = {
    chatId: record.chat.id,
    isPrivate: record.chat.type === 'private',
    isAdministrator: isAdministrator(status),
    personId: user.id,
  };
  return world.commands.resolve(place, user.language_code ?? '');
}
