import type { Middleware } from 'grammy';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type BotContext, type Person, setOutcome } from '../telegram/bot-context.ts';
import { isCommand } from '../telegram/typed-command.ts';
import { CLOSED_TO_GUESTS } from './member-messages.ts';

/** The one neutral sentence: it says nothing about the team, its chats or its people. */
export const STRANGER_SENTENCE =
  'This bot belongs to a team and works only for its members. If you are one of them, ask an admin of the team to let you in.';
export const ANONYMOUS_SENTENCE =
  'I cannot see who you are, because you write as the group. Switch off “Remain anonymous” in your admin rights and try again.';

/** A member whom no team chat knows: invited and not added yet, or gone. Rights come with the chat (DESIGN, rulings). */
export const NO_TEAM_SENTENCE =
  'You are a member, but I do not see you in the group of the team. Ask an admin to add you there: then everything works.';

/** To a guest's `/start`; whatever else they write is answered like a stranger's. */
const WAITING_GUEST_SENTENCE = `You are a guest here. ${CLOSED_TO_GUESTS}`;

/** A stranger who writes on and on gets one answer in ten minutes (matrix A01). */
const ANSWERS = { points: 1, duration: 600 };

/** Ends the way of everyone who may do nothing here: one sentence, at most every ten minutes; taps are always answered. */
export function refuseStrangers(): Middleware<BotContext> {
  const limiter = new RateLimiterMemory(ANSWERS);

  return async (ctx, next) => {
    if (ctx.access.level !== 'none') return next();
    setOutcome(ctx, 'denied');
    const { reason } = ctx.access;
    if (ctx.callbackQuery) {
      return ctx.answerTap({ text: 'You cannot use this button.', show_alert: true });
    }
    // Talk of people in a group is none of our business; only what was meant for the bot is answered.
    if (!ctx.interaction || !ctx.chat) return;
    if (reason === 'foreign_chat' || (reason !== 'anonymous' && ctx.chat.type !== 'private')) return;
    try {
      await limiter.consume(`${ctx.chat.id}:${ctx.from?.id ?? 0}`);
    } catch (error) {
      if (error instanceof RateLimiterRes) return;
      throw error;
    }
    await ctx.reply(sentenceFor(reason, ctx.person, isCommand('start')(ctx)));
  };
}

function sentenceFor(reason: string, person: Person | undefined, isStart: boolean): string {
  if (reason === 'anonymous') return ANONYMOUS_SENTENCE;
  const role = reason === 'stranger' && person?.isAdmitted ? person.role : undefined;
  if (role === 'member') return NO_TEAM_SENTENCE;
  return role === 'guest' && isStart ? WAITING_GUEST_SENTENCE : STRANGER_SENTENCE;
}
