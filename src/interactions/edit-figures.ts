import { setTimeout as wait } from 'node:timers/promises';
import type { MaybeInaccessibleMessage } from 'grammy/types';
import { isDatabaseFailure } from '../db/database-errors.ts';
import type { Background } from '../lib/background.ts';
import type { BotContext } from '../telegram/bot-context.ts';
import type { Figures } from './figures.ts';
import type { FiguresMessages } from './figures-messages.ts';

const SILENT = { text: '', show_alert: false };
const NO_PICTURE = {
  text: 'The picture cannot be drawn just now, so nothing was changed. Try again in a minute, or send the command for the figures as text.',
  show_alert: true,
};
export const NOT_READ = 'The figures cannot be read just now. Try again in a minute.';
/** A press is answered with how it went when that is known this soon; later it is answered and the rest follows. */
const ANSWER_WITHIN_MS = 700;

/** Makes the message under whose figures somebody pressed a button show others, behind the next updates, and answers the press. */
export type EditFigures = (ctx: BotContext, message: MaybeInaccessibleMessage, read: () => Promise<Figures>) => void;

export function createEditFigures(dependencies: {
  figuresMessages: Pick<FiguresMessages, 'edit'>;
  background: Background;
}): EditFigures {
  const { figuresMessages, background } = dependencies;
  return (ctx, message, read) => {
    // What cannot be looked into any more was sent with a picture, as most are.
    const hasPicture = !('text' in message);
    const place = { chatId: message.chat.id, messageId: message.message_id, hasPicture };
    background.run('figures', async () => {
      const editing = figuresMessages.edit(place, read);
      const failed = editing.catch((error: unknown) => (isDatabaseFailure(error) ? 'not_read' : 'failed'));
      const soon = await Promise.race([failed, wait(ANSWER_WITHIN_MS, 'later', { ref: false })]);
      if (soon === 'not_read') await ctx.answerTap({ text: NOT_READ, show_alert: true });
      else await ctx.answerTap(soon === 'no_picture' ? NO_PICTURE : SILENT);
      if ((await editing) === 'no_picture' && soon === 'later') await ctx.reply(NO_PICTURE.text);
    });
  };
}
