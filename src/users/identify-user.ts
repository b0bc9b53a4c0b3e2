import type { Middleware } from 'grammy';
import type { User } from 'grammy/types';
import type { BotContext } from '../telegram/bot-context.ts';
import type { People } from './people.ts';
import type { Profile, UserRepository } from './user-repository.ts';

/** Telegram's user -> the profile that is kept. */
export function profileOf(user: User): Profile {
  return {
    telegramUserId: user.id,
    username: user.username ?? null,
    firstName: user.first_name || null,
    lastName: user.last_name ?? null,
    languageCode: user.language_code ?? null,
  };
}

/**
 * Who sent the update. Updates without a sender (channel posts) have no `ctx.person`, nor has the last one of somebody
 * who goes and is not known (any more): it would be all that is kept of them.
 */
export function identifyUser({
  people,
  users,
}: {
  people: People;
  users: Pick<UserRepository, 'isKnown'>;
}): Middleware<BotContext> {
  return async (ctx, next) => {
    const isWanted = ctx.from && (!isLeaving(ctx) || (await users.isKnown(ctx.from.id)));
    ctx.person = ctx.from && isWanted ? await people.identify(profileOf(ctx.from), ctx.receivedAt) : undefined;
    await next();
  };
}

/** Somebody blocks the bot, or leaves a group. */
function isLeaving({ myChatMember, chatMember, message }: BotContext): boolean {
  if (myChatMember) return myChatMember.chat.type === 'private' && myChatMember.new_chat_member.status === 'kicked';
  if (chatMember) return ['left', 'kicked'].includes(chatMember.new_chat_member.status);
  return message?.left_chat_member !== undefined;
}
