import type { Middleware } from 'grammy';
import type { BotContext } from '../telegram/bot-context.ts';
import type { AdminNotices } from './admin-notices.ts';

/**
 * Follows whether the bot may write into the chat for admins (ADMIN_CHAT_ID). Being let in there makes no team chat of it,
 * whoever did it: the update ends here, unless the same group is a team chat as well.
 */
export function adminChatHandlers(dependencies: {
  notices: Pick<AdminNotices, 'letIn' | 'isAdminChat'>;
  chats: { byId: (id: number) => Promise<unknown> };
  configuredTeamChatId: number | undefined;
}): Middleware<BotContext> {
  const { notices, chats, configuredTeamChatId } = dependencies;

  return async (ctx, next) => {
    const change = ctx.myChatMember;
    if (!change || !notices.isAdminChat(change.chat.id)) return next();
    const { id, type } = change.chat;
    const { new_chat_member: bot } = change;
    const maySpeak =
      bot.status === 'restricted' ? bot.can_send_messages : bot.status !== 'left' && bot.status !== 'kicked';
    if (maySpeak) await notices.letIn();
    const isTeam = type === 'private' || id === configuredTeamChatId || (await chats.byId(id));
    if (isTeam) await next();
  };
}
