import { InlineKeyboard } from 'grammy';
import { type BotContext, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { featureData } from '../telegram/callback-data.ts';
import { clip } from '../telegram/text.ts';
import type { MembershipService } from './membership-service.ts';

/** Finds the team chat that a command is about; undefined when the person was asked or told instead. */
export type ChooseTeam = (
  ctx: BotContext,
  button: { feature: string; action: string /** Follows the chat's id in the data, behind a dot. */; more?: string },
) => Promise<TeamChat | undefined>;

/**
 * In a group: that group. In private: the person's only team chat, else buttons `<feature>:<action>:<chat id>` that ask
 * which one (DESIGN, rulings). The id in a pressed button is checked against the person's chats like everything from outside.
 */
export function createChooseTeam({ memberships }: { memberships: Pick<MembershipService, 'teamsOf'> }): ChooseTeam {
  return async (ctx, { feature, action, more }) => {
    if (ctx.team) return ctx.team;
    const teams = await memberships.teamsOf(personOf(ctx), ctx.receivedAt);
    const asked = ctx.callbackQuery?.data?.split(':')[2]?.split('.')[0];
    if (asked !== undefined) {
      const team = teams.find(({ id }) => String(id) === asked);
      if (!team) setOutcome(ctx, 'denied');
      return team;
    }
    const [only] = teams;
    if (!only) {
      setOutcome(ctx, 'noop');
      await ctx.reply('I am in no team chat yet. Add me to the group of your team first.');
      return undefined;
    }
    if (teams.length === 1) return only;
    const keyboard = new InlineKeyboard();
    const id = (team: TeamChat) => (more === undefined ? team.id : `${team.id}.${more}`);
    for (const team of teams) keyboard.text(clip(team.title, 40), featureData(feature, action, id(team))).row();
    await ctx.reply('Which chat?', { reply_markup: keyboard });
    return undefined;
  };
}
