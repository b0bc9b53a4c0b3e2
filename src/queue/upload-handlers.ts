import { Composer, InlineKeyboard } from 'grammy';
import type { Message } from 'grammy/types';
import type { Background } from '../lib/background.ts';
import { uploadedMedia } from '../media/uploaded-media.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { featureData } from '../telegram/callback-data.ts';
import { requireMember } from '../telegram/require-level.ts';
import { clip } from '../telegram/text.ts';
import type { MembershipService } from '../users/membership-service.ts';
import type { TakeInPayload } from './take-in-job.ts';

/**
 * Media that members send to the bot: in private, or as a reply to it or with its name in the group. Pictures that are
 * shared in the group for other reasons never get here (they are no interaction).
 */
export function uploadHandlers(dependencies: {
  memberships: Pick<MembershipService, 'teamsOf'>;
  /** Keeps the upload durably; returns when it cannot be lost any more. */
  takeInLater: (payload: TakeInPayload, key: string) => Promise<void>;
  background: Background;
}): Composer<BotContext> {
  const { memberships, takeInLater, background } = dependencies;
  const handlers = new Composer<BotContext>();

  async function takeIn(ctx: BotContext, message: Message, teamChatId: number): Promise<void> {
    const upload = uploadedMedia(message);
    if (!upload) return;
    note(ctx, { media_filename: upload.fileName, media_kind: upload.kind });
    const replyTo = { chatId: message.chat.id, messageId: message.message_id };
    const payload = { upload, userId: personOf(ctx).id, replyTo, teamChatId };
    await takeInLater(payload, `upload:${message.chat.id}:${message.message_id}`);
    background.run('chat action', () => ctx.api.sendChatAction(message.chat.id, 'typing'));
  }

  handlers.on('message', async (ctx, next) => {
    if (ctx.interaction?.name !== 'upload') return next();
    if (ctx.access.level !== 'admin' && ctx.access.level !== 'member') {
      setOutcome(ctx, 'denied');
      await ctx.reply('Only members of the team can add media.');
      return;
    }
    if (ctx.team) return takeIn(ctx, ctx.message, ctx.team.id);
    const teams = await memberships.teamsOf(personOf(ctx), ctx.receivedAt);
    const [only] = teams;
    if (!only) {
      setOutcome(ctx, 'failed');
      await ctx.reply('I am in no team chat yet. Add me to the group of your team first, then send this again.');
      return;
    }
    if (teams.length === 1) return takeIn(ctx, ctx.message, only.id);
    const keyboard = new InlineKeyboard();
    for (const team of teams) keyboard.text(clip(team.title, 40), featureData('queue', 'add', team.id)).row();
    await ctx.reply('Whose queue is it for?', {
      reply_markup: keyboard,
      reply_parameters: { message_id: ctx.message.message_id },
    });
  });

  // The answer to "whose queue": the question replies to the upload, so Telegram itself remembers which one is meant.
  handlers.callbackQuery(/^queue:add:-?\d+$/, requireMember, async (ctx) => {
    const teamChatId = Number(ctx.callbackQuery.data.split(':')[2]);
    const upload = ctx.callbackQuery.message?.reply_to_message;
    const teams = await memberships.teamsOf(personOf(ctx), ctx.receivedAt);
    if (!upload || !teams.some(({ id }) => id === teamChatId) || upload.from?.id !== ctx.from.id) {
      setOutcome(ctx, 'noop');
      return ctx.answerTap({ text: 'Please send the picture again.', show_alert: true });
    }
    await takeIn(ctx, upload, teamChatId);
    await ctx.answerTap({ text: 'Taken in.', show_alert: false });
    await ctx.deleteMessage();
  });

  return handlers;
}
