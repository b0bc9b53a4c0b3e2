import type { Background } from '../lib/background.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { Person } from '../telegram/bot-context.ts';
import type { CommandMenus } from './command-menus.ts';
import { roleNews } from './member-messages.ts';
import type { MemberRepository } from './member-repository.ts';
import type { People } from './people.ts';
import type { RoleRefusal, RoleRepository, RoleStep } from './role-repository.ts';
import type { TellPerson } from './tell-person.ts';

/** `configured`: the configuration makes this person admin, and would again at their next message. */
export type ChangeOutcome = { kind: 'changed' | 'unchanged' } | { kind: 'refused'; why: RoleRefusal | 'configured' };

export type MemberService = ReturnType<typeof createMemberService>;

/** What an admin may do to people's roles, and everything that follows from it. */
export function createMemberService(dependencies: {
  roles: RoleRepository;
  members: Pick<MemberRepository, 'find'>;
  people: Pick<People, 'forget'>;
  chats: Pick<ChatRepository, 'isOpenToGuests'>;
  menus: Pick<CommandMenus, 'showChange'>;
  tellPerson: TellPerson;
  background: Background;
  adminTelegramIds: readonly number[];
  logger: Logger;
}) {
  const { roles, members, people, chats, menus, tellPerson, background, adminTelegramIds, logger } = dependencies;

  /** From the next update on the person is who they are now; their menus follow behind everybody's back. */
  async function obey(userId: string): Promise<void> {
    const member = await members.find(userId);
    if (!member) return;
    people.forget(member.telegramUserId);
    const level = member.isActive ? member.role : 'none';
    const chatIds = member.chats.map(({ id }) => id);
    background.run('command menus after a change of role', () => menus.showChange({ ...member, chatIds, level }));
  }

  return {
    obey,

    /** Whether ADMIN_TELEGRAM_IDS names this person. */
    isConfiguredAdmin: (telegramUserId: number): boolean => adminTelegramIds.includes(telegramUserId),

    /**
     * Gives or takes a role, with every rule checked where the rows are locked. The person hears of a role that was
     * given or changed, not of a removal.
     */
    async change(actor: Person, userId: string, step: RoleStep, now: Date): Promise<ChangeOutcome> {
      const member = await members.find(userId);
      if (!member) return { kind: 'refused', why: 'unknown' };
      const isConfigured = member.isActive && adminTelegramIds.includes(member.telegramUserId);
      if (isConfigured && !(step.action === 'role_changed' && step.role === 'admin'))
        return { kind: 'refused', why: 'configured' };
      const result = await roles.change({ actorId: actor.id, userId, step, now });
      if (result.kind !== 'changed') return result.kind === 'unchanged' ? { kind: 'unchanged' } : result;
      logger.info({ by: actor.id, userId, action: step.action, role: result.after.role }, 'a role was changed');
      await obey(userId);
      if (step.action !== 'member_removed' && actor.id !== userId) {
        background.run('telling of a new role', async () => {
          const canUseBot = member.chats.length > 0 || (await chats.isOpenToGuests());
          await tellPerson(result.after, roleNews(step.role, { by: actor.name, canUseBot }));
        });
      }
      return { kind: 'changed' };
    },
  };
}
