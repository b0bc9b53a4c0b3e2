import type { Middleware } from 'grammy';
import type { Logger } from '../lib/logger.ts';
import type { BotContext } from '../telegram/bot-context.ts';
import { typedCommand } from '../telegram/typed-command.ts';
import type { InvitationService } from './invitation-service.ts';
import type { People } from './people.ts';

/**
 * `/start <code>` in private lets a stranger in, so it stands before the access check. The code itself is never
 * recorded or logged; a wrong one leaves the person the stranger they were.
 */
export function redeemInvitation(dependencies: {
  invitations: Pick<InvitationService, 'redeem'>;
  people: Pick<People, 'forget'>;
  logger: Logger;
}): Middleware<BotContext> {
  const { invitations, people, logger } = dependencies;

  return async (ctx, next) => {
    const command = ctx.chat?.type === 'private' && ctx.message && typedCommand(ctx.message, ctx.me.username);
    if (ctx.person && command && command.name === 'start' && command.args) {
      const role = await invitations.redeem(command.args, ctx.person.id, ctx.receivedAt);
      if (role) {
        people.forget(ctx.person.telegramUserId);
        ctx.person = { ...ctx.person, role, isAdmitted: true };
        logger.info({ userId: ctx.person.id, role }, 'an invitation was used');
      }
    }
    await next();
  };
}
