import { Composer } from 'grammy';
import type { Role } from '../db/schema/index.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { chatZone } from '../settings/chat-zone.ts';
import { answerInPrivate } from '../telegram/answer-in-private.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { isUuid, parseCallbackData } from '../telegram/callback-data.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { lines } from '../telegram/text.ts';
import { commandArguments, isCommand } from '../telegram/typed-command.ts';
import { adminQuestion, endedMessage, invitationMessage, inviteQuestion } from './invitation-messages.ts';
import type { InvitationService } from './invitation-service.ts';
import type { View } from './member-messages.ts';
import { isPrivateButton, showInstead } from './private-buttons.ts';

const SILENT = { text: '', show_alert: false };

function parseRole(words: string | undefined): Role | undefined {
  return words === 'admin' || words === 'member' || words === 'guest' ? words : undefined;
}

/** `/invite`: a link that lets one person in. The code is in the message to the admin and nowhere else. */
export function inviteHandlers(dependencies: {
  invitations: Pick<InvitationService, 'invite' | 'withdraw'>;
  chats: Pick<ChatRepository, 'active' | 'isOpenToGuests'>;
  defaultTimeZone: string;
  logger: Logger;
}): Composer<BotContext> {
  const { invitations, chats, logger } = dependencies;
  const handlers = new Composer<BotContext>();

  async function invite(ctx: BotContext, role: Role): Promise<View> {
    const timeZone = await chatZone(ctx, dependencies);
    const invitation = await invitations.invite(role, personOf(ctx).id, ctx.receivedAt);
    note(ctx, { role, invitation_id: invitation.id });
    logger.info({ invitationId: invitation.id, role, by: personOf(ctx).id }, 'an invitation was made');
    const isOpenToGuests = await chats.isOpenToGuests();
    const facts = { invitation, botUsername: ctx.me.username, timeZone, now: ctx.receivedAt, isOpenToGuests };
    return invitationMessage(facts);
  }

  async function question(): Promise<View> {
    return inviteQuestion({ isOpenToGuests: await chats.isOpenToGuests() });
  }

  handlers.filter(isCommand('invite'), requireAdmin, async (ctx) => {
    const words = commandArguments(ctx).toLowerCase();
    const role = parseRole(words);
    if (words !== '' && !role) {
      setOutcome(ctx, 'noop');
      await ctx.reply('I know three roles: /invite member, /invite guest and /invite admin.');
      return;
    }
    const view = role === 'admin' ? adminQuestion() : await (role === undefined ? question() : invite(ctx, role));
    await answerInPrivate(ctx, view.text, view.keyboard);
  });

  handlers.filter(isPrivateButton('invite'), requireAdmin, async (ctx, next) => {
    const data = parseCallbackData(ctx.callbackQuery?.data);
    if (data?.kind !== 'feature') return next();
    const role = parseRole(data.id);
    if (data.action === 'cancel') {
      setOutcome(ctx, 'noop');
      await ctx.answerTap(SILENT);
      return showInstead(ctx, { text: lines('No invitation was made. /invite asks again.') });
    }
    if (data.action === 'role' && role === 'admin') {
      await ctx.answerTap(SILENT);
      return showInstead(ctx, adminQuestion());
    }
    if (role && (data.action === 'role' || data.action === 'confirm_role')) {
      await ctx.answerTap(SILENT);
      return showInstead(ctx, await invite(ctx, role));
    }
    if (data.action === 'withdraw' && isUuid(data.id ?? '')) {
      const end = await invitations.withdraw(data.id ?? '', personOf(ctx).id, ctx.receivedAt);
      note(ctx, { invitation_id: data.id });
      if (end.kind !== 'withdrawn') setOutcome(ctx, 'noop');
      await ctx.answerTap({ text: endedMessage(end).text, show_alert: end.kind !== 'withdrawn' });
      return showInstead(ctx, { text: endedMessage(end) });
    }
    return next();
  });

  return handlers;
}
