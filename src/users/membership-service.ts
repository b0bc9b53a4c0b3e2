import { type Api, GrammyError } from 'grammy';
import type { ChatMember } from 'grammy/types';
import { LRUCache } from 'lru-cache';
import { OutsideError } from '../lib/errors.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { askAgain } from '../telegram/ask-again.ts';
import type { Person, TeamChat } from '../telegram/bot-context.ts';
import { followMove } from '../telegram/follow-move.ts';
import type { MembershipRepository } from './membership-repository.ts';
import type { People } from './people.ts';
import type { UserRepository } from './user-repository.ts';

export type MembershipService = ReturnType<typeof createMembershipService>;

/**
 * How long Telegram's answer is believed without asking again. Leaving is told at once (chat_member updates for
 * administrators, a service message otherwise); this catches what was missed while the bot was away.
 */
const BELIEVED_MS = 10 * 60_000;

/** Telegram's member status -> is the person in the chat? */
export function isInChat(member: ChatMember): boolean {
  if (member.status === 'restricted') return member.is_member;
  return member.status === 'creator' || member.status === 'administrator' || member.status === 'member';
}

/** Who belongs to which team chat: being there makes a member, leaving takes the right at once. */
export function createMembershipService(dependencies: {
  memberships: MembershipRepository;
  users: Pick<UserRepository, 'admitFromTeamChat'>;
  people: Pick<People, 'forget'>;
  chats: Pick<ChatRepository, 'active'>;
  api: Pick<Api, 'getChatMember'>;
}) {
  const { memberships, users, people, chats, api } = dependencies;
  const believed = new LRUCache<string, boolean>({ max: 5000, ttl: BELIEVED_MS });

  async function keep(chatId: number, person: Person, isMember: boolean, now: Date): Promise<void> {
    await memberships.save(chatId, person.id, isMember, now);
    believed.set(`${chatId}:${person.id}`, isMember);
    if (isMember && !person.isAdmitted && person.isActive && (await users.admitFromTeamChat(person.id, now))) {
      person.role = 'member';
      person.isAdmitted = true;
      people.forget(person.telegramUserId);
    }
  }

  async function askTelegram(chatId: number, person: Person, now: Date): Promise<boolean> {
    try {
      const isMember = isInChat(
        await askAgain(() => followMove(chatId, (id) => api.getChatMember(id, person.telegramUserId))),
      );
      await keep(chatId, person, isMember, now);
      return isMember;
    } catch (error) {
      // 400 and 403: Telegram does not know the person there, or does not let the bot in: no member as far as we can know.
      if (error instanceof GrammyError && (error.error_code === 400 || error.error_code === 403)) {
        await keep(chatId, person, false, now);
        return false;
      }
      throw error;
    }
  }

  return {
    /** A chat_member update or a service message told it. */
    keep,

    /**
     * Whether the person is in the chat now, asking Telegram when nothing is known or the knowledge is old.
     * When Telegram does not answer, asked again within bounds, what was last known holds; with nothing known it throws
     * OutsideError (retryable).
     */
    async isMember(chatId: number, person: Person, now: Date): Promise<boolean> {
      const known = believed.get(`${chatId}:${person.id}`);
      if (known !== undefined) return known;
      const stored = await memberships.find(chatId, person.id);
      if (stored && now.getTime() - stored.checkedAt.getTime() < BELIEVED_MS) {
        if (!stored.isMember || person.isAdmitted) {
          believed.set(`${chatId}:${person.id}`, stored.isMember);
          return stored.isMember;
        }
      }
      try {
        return await askTelegram(chatId, person, now);
      } catch (error) {
        if (stored) return stored.isMember;
        throw new OutsideError('telegram', 'Telegram does not say who is in the team chat', {
          retryable: true,
          cause: error,
        });
      }
    },

    /** The active team chats of a person, for what is asked in private; asks Telegram about chats never heard of. */
    async teamsOf(person: Person, now: Date): Promise<TeamChat[]> {
      const teams: TeamChat[] = [];
      for (const chat of await chats.active()) {
        const isMember = await this.isMember(chat.id, person, now);
        if (isMember || person.role === 'admin')
          teams.push({ id: chat.id, title: chat.title, timeZone: chat.timeZone });
      }
      return teams;
    },
  };
}
