import type { ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import type { MembershipService } from '../users/membership-service.ts';
import type { Scope } from './report-view.ts';

/** Whose figures somebody may see from where they are: in a group that chat's only, in private those of their chats. */
export function createReportScopes({
  chats,
  memberships,
}: {
  chats: Pick<ChatRepository, 'byId'>;
  memberships: Pick<MembershipService, 'teamsOf'>;
}) {
  const teamsOf = async (ctx: BotContext): Promise<TeamChat[]> =>
    ctx.team ? [ctx.team] : memberships.teamsOf(personOf(ctx), ctx.receivedAt);

  async function find(ctx: BotContext, scope: Scope): Promise<Scope | undefined> {
    if (scope === 'all') return ctx.team ? undefined : scope;
    const chat = await chats.byId(scope);
    return (await teamsOf(ctx)).find(({ id }) => id === chat?.id)?.id;
  }

  return {
    /** The team chats that a question from here can be about. */
    teamsOf,

    /**
     * The scope that a button names, with the present id of a group that has moved. Undefined when it is none of the presser's,
     * which they have been told.
     */
    async allowed(ctx: BotContext, scope: Scope): Promise<Scope | undefined> {
      const found = await find(ctx, scope);
      if (found !== undefined) return found;
      setOutcome(ctx, 'denied');
      await ctx.answerTap({ text: 'That is not one of your chats.', show_alert: true });
      return undefined;
    },
  };
}
