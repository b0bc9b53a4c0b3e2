import type { Middleware } from 'grammy';
import { type BotContext, setOutcome } from './bot-context.ts';
import { typedCommand } from './typed-command.ts';

/** Last step: what was meant for the bot and no feature took. Talk in a group is none of its business. */
export function didNotUnderstand(): Middleware<BotContext> {
  return async (ctx) => {
    if (!ctx.interaction) return;
    setOutcome(ctx, 'noop');
    // In a group a command that names nobody may be meant for another bot.
    if (isForAnybody(ctx)) return;
    if (ctx.message && typedCommand(ctx.message, ctx.me.username)?.name === 'cancel') {
      await ctx.reply('There is nothing to cancel.');
    } else if (ctx.callbackQuery) {
      await ctx.answerTap({
        text: 'This button is not valid any more. Send /help for what I can do.',
        show_alert: true,
      });
    } else {
      await ctx.reply('I did not understand that. /help shows what I can do.');
    }
  };
}

function isForAnybody(ctx: BotContext): boolean {
  if (!ctx.message || ctx.chat?.type === 'private') return false;
  return typedCommand(ctx.message, ctx.me.username)?.isAddressed === false;
}
