import type { NextFunction } from 'grammy';
import { type BotContext, setOutcome } from './bot-context.ts';

async function refuse(ctx: BotContext, sentence: string): Promise<void> {
  setOutcome(ctx, 'denied');
  if (ctx.callbackQuery) await ctx.answerTap({ text: sentence, show_alert: true });
  else await ctx.reply(sentence);
}

/** Lets members and admins through; everyone else is told so, and the interaction is recorded as denied. */
export async function requireMember(ctx: BotContext, next: NextFunction): Promise<void> {
  if (ctx.access.level === 'admin' || ctx.access.level === 'member') return next();
  await refuse(ctx, 'This is for members of the team. Ask an admin to let you in.');
}

/** Lets admins through; everyone else is told so, and the interaction is recorded as denied. */
export async function requireAdmin(ctx: BotContext, next: NextFunction): Promise<void> {
  if (ctx.access.level === 'admin') return next();
  await refuse(ctx, 'This is for admins. /stats shows your own figures.');
}
