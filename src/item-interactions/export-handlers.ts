import { Composer, InlineKeyboard } from 'grammy';
import { sendInPrivate } from '../telegram/answer-in-private.ts';
import { type BotContext, type InteractionDraft, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { featureData } from '../telegram/callback-data.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { commandArguments, isCommand } from '../telegram/typed-command.ts';
import { CHAT_EXPORTS } from './chat-exports.ts';
import type { ExportPayload } from './export-job.ts';
import { exportQuestion, progressWords } from './export-messages.ts';
import { type ExportRequest, parseExportRequest } from './export-request.ts';

/**
 * `/export`, for admins: a file with people in it, so it goes into the private chat of whoever asked, with one line in the
 * group. The file is written by a durable job (export-job.ts), which tells how far it is in one message.
 */
export function exportHandlers(dependencies: {
  /** Keeps the export durably, with the record of what asked for it; returns when it cannot be lost any more. */
  exportLater: (payload: ExportPayload, key: string, record: InteractionDraft) => Promise<void>;
  isRecorded: (deliveryKey: string) => Promise<boolean>;
}): Composer<BotContext> {
  const { exportLater, isRecorded } = dependencies;
  const handlers = new Composer<BotContext>();

  handlers.filter(isCommand('export'), requireAdmin, async (ctx) => {
    const asked = parseExportRequest(commandArguments(ctx));
    if (typeof asked === 'object') return begin(ctx, asked);
    setOutcome(ctx, 'noop');
    if (asked !== undefined) {
      await ctx.reply(asked);
      return;
    }
    const keyboard = new InlineKeyboard();
    for (const kind of CHAT_EXPORTS) keyboard.text(kind, featureData('export', kind)).row();
    const question = exportQuestion();
    await ctx.reply(question.text, { entities: question.entities, reply_markup: keyboard });
  });

  for (const kind of CHAT_EXPORTS) {
    handlers.callbackQuery(featureData('export', kind), requireAdmin, async (ctx) => {
      await ctx.answerTap({ text: 'The file comes into our private chat.', show_alert: false });
      await begin(ctx, { kind, days: undefined });
    });
  }

  async function begin(ctx: BotContext, request: ExportRequest): Promise<void> {
    const { interaction } = ctx;
    // Delivered before and dealt with, for what is recorded has its job: a second file would be noise.
    if (!interaction || (await isRecorded(interaction.deliveryKey))) return;
    note(ctx, { export: request.kind, ...(request.days === undefined ? {} : { days: request.days }) });
    const progress = await sayInPrivate(ctx, progressWords(request));
    if (!progress) return;
    const { kind, days } = request;
    const payload = { kind, days: days ?? null, askedAt: ctx.receivedAt.toISOString(), progress };
    await exportLater(payload, `export:${interaction.deliveryKey}`, interaction);
  }

  return handlers;
}

/** Undefined: the bot may not write to the person, who was told so in the group. */
async function sayInPrivate(ctx: BotContext, words: string): Promise<ExportPayload['progress'] | undefined> {
  let said: ExportPayload['progress'] | undefined;
  const say = async (chatId: number) => {
    const { message_id: messageId } = await ctx.api.sendMessage(chatId, words);
    said = { chatId, messageId };
  };
  if (ctx.chat?.type === 'private') await say(personOf(ctx).telegramUserId);
  else await sendInPrivate(ctx, say);
  return said;
}
