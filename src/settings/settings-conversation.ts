import { Composer } from 'grammy';
import { z } from 'zod';
import { PersonError } from '../lib/errors.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { nameAnswer } from '../telegram/name-answer.ts';
import { ask } from '../telegram/open-questions.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import { fmt, type Text } from '../telegram/text.ts';
import { changeMessage } from './change-messages.ts';
import type { Chat } from './chat-repository.ts';
import { questionText } from './question-messages.ts';
import type { Page } from './setting-kinds.ts';
import { pageOf } from './setting-list.ts';
import { questionKeyboard } from './settings-keyboard.ts';
import type { SettingsMenu } from './settings-menu.ts';
import type { SettingsService } from './settings-service.ts';

/** The topic of our questions, and the feature of our buttons. */
export const SETTINGS_TOPIC = 'settings';

/** What is needed to go on when the answer comes, perhaps after a restart. `menuId`: the message with the menu. */
const questionFacts = z.object({ chatId: z.number(), key: z.string(), menuId: z.number() });
type Facts = z.infer<typeof questionFacts>;
/** Why an answer would not do, and what may have been meant. */
type Failed = { error: string; zones: readonly string[] };

export type SettingsConversation = ReturnType<typeof createSettingsConversation>;

/**
 * Typed values. The menu's message turns into the question; in a group, where the bot may see nothing but replies and
 * commands, a second message asks the one person for a reply. Question and answer are tidied away where that is allowed.
 */
export function createSettingsConversation(dependencies: {
  settingsMenu: SettingsMenu;
  settings: Pick<SettingsService, 'changeTyped' | 'question'>;
}) {
  const { settingsMenu: menu, settings } = dependencies;

  async function askFor(ctx: BotContext, chat: Chat, facts: Facts, failed?: Failed): Promise<void> {
    const question = await settings.question(chat, facts.key);
    if (!question || !ctx.chat || !ctx.from) return;
    const asked = { ...question, error: failed?.error, name: personOf(ctx).name, from: ctx.from };
    const isPrivate = ctx.chat.type === 'private';
    await menu.show(
      ctx,
      { chatId: ctx.chat.id, messageId: facts.menuId },
      {
        text: questionText({ ...asked, place: isPrivate ? 'private' : 'menu' }),
        keyboard: questionKeyboard(chat.id, ctx.from.id, failed?.zones ?? []),
      },
    );
    const promptId = isPrivate ? facts.menuId : await sendPrompt(ctx, questionText({ ...asked, place: 'prompt' }));
    await ask(ctx, { topic: SETTINGS_TOPIC, promptId, facts });
  }

  /** The page behind the question, with what happened on top; said once more where the answer could not be tidied away. */
  async function closeQuestion(ctx: BotContext, chat: Chat, facts: Facts, page: Page, notice: Text): Promise<void> {
    if (!ctx.chat) return;
    const isTidy = await deleteQuietly(ctx, ctx.message?.message_id);
    const place = { chatId: ctx.chat.id, messageId: facts.menuId };
    await menu.show(ctx, place, await menu.page(chat, page, ctx.receivedAt, notice));
    if (!isTidy) await ctx.reply(notice.text, { entities: notice.entities });
  }

  async function takeAnswer(ctx: BotContext, chat: Chat, facts: Facts): Promise<void> {
    const typed = ctx.message?.text ?? '';
    const about = { chatId: chat.id, by: personOf(ctx).id, now: ctx.receivedAt, interaction: ctx.interaction };
    try {
      const result = await settings.changeTyped(facts.key, about, typed);
      if (result.kind === 'unchanged') setOutcome(ctx, 'noop');
      // The transaction has written it.
      else if (ctx.interaction) ctx.interaction.isRecorded = true;
      await closeQuestion(ctx, result.chat, facts, pageOf(facts.key), changeMessage(facts.key, result, ctx.receivedAt));
    } catch (error) {
      if (!(error instanceof PersonError)) throw error;
      setOutcome(ctx, 'noop');
      await deleteQuietly(ctx, ctx.message?.message_id);
      const question = await settings.question(chat, facts.key);
      await askFor(ctx, chat, facts, { error: error.message, zones: question?.suggest(typed) ?? [] });
    }
  }

  const handlers = new Composer<BotContext>();
  const ours = handlers.filter((ctx) => ctx.questionEnded?.question.topic === SETTINGS_TOPIC);

  ours.use(async (ctx, next) => {
    if (ctx.questionEnded?.ending === 'answered') nameAnswer(ctx, 'settings_answer');
    await next();
  });

  // The person went on to something else: the prompt goes, the menu is a menu again, and what was asked for is done.
  ours
    .filter((ctx) => ctx.questionEnded?.ending === 'left')
    .use(async (ctx, next) => {
      const { facts, promptId } = questionOf(ctx);
      if (promptId !== facts.menuId) await deleteQuietly(ctx, promptId);
      const isOwnButton = ctx.callbackQuery?.message?.message_id === facts.menuId;
      const chat = isOwnButton ? undefined : await menu.chatFor(ctx, facts.chatId);
      if (chat && ctx.chat) {
        const place = { chatId: ctx.chat.id, messageId: facts.menuId };
        await menu.show(ctx, place, await menu.page(chat, pageOf(facts.key), ctx.receivedAt));
      }
      await next();
    });

  ours
    .filter((ctx) => ctx.questionEnded?.ending !== 'left')
    .use(requireAdmin, async (ctx) => {
      const { facts, promptId } = questionOf(ctx);
      note(ctx, { setting: facts.key, about_chat_id: facts.chatId });
      if (promptId !== facts.menuId) await deleteQuietly(ctx, promptId);
      const chat = await menu.chatFor(ctx, facts.chatId);
      if (!chat) {
        setOutcome(ctx, 'denied');
        await ctx.reply('That is not one of your chats any more. Nothing was changed.');
        return;
      }
      if (ctx.questionEnded?.ending === 'answered') return takeAnswer(ctx, chat, facts);
      await closeQuestion(ctx, chat, facts, pageOf(facts.key), fmt`Cancelled: nothing was changed.`);
    });

  return {
    /** What answers and other endings of our questions do. Stands before the features, behind `openQuestions`. */
    handlers,

    /** Asks the person who pressed a button of the menu for the value of a setting that is typed. */
    async askForValue(ctx: BotContext, chat: Chat, key: string): Promise<void> {
      const menuId = ctx.callbackQuery?.message?.message_id;
      if (menuId !== undefined) await askFor(ctx, chat, { chatId: chat.id, key, menuId });
    },
  };
}

function questionOf(ctx: BotContext): { facts: Facts; promptId: number } {
  if (!ctx.questionEnded) throw new Error('no question has ended');
  const { facts, promptId } = ctx.questionEnded.question;
  return { facts: questionFacts.parse(facts), promptId };
}

/** Asks one person of a group for a reply; the mention in the text says whom (`selective`). */
async function sendPrompt(ctx: BotContext, text: Text): Promise<number> {
  const { message_id: promptId } = await ctx.reply(text.text, {
    entities: text.entities,
    reply_markup: { force_reply: true, selective: true, input_field_placeholder: 'The new value' },
  });
  return promptId;
}

/** Deletes a message of this chat if the bot may; says whether it did. Telegram's refusal disturbs nothing. */
async function deleteQuietly(ctx: BotContext, messageId: number | undefined): Promise<boolean> {
  if (!ctx.chat || messageId === undefined) return false;
  try {
    return await ctx.api.deleteMessage(ctx.chat.id, messageId);
  } catch (error) {
    if (!classifyTelegramError(error)) throw error;
    return false;
  }
}
