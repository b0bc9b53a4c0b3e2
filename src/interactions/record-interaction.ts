import type { Middleware } from 'grammy';
import type { CallbackQuery, Message } from 'grammy/types';
import { isDatabaseFailure, isPersonGone } from '../db/database-errors.ts';
import { errorFields } from '../lib/error-fields.ts';
import type { Logger } from '../lib/logger.ts';
import { redactText } from '../lib/redact.ts';
import { type BotContext, type InteractionDraft, note } from '../telegram/bot-context.ts';
import { parseCallbackData } from '../telegram/callback-data.ts';
import { messageKey } from '../telegram/name-answer.ts';
import { answeredPrompt } from '../telegram/reply-prompt.ts';
import { mentionsBot, typedCommand } from '../telegram/typed-command.ts';
import type { InteractionService } from './interaction-service.ts';

type Naming = Pick<InteractionDraft, 'type' | 'name' | 'deliveryKey' | 'messageId' | 'context'>;

/** The table's column is that long; a longer command is somebody's joke. */
const MAX_NAME = 100;

function nameCallback(query: CallbackQuery, botId: number): Naming {
  const data = parseCallbackData(query.data);
  const name = !data ? 'unknown' : data.kind === 'feature' ? `${data.feature}:${data.action}` : data.action;
  return {
    type: 'callback',
    name: name.slice(0, MAX_NAME),
    deliveryKey: `${botId}:cb:${query.id}`,
    messageId: query.message?.message_id ?? null,
    context: data && data.kind !== 'feature' ? { queue_item_id: data.queueItemId } : {},
  };
}

type Common = Pick<Naming, 'deliveryKey' | 'messageId'>;

function commonOf(message: Message, botId: number): Common {
  return { deliveryKey: messageKey(message, botId), messageId: message.message_id };
}

function hasMedium({ photo, video, animation, document }: Message): boolean {
  return [photo, video, animation, document].some((medium) => medium !== undefined);
}

function nameUpload({ media_group_id: album }: Message, common: Common): Naming {
  return { type: 'message', name: 'upload', ...common, context: album === undefined ? {} : { media_group_id: album } };
}

/** What is meant for the bot has a name: a command, an answer, an upload, or words in private. Talk in a group has none. */
function nameMessage(message: Message, bot: { id: number; username: string }): Naming | undefined {
  const common = { ...commonOf(message, bot.id), context: {} };
  const command = typedCommand(message, bot.username);
  if (command) return { type: 'command', name: `/${command.name}`.slice(0, MAX_NAME), ...common };
  const prompt = message.text === undefined ? undefined : answeredPrompt(message, bot.id);
  if (prompt) return { type: 'message', name: prompt.name, ...common };
  const isAddressed = message.chat.type === 'private' || mentionsBot(message, bot.username);
  const isReplyToBot = message.reply_to_message?.from?.id === bot.id;
  if (hasMedium(message)) return isAddressed || isReplyToBot ? nameUpload(message, common) : undefined;
  if (!isAddressed) return undefined;
  if (message.chat.type !== 'private' && message.text?.startsWith('/')) return undefined;
  return { type: 'message', name: message.text === undefined ? 'other' : 'text', ...common };
}

/** The interaction that an update is, from the update alone, so that no handler can forget it; undefined when it is none. */
export function draftOf(ctx: BotContext): InteractionDraft | undefined {
  if (!ctx.person) return undefined;
  const naming = ctx.callbackQuery
    ? nameCallback(ctx.callbackQuery, ctx.me.id)
    : ctx.message && nameMessage(ctx.message, ctx.me);
  return naming && draft(ctx, ctx.person.id, naming);
}

function draft(ctx: BotContext, userId: string, naming: Naming): InteractionDraft {
  return {
    ...naming,
    userId,
    chatId: ctx.chat?.id ?? null,
    createdAt: ctx.receivedAt,
    elapsedMs: ctx.elapsedMs,
    outcome: 'done',
    isRecorded: false,
  };
}

/**
 * A picture in the group that says nothing of the bot, but belongs to an album of which an earlier part was meant for it:
 * only the part with the caption carries the bot's name (Telegram puts captions on the first one). What went before is
 * looked up among the recorded interactions, so a restart between two parts forgets nothing.
 * Not handled: a name on a later part. Those before it have been passed over by then; the album begins with that part.
 */
async function draftOfAlbumPart(
  ctx: BotContext,
  interactions: Pick<InteractionService, 'hasAlbum'>,
): Promise<InteractionDraft | undefined> {
  const { message, person } = ctx;
  if (!person || !ctx.team || message?.media_group_id === undefined || !hasMedium(message)) return undefined;
  if (!(await interactions.hasAlbum(message.chat.id, message.media_group_id, ctx.receivedAt))) return undefined;
  return draft(ctx, person.id, nameUpload(message, commonOf(message, ctx.me.id)));
}

/** What kind of error, and where in the code: its words stay out, for they may be people's or hold a token. */
function whereOf(error: unknown): { type: string; stack: string } {
  const { type, stack = '' } = errorFields(error);
  return { type, stack: redactText(stack, []) };
}

/**
 * Records every interaction behind it: done, refused and failed ones alike, after the handler has answered. What a
 * handler wrote in its own transaction is not written again. A record that cannot be written is logged and breaks
 * nothing (DESIGN, rulings).
 */
export function recordInteraction(dependencies: {
  interactions: Pick<InteractionService, 'log' | 'hasAlbum'>;
  logger: Logger;
}): Middleware<BotContext> {
  const { interactions, logger } = dependencies;

  return async (ctx, next) => {
    ctx.interaction = draftOf(ctx) ?? (await draftOfAlbumPart(ctx, interactions));
    try {
      await next();
    } catch (error) {
      // The database is away: the update comes again and is recorded then.
      if (isDatabaseFailure(error)) throw error;
      if (ctx.interaction) ctx.interaction.outcome = 'failed';
      note(ctx, { error: whereOf(error) });
      await write(ctx.interaction);
      throw error;
    }
    await write(ctx.interaction);
  };

  async function write(draft: InteractionDraft | undefined): Promise<void> {
    if (!draft || draft.isRecorded) return;
    try {
      // Its connection may have been cut; the delivery key makes a second attempt harmless, and there is only one.
      await interactions.log(draft).catch((error: unknown) => {
        if (!isDatabaseFailure(error)) throw error;
        return interactions.log(draft);
      });
    } catch (error) {
      // They were forgotten while it was on its way, so there is nobody to record it of.
      if (isPersonGone(error)) return;
      logger.error({ err: error, interaction: draft.name }, 'an interaction could not be recorded');
    }
  }
}
