import { Composer } from 'grammy';
import type { User } from 'grammy/types';
import type { Background } from '../lib/background.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { BotContext } from '../telegram/bot-context.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { CommandMenus } from './command-menus.ts';
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
  users: Pick<UserRepository, 'setStartedBot' | 'admins' | 'isKnown'>;
  menus: Pick<CommandMenus, 'showInChat'>;
  background: Background;
  configuredTeamChatId: number | undefined;
  timeZone: string;
  tellAdmins: (sentence: string) => Promise<void>;
  logger: Logger;
}): Composer<BotContext> {
  const { memberships, chats, people, users, menus, background, logger } = dependencies;
  const handlers = new Composer<BotContext>();

  async function keep(ctx: BotContext, chatId: number, user: User, isMember: boolean): Promise<void> {
    if (user.is_bot) return;
    const chat = await chats.byId(chatId);
    if (!chat?.isActive) return;
    // Of somebody who goes and is not known there is nothing to keep.
    if (!isMember && !(await users.isKnown(user.id))) return;
    await memberships.keep(chat.id, await people.identify(profileOf(user), ctx.receivedAt), isMember, ctx.receivedAt);
  }

  /** A chat that is new to Telegram's menus gets its own, behind everybody's back. */
  function showMenus(chatId: number): void {
    background.run('command menus of a new chat', async () => {
      const admins = (await users.admins()).flatMap(({ telegramUserId }) => telegramUserId ?? []);
      await menus.showInChat(chatId, admins);
    });
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
    const isByAdmin = ctx.person?.role === 'admin' && ctx.person.isActive;
    if (chat.id === dependencies.configuredTeamChatId || isByAdmin) {
      const addedBy = ctx.person?.id ?? null;
      await chats.admit({ id: chat.id, title, type: chat.type, timeZone: dependencies.timeZone, addedBy });
      logger.info({ chatId: chat.id, title }, 'the bot works in this group now');
      showMenus(chat.id);
      if (wasThere) return;
      await ctx.reply(greeting(bot.status === 'administrator'));
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
    if (await chats.migrate(ctx.chat.id, ctx.message.migrate_to_chat_id)) showMenus(ctx.message.migrate_to_chat_id);
  });

  // The supergroup's side of the same news, should it come first or alone.
  handlers.on('message:migrate_from_chat_id', async (ctx) => {
    if (await chats.migrate(ctx.message.migrate_from_chat_id, ctx.chat.id)) showMenus(ctx.chat.id);
  });

  handlers.on('message:new_chat_title', async (ctx) => {
    await chats.rename(ctx.chat.id, ctx.message.new_chat_title);
  });

  return handlers;
}

function greeting(isAdministrator: boolean): string {
  const first = 'Hello! I bring cards with Posted, Skip and Reject into this chat; one tap settles a card.';
  const media = 'Send me a picture in private and it joins the queue. /next brings a card now, /help shows the rest.';
  const hint = 'Make me an administrator here, so that I know at once who leaves.';
  return [first, media, ...(isAdministrator ? [] : [hint])].join('\n');
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
