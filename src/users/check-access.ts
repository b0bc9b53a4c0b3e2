import type { Middleware } from 'grammy';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { Access, BotContext, Person } from '../telegram/bot-context.ts';
import type { MembershipService } from './membership-service.ts';

/**
 * Decides what the sender of an update may do where it came from, on every update (DESIGN, rule 7).
 * It only decides: the refusal is a later step, so that refused updates are recorded like all others.
 */
export function checkAccess(dependencies: {
  chats: Pick<ChatRepository, 'byId' | 'rename' | 'isOpenToGuests'>;
  memberships: Pick<MembershipService, 'isMember' | 'teamsOf'>;
}): Middleware<BotContext> {
  const { chats, memberships } = dependencies;

  async function inPrivate(person: Person, now: Date): Promise<Access> {
    if (person.role === 'admin') return { level: 'admin' };
    const teams = await memberships.teamsOf(person, now);
    if (teams.length > 0) return { level: person.role === 'member' ? 'member' : 'viewer' };
    // Guests may come only where an admin has opened the bot to them (/settings); otherwise they are strangers to it.
    const mayCome = person.isAdmitted && person.role === 'guest';
    const isOpen = mayCome && (await chats.isOpenToGuests());
    return isOpen ? { level: 'guest' } : { level: 'none', reason: 'stranger' };
  }

  async function inGroup(chatId: number, person: Person, now: Date): Promise<Access> {
    if (person.role === 'admin') return { level: 'admin' };
    if (!(await memberships.isMember(chatId, person, now))) return { level: 'none', reason: 'stranger' };
    return { level: person.role === 'member' ? 'member' : 'viewer' };
  }

  return async (ctx, next) => {
    const chat = ctx.chat?.type === 'private' ? undefined : ctx.chat && (await chats.byId(ctx.chat.id));
    const title = ctx.chat?.title;
    if (chat && title && title !== chat.title) await chats.rename(chat.id, title);
    ctx.team = chat?.isActive ? { id: chat.id, title: title ?? chat.title, timeZone: chat.timeZone } : undefined;
    // An anonymous admin or a channel speaks through `sender_chat`: there is no person to hold a role.
    if (!ctx.person || ctx.message?.sender_chat) ctx.access = { level: 'none', reason: 'anonymous' };
    else if (!ctx.person.isActive) ctx.access = { level: 'none', reason: 'inactive' };
    else if (ctx.chat?.type === 'private') ctx.access = await inPrivate(ctx.person, ctx.receivedAt);
    else if (ctx.team) ctx.access = await inGroup(ctx.team.id, ctx.person, ctx.receivedAt);
    else ctx.access = { level: 'none', reason: 'foreign_chat' };
    await next();
  };
}
