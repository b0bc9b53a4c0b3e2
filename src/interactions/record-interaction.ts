import type { Middleware } from 'grammy';
import type { CallbackQuery, Message } from 'grammy/types';
import { isDatabaseFailure } from '../db/database-errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { BotContext, InteractionDraft } from '../telegram/bot-context.ts';
import { parseCallbackData } from '../telegram/callback-data.ts';
import { mentionsBot, typedCommand } from '../telegram/typed-command.ts';
import type { InteractionService } from './interaction-service.ts';

type Naming = Pick<InteractionDraft, 'type' | 'name' | 'deliveryKey' | 'messageId' | 'context'>;

/** The table's column is that long; a longer command is somebody's joke. */
const MAX_NAME = 100;

function nameCallback(query: CallbackQuery, botId: number): Naming {
  const data = parseCallbackData(query.data);
  const name = !data ? 'unknown' : data.kind === 'card' ? data.action : `${data.feature}:${data.action}`;
  return {
    type: 'callback',
    name: name.slice(0, MAX_NAME),
    deliveryKey: `${botId}:cb:${query.id}`,
    messageId: query.message?.message_id ?? null,
    context: data?.kind === 'card' ? { queue_item_id: data.queueItemId } : {},
  };
}

/** What is meant for the bot has a name: a command, an upload, or words in private. Talk in a group has none. */
function nameMessage(message: Message, bot: { id: number; username: string }): Naming | undefined {
  const common = {
    deliveryKey: `${bot.id}:msg:${message.chat.id}:${message.message_id}`,
    messageId: message.message_id,
    context: {},
  };
  const command = typedCommand(message, bot.username);
  if (command) return { type: 'command', name: `/${command.name}`.slice(0, MAX_NAME), ...common };
  const isAddressed = message.chat.type === 'private' || mentionsBot(message, bot.username);
  const isReplyToBot = message.reply_to_message?.from?.id === bot.id;
  if (message.photo || message.video || message.animation || message.document) {
    return isAddressed || isReplyToBot ? { type: 'message', name: 'upload', ...common } : undefined;
  }
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
  if (!naming) return undefined;
  return {
    ...naming,
    userId: ctx.person.id,
    chatId: ctx.chat?.id ?? null,
    createdAt: ctx.receivedAt,
    elapsedMs: ctx.elapsedMs,
    outcome: 'done',
    isRecorded: false,
  };
}

/**
 * Records every interaction behind it: done, refused and failed ones alike, after the handler has answered. What a
 * handler wrote in its own transaction is not written again. A record that cannot be written is logged and breaks
 * nothing (DESIGN, rulings).
 */
export function recordInteraction(dependencies: {
  interactions: Pick<InteractionService, 'log'>;
  logger: Logger;
}): Middleware<BotContext> {
  const { interactions, logger } = dependencies;

  return async (ctx, next) => {
    const draft = draftOf(ctx);
    ctx.interaction = draft;
    try {
      await next();
    } catch (error) {
      // The database is away: the update comes again and is recorded then.
      if (isDatabaseFailure(error)) throw error;
      if (draft) draft.outcome = 'failed';
      await write(draft);
      throw error;
    }
    await write(draft);
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
      logger.error({ err: error, interaction: draft.name }, 'an interaction could not be recorded');
    }
  }
}
