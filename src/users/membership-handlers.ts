import { Composer } from 'grammy';
import type { User } from 'grammy/types';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { BotContext } from '../telegram/bot-context.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import { profileOf } from './identify-user.ts';
import { isInChat, type MembershipService } from './membership-service.ts';
import type { People } from './people.ts';
import type { UserRepository } from './user-repository.ts';

/**
 * Follows who comes and goes: people in the team chats, and the bot itself.
 * The bot stays in groups to which an admin added it (or which the configuration names) and leaves others when it is
 * added there, never at start (DESIGN, rulings).
 */
export function membershipHandlers(dependencies: {
  memberships: MembershipService;
  chats: ChatRepository;
  people: People;
  users: Pick<UserRepository, 'setStartedBot'>;
  configuredTeamChatId: number | undefined;
  timeZone: string;
  tellAdmins: (sentence: string) => Promise<void>;
  logger: Logger;
}): Composer<BotContext> {
  const { memberships, chats, people, users, logger } = dependencies;
  const handlers = new Composer<BotContext>();

  async function keep(ctx: BotContext, chatId: number, user: User, isMember: boolean): Promise<void> {
    if (user.is_bot) return;
    const chat = await chats.byId(chatId);
    if (!chat?.isActive) return;
    await memberships.keep(chat.id, await people.identify(profileOf(user), ctx.receivedAt), isMember, ctx.receivedAt);
  }

  handlers.on('my_chat_member', async (ctx) => {
    const { chat, new_chat_member: bot, from } = ctx.myChatMember;
    if (chat.type === 'private') {
      if (ctx.person) await users.setStartedBot(ctx.person.id, bot.status === 'member');
      return;
    }
    const title = chat.title ?? '';
    if (!isInChat(bot)) {
      await chats.deactivate(chat.id);
      logger.warn({ chatId: chat.id, title, by: from.id }, 'the bot was removed from a group');
      return;
    }
    const wasThere = isInChat(ctx.myChatMember.old_chat_member);
    if (wasThere && (await chats.byId(chat.id))?.isActive) return;
    if (chat.id === dependencies.configuredTeamChatId || ctx.person?.role === 'admin') {
      const addedBy = ctx.person?.id ?? null;
      await chats.admit({ id: chat.id, title, type: chat.type, timeZone: dependencies.timeZone, addedBy });
      logger.info({ chatId: chat.id, title }, 'the bot works in this group now');
      if (wasThere) return;
      await ctx.reply(
        'Hello! I bring cards with Posted, Skip and Reject into this chat. Send /help to see what I can do.',
      );
      return;
    }
    await leaveForeignGroup(ctx, title, dependencies);
  });

  handlers.on('chat_member', async (ctx) => {
    const { chat, new_chat_member: member } = ctx.chatMember;
    await keep(ctx, chat.id, member.user, isInChat(member));
  });

  handlers.on('message:new_chat_members', async (ctx) => {
    for (const user of ctx.message.new_chat_members) await keep(ctx, ctx.chat.id, user, true);
  });

  handlers.on('message:left_chat_member', async (ctx) => {
    await keep(ctx, ctx.chat.id, ctx.message.left_chat_member, false);
  });

  handlers.on('message:migrate_to_chat_id', async (ctx) => {
    await chats.migrate(ctx.chat.id, ctx.message.migrate_to_chat_id);
  });

  handlers.on('message:new_chat_title', async (ctx) => {
    await chats.rename(ctx.chat.id, ctx.message.new_chat_title);
  });

  return handlers;
}

async function leaveForeignGroup(
  ctx: BotContext,
  title: string,
  { tellAdmins, logger }: { tellAdmins: (sentence: string) => Promise<void>; logger: Logger },
): Promise<void> {
  const chatId = ctx.chat?.id;
  logger.warn({ chatId, title, by: ctx.from?.id }, 'added to a group by somebody who is no admin: leaving');
  try {
    await ctx.reply('I am a private team bot and only work where one of my admins adds me. Goodbye!');
    await ctx.leaveChat();
  } catch (error) {
    // Not allowed to speak there, or thrown out meanwhile: gone is gone.
    if (!classifyTelegramError(error)) throw error;
    logger.warn({ chatId, err: error }, 'could not say goodbye');
  }
  await tellAdmins(
    `Somebody (${ctx.from?.first_name ?? 'unknown'}) added me to the group “${title}”. I left it: only admins can add me.`,
  );
}
