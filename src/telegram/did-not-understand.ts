import type { Middleware } from 'grammy';
import type { AnswerTap } from './answer-tap.ts';
import { type BotContext, setOutcome } from './bot-context.ts';

/** Last step: what was meant for the bot and no feature took. Talk in a group is none of its business. */
export function didNotUnderstand({ answerTap }: { answerTap: AnswerTap }): Middleware<BotContext> {
  return async (ctx) => {
    if (!ctx.interaction) return;
    setOutcome(ctx, 'noop');
    if (ctx.callbackQuery) {
      await answerTap(ctx, {
        text: 'This button is not valid any more. Send /help for what I can do.',
        show_alert: true,
      });
    } else {
      await ctx.reply('I did not understand that. /help shows what I can do.');
    }
  };
}
