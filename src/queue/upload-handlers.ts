import { Composer, InlineKeyboard } from 'grammy';
import type { Message } from 'grammy/types';
import type { Background } from '../lib/background.ts';
import { uploadedMedia } from '../media/uploaded-media.ts';
import { type BotContext, type InteractionDraft, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { featureData } from '../telegram/callback-data.ts';
import { requireMember } from '../telegram/require-level.ts';
import { clip } from '../telegram/text.ts';
import type { MembershipService } from '../users/membership-service.ts';
import { type AlbumEntry, albumKey, partsOf } from './gather-album-job.ts';
import type { PartPayload, TakeInPayload } from './take-in-job.ts';

/** A question that nobody answers within a week is forgotten, with the album that it is about. */
const QUESTION_MS = 7 * 86_400_000;

/**
 * Media that members send to the bot: in private, or as a reply to it or with its name in the group. Pictures that are
 * shared in the group for other reasons never get here (they are no interaction).
 *
 * Each picture of an album is an update of its own. They gather under one durable key until no more come for a moment,
 * then they are taken in together (gather-album-job.ts), with one answer and one question at most.
 */
export function uploadHandlers(dependencies: {
  memberships: Pick<MembershipService, 'teamsOf'>;
  /** Keeps the upload durably, with its record when one is given; returns when it cannot be lost any more. */
  takeInLater: (payload: TakeInPayload, key: string, record?: InteractionDraft) => Promise<void>;
  /** The same for a part of an album. Returns all that waits under this key now. */
  gatherAlbum: (
    entry: AlbumEntry,
    options: { key: string; delayMs: number },
    record?: InteractionDraft,
  ) => Promise<unknown[]>;
  /** How long to wait for more parts of an album. */
  albumPauseMs: number;
  interactions: {
    isRecorded: (deliveryKey: string) => Promise<boolean>;
    hasAlbum: (chatId: number, mediaGroupId: string, now: Date) => Promise<boolean>;
  };
  background: Background;
}): Composer<BotContext> {
  const { memberships, takeInLater, gatherAlbum, albumPauseMs, interactions, background } = dependencies;
  const handlers = new Composer<BotContext>();

  /** What the job needs to know of a message with a medium; undefined for one without. */
  function partOf(ctx: BotContext, message: Message): PartPayload | undefined {
    const upload = uploadedMedia(message);
    if (!upload) return undefined;
    note(ctx, { media_filename: upload.fileName, media_kind: upload.kind });
    return {
      upload,
      userId: personOf(ctx).id,
      replyTo: { chatId: message.chat.id, messageId: message.message_id },
    };
  }

  async function takeIn(ctx: BotContext, message: Message, teamChatId: number): Promise<void> {
    const part = partOf(ctx, message);
    if (!part) return;
    // The record of a tap on the question is written behind it as always: only the update of the upload itself can come again.
    const record = ctx.message && ctx.interaction;
    await takeInLater({ ...part, teamChatId }, `upload:${message.chat.id}:${message.message_id}`, record);
    showWork(ctx, message.chat.id);
  }

  /** A part of an album joins the others. Returns how many there are now; without a team they wait for an answer. */
  async function gather(ctx: BotContext, message: Message, key: string, teamChatId: number | null): Promise<number> {
    const part = partOf(ctx, message);
    if (!part) return 0;
    const delayMs = teamChatId === null ? QUESTION_MS : albumPauseMs;
    // The first part of an album without a team is not dealt with before the question is asked.
    const record = teamChatId === null ? undefined : ctx.interaction;
    const parts = partsOf(await gatherAlbum({ part, teamChatId }, { key, delayMs }, record));
    if (parts.length === 1 && teamChatId !== null) showWork(ctx, message.chat.id);
    return parts.length;
  }

  function showWork(ctx: BotContext, chatId: number): void {
    background.run('chat action', () => ctx.api.sendChatAction(chatId, 'typing'));
  }

  /** Refuses an upload, an album once: its first part is not recorded yet. */
  async function refuse(ctx: BotContext, message: Message, sentence: string): Promise<void> {
    const { media_group_id: album, chat } = message;
    if (album !== undefined && (await interactions.hasAlbum(chat.id, album, ctx.receivedAt))) return;
    await ctx.reply(sentence);
  }

  async function askForTeam(ctx: BotContext, message: Message, teams: readonly { id: number; title: string }[]) {
    const keyboard = new InlineKeyboard();
    for (const team of teams) keyboard.text(clip(team.title, 40), featureData('queue', 'add', team.id)).row();
    await ctx.reply('Whose queue is it for?', {
      reply_markup: keyboard,
      reply_parameters: { message_id: message.message_id },
    });
  }

  handlers.on('message', async (ctx, next) => {
    if (ctx.interaction?.name !== 'upload') return next();
    const { message } = ctx;
    if (ctx.access.level !== 'admin' && ctx.access.level !== 'member') {
      setOutcome(ctx, 'denied');
      return refuse(ctx, message, 'Only members of the team can add media.');
    }
    // Delivered before and dealt with, for what is recorded has its job: a second answer would be noise.
    if (await interactions.isRecorded(ctx.interaction.deliveryKey)) return;
    const teams = ctx.team ? [ctx.team] : await memberships.teamsOf(personOf(ctx), ctx.receivedAt);
    const [only, another] = teams;
    if (!only) {
      setOutcome(ctx, 'failed');
      return refuse(
        ctx,
        message,
        'I am in no team chat yet. Add me to the group of your team first, then send this again.',
      );
    }
    const { media_group_id: album } = message;
    if (album !== undefined) {
      const count = await gather(ctx, message, albumKey(message.chat.id, album), another ? null : only.id);
      if (another && count === 1) await askForTeam(ctx, message, teams);
      return;
    }
    if (another) return askForTeam(ctx, message, teams);
    await takeIn(ctx, message, only.id);
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
    if (upload.media_group_id === undefined) await takeIn(ctx, upload, teamChatId);
    else {
      const key = albumKey(upload.chat.id, upload.media_group_id);
      const waiting = partsOf(await gatherAlbum({ answer: teamChatId }, { key, delayMs: 0 }));
      if (waiting.length === 0) {
        setOutcome(ctx, 'noop');
        return ctx.answerTap({
          text: 'That album was answered already, or is too old. Send it again if it is missing.',
          show_alert: true,
        });
      }
      note(ctx, { media_count: waiting.length });
    }
    await ctx.answerTap({ text: 'Taken in.', show_alert: false });
    await ctx.deleteMessage();
  });

  return handlers;
}
