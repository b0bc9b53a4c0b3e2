import { Composer } from 'grammy';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { answerInPrivate } from '../telegram/answer-in-private.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { requireAdmin, requireMember } from '../telegram/require-level.ts';
import type { Text } from '../telegram/text.ts';
import { commandArguments, isCommand } from '../telegram/typed-command.ts';
import { displayName, type UserRepository } from '../users/user-repository.ts';
import type { InteractionService } from './interaction-service.ts';
import { parseStatsArguments } from './stats-arguments.ts';
import { statsMessage, teamMessage } from './stats-messages.ts';

/** `/stats` (mine; somebody's for admins) and `/team` (admins). */
export function statsHandlers(dependencies: {
  interactions: Pick<InteractionService, 'getUserStats' | 'getTeamActivity' | 'getContentDecisions'>;
  users: Pick<UserRepository, 'byUsername' | 'names'>;
  chats: Pick<ChatRepository, 'active' | 'byId'>;
  /** The zone of figures that belong to no single chat. */
  defaultTimeZone: string;
}): Composer<BotContext> {
  const { interactions, users, chats, defaultTimeZone } = dependencies;
  const handlers = new Composer<BotContext>();

  /** In a group its zone; in private that of the first team chat. */
  async function zoneOf(ctx: BotContext): Promise<string> {
    return ctx.team?.timeZone ?? (await chats.active())[0]?.timeZone ?? defaultTimeZone;
  }

  async function misunderstood(ctx: BotContext, sentence: string): Promise<void> {
    setOutcome(ctx, 'noop');
    await ctx.reply(sentence);
  }

  handlers.filter(isCommand('stats'), requireMember, async (ctx) => {
    const asked = parseStatsArguments(commandArguments(ctx));
    if (typeof asked === 'string') return misunderstood(ctx, asked);
    const me = personOf(ctx);
    let subject = { id: me.id, name: me.name, isMe: true };
    if (asked.username !== undefined && asked.username.toLowerCase() !== me.username?.toLowerCase()) {
      if (ctx.access.level !== 'admin') {
        setOutcome(ctx, 'denied');
        await ctx.reply('Only admins can see other people’s figures. /stats shows yours.');
        return;
      }
      const found = await users.byUsername(asked.username);
      if (!found) return misunderstood(ctx, `I do not know @${asked.username}. Did they ever use me?`);
      subject = { id: found.id, name: displayName(found), isMe: false };
    }
    const question = { now: ctx.receivedAt, days: asked.days, timeZone: await zoneOf(ctx) };
    const [stats, decisions] = await Promise.all([
      interactions.getUserStats(subject.id, question),
      interactions.getContentDecisions({ ...question, userId: subject.id }),
    ]);
    note(ctx, { days: asked.days, ...(subject.isMe ? {} : { about_user_id: subject.id }) });
    const text = statsMessage({ stats, decisions, subject, ...question });
    // What concerns another person is answered in private, with one line in the group (DESIGN, section 6).
    if (subject.isMe || ctx.chat?.type === 'private') return reply(ctx, text);
    return answerInPrivate(ctx, text);
  });

  handlers.filter(isCommand('team'), requireAdmin, async (ctx) => {
    const asked = parseStatsArguments(commandArguments(ctx));
    if (typeof asked === 'string') return misunderstood(ctx, asked);
    if (asked.username !== undefined) return misunderstood(ctx, 'For one person’s figures send /stats @name.');
    const question = {
      now: ctx.receivedAt,
      days: asked.days,
      timeZone: await zoneOf(ctx),
      chatIds: await chatsOf(ctx),
    };
    const [activity, decisions] = await Promise.all([
      interactions.getTeamActivity(question),
      interactions.getContentDecisions(question),
    ]);
    const names = await users.names(Object.keys(activity.interactions_by_user));
    note(ctx, { days: asked.days });
    return reply(ctx, teamMessage({ activity, decisions, names, title: ctx.team?.title, ...question }));
  });

  /** In a group: that chat, under its old id too. In private: everything an admin may see, hence no restriction. */
  async function chatsOf(ctx: BotContext): Promise<number[] | undefined> {
    if (!ctx.team) return undefined;
    const chat = await chats.byId(ctx.team.id);
    return chat?.migratedFrom ? [ctx.team.id, chat.migratedFrom] : [ctx.team.id];
  }

  return handlers;
}

async function reply(ctx: BotContext, text: Text): Promise<void> {
  await ctx.reply(text.text, { entities: text.entities });
}
