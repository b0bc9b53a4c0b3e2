import type { Middleware } from 'grammy';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Background } from '../lib/background.ts';
import { OutsideError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, note, type Person, setOutcome } from '../telegram/bot-context.ts';
import type { Text } from '../telegram/text.ts';
import { typedCommand } from '../telegram/typed-command.ts';
import { INVALID_INVITATION, keptMessage, TOO_MANY_CODES, usedNews, welcomeMessage } from './invitation-messages.ts';
import type { Redemption } from './invitation-repository.ts';
import { type InvitationService, looksLikeCode } from './invitation-service.ts';
import type { MemberService } from './member-service.ts';
import type { MembershipService } from './membership-service.ts';
import type { TellPerson } from './tell-person.ts';
import { displayName, type UserRepository } from './user-repository.ts';

/** So many wrong codes an hour from one person are looked up; 128 random bits need no more protection than that. */
const WRONG_CODES = { points: 10, duration: 3600 };

/**
 * `/start <code>` in private. It lets strangers in, so it stands before they are refused, and behind the recording. The
 * code itself is never recorded or logged; a wrong one leaves everybody what they were.
 */
export function redeemInvitation(dependencies: {
  invitations: Pick<InvitationService, 'redeem'>;
  memberService: Pick<MemberService, 'obey'>;
  memberships: Pick<MembershipService, 'teamsOf'>;
  users: Pick<UserRepository, 'setStartedBot'>;
  chats: Pick<ChatRepository, 'isOpenToGuests'>;
  tellPerson: TellPerson;
  background: Background;
  logger: Logger;
}): Middleware<BotContext> {
  const { invitations, memberService, memberships, users, chats, tellPerson, background, logger } = dependencies;
  const limiter = new RateLimiterMemory(WRONG_CODES);

  /** The team chats to name; undefined when Telegram does not say: the person is in, whatever it says. */
  async function teamsOf(person: Person, now: Date): Promise<string[] | undefined> {
    try {
      return (await memberships.teamsOf(person, now)).map(({ title }) => title);
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error;
      logger.warn({ err: error, userId: person.id }, 'welcomed without knowing the team chats of the person');
      return undefined;
    }
  }

  async function welcome(ctx: BotContext, person: Person, admission: Extract<Redemption, { kind: 'admitted' }>) {
    const { role, invitedBy } = admission;
    logger.info({ userId: person.id, role, invitedBy: invitedBy?.id }, 'an invitation was used');
    await users.setStartedBot(person.id, true);
    await memberService.obey(person.id);
    const teams = await teamsOf({ ...person, role, isActive: true, isAdmitted: true }, ctx.receivedAt);
    const inviter = invitedBy && displayName(invitedBy);
    const isOpenToGuests = await chats.isOpenToGuests();
    await reply(ctx, welcomeMessage({ name: person.name, role, teams, invitedBy: inviter, isOpenToGuests }));
    if (invitedBy) background.run('telling who invited', () => tellPerson(invitedBy, usedNews(person.name, role)));
  }

  async function refuse(ctx: BotContext, person: Person): Promise<void> {
    setOutcome(ctx, 'denied');
    await limiter.penalty(person.id);
    await ctx.reply(INVALID_INVITATION);
  }

  return async (ctx, next) => {
    const { person, message } = ctx;
    const command = ctx.chat?.type === 'private' && message && typedCommand(message, ctx.me.username);
    if (!person || !command || command.name !== 'start' || !looksLikeCode(command.args)) return next();
    const wrongSoFar = (await limiter.get(person.id))?.consumedPoints ?? 0;
    if (wrongSoFar >= WRONG_CODES.points) {
      setOutcome(ctx, 'denied');
      await limiter.penalty(person.id);
      // Said once; then silence, as to every stranger who goes on and on.
      if (wrongSoFar === WRONG_CODES.points) await ctx.reply(TOO_MANY_CODES);
      return;
    }
    const redemption = await invitations.redeem(command.args, person.id, ctx.receivedAt, new Date(message.date * 1000));
    note(ctx, { invitation: redemption.kind });
    if (redemption.kind === 'invalid') return refuse(ctx, person);
    if (redemption.kind === 'admitted') return welcome(ctx, person, redemption);
    setOutcome(ctx, 'noop');
    await reply(ctx, keptMessage(redemption.role, redemption.offered));
  };
}

async function reply(ctx: BotContext, text: Text): Promise<void> {
  await ctx.reply(text.text, { entities: text.entities });
}
