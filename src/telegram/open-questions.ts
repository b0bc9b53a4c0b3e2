import { type Conversation, conversations, createConversation } from '@grammyjs/conversations';
import { Composer, type Context } from 'grammy';
import { z } from 'zod';
import { BOT_COMMANDS } from './bot-commands.ts';
import type { BotContext } from './bot-context.ts';
import type { ConversationRepository } from './conversation-repository.ts';
import { messageKey } from './name-answer.ts';
import { questionStorage } from './question-storage.ts';
import { typedCommand } from './typed-command.ts';

/** A question that the bot has asked a person in a chat. `facts`: what the feature needs to know again, as JSON. */
export type OpenQuestion = {
  /** The feature that asks; its buttons (`<topic>:...`) end the question. */
  topic: string;
  /** The message to which an answer replies; in private any text that replies to nothing is an answer, too. */
  promptId: number;
  facts: unknown;
};

/**
 * How a question came to its end: by a text, by /cancel, or because the person did something else (another command,
 * a button of the same feature), which is carried out after the feature has tidied up.
 */
export type QuestionEnding = 'answered' | 'cancelled' | 'left';

const QUESTION = 'question';

const openQuestion = z.object({ topic: z.string(), promptId: z.number(), facts: z.unknown() });

/** From now on the sender's next text in this chat is the answer; a question that was open here is dropped. */
export async function ask(ctx: BotContext, question: OpenQuestion): Promise<void> {
  await ctx.conversation.exitAll();
  await ctx.conversation.enter(QUESTION, question);
}

/**
 * Finds out whether an update ends a question of its sender, and says so in `ctx.questionEnded`; features behind it do
 * what the answer asks for. Questions survive a restart: grammY's conversations keep them, one row for each bot, chat
 * and person, so that nobody answers for another and nothing typed elsewhere is taken for an answer.
 *
 * The conversation only waits. What an answer does is not done inside it, but by ordinary handlers behind it
 * (`halt({ next: true })`), for two reasons: an error that leaves `conversation.external` is a structured clone, in which
 * a database failure cannot be told from a bug any more, so the update would be confirmed and lost (DESIGN, rule 3); and
 * nothing that has run once can be run again by a replay.
 */
export function openQuestions(dependencies: {
  conversations: ConversationRepository;
  /** Whether a message was dealt with before, by its delivery key. */
  isRecorded: (deliveryKey: string) => Promise<boolean>;
  topics: readonly string[];
}): Composer<BotContext> {
  const { conversations: repository, isRecorded, topics } = dependencies;
  const handlers = new Composer<BotContext>();
  /** Updates that failed: their questions stay open, since the update comes again or the person tries again. */
  const failed = new WeakSet<BotContext>();
  const mayEnd = (ctx: BotContext) => mayEndQuestion(ctx, topics);

  handlers.use(
    conversations<BotContext, Context>({
      storage: questionStorage({ conversations: repository, mayEnd, isFailed: (ctx) => failed.has(ctx) }),
    }),
  );

  handlers.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      failed.add(ctx);
      throw error;
    }
  });

  handlers.use(createConversation<BotContext, Context>(waitForEnding, { id: QUESTION }));

  // An answer that is delivered again when its question is closed must not be called nonsense. With the question still
  // open (the bot was killed in between) the feature finds out by the delivery key what was done, and answers.
  handlers.use(async (ctx, next) => {
    if (ctx.questionEnded || !ctx.message || !mayEnd(ctx) || typedCommand(ctx.message, ctx.me.username)) return next();
    if (!(await isRecorded(messageKey(ctx.message, ctx.me.id)))) return next();
    if (ctx.interaction) ctx.interaction.isRecorded = true;
  });

  return handlers;
}

async function waitForEnding(
  conversation: Conversation<BotContext, Context>,
  _asked: Context,
  asked: unknown,
): Promise<void> {
  const question = openQuestion.parse(asked);
  const update = await conversation.waitUntil((ctx) => endingOf(ctx, question) !== undefined, { next: true });
  const ending = endingOf(update, question);
  await conversation.external((ctx) => {
    if (ending) ctx.questionEnded = { question, ending };
  });
  await conversation.halt({ next: true });
}

/** How this update of the person ends the question; undefined when it has nothing to do with it. */
function endingOf(ctx: Context, { topic, promptId }: OpenQuestion): QuestionEnding | undefined {
  if (ctx.callbackQuery) return ctx.callbackQuery.data?.startsWith(`${topic}:`) ? 'left' : undefined;
  const { message } = ctx;
  if (message?.text === undefined) return undefined;
  const isPrivate = message.chat.type === 'private';
  const command = typedCommand(message, ctx.me.username);
  if (command?.name === 'cancel') return 'cancelled';
  if (command) {
    // In a group a command that names nobody may be another bot's.
    const isOurs = isPrivate || command.isAddressed || BOT_COMMANDS.some(({ command: name }) => name === command.name);
    return isOurs ? 'left' : undefined;
  }
  const repliesTo = message.reply_to_message?.message_id;
  return repliesTo === promptId || (isPrivate && repliesTo === undefined) ? 'answered' : undefined;
}

function mayEndQuestion(ctx: BotContext, topics: readonly string[]): boolean {
  if (ctx.callbackQuery) return topics.some((topic) => ctx.callbackQuery?.data?.startsWith(`${topic}:`));
  if (ctx.message?.text === undefined) return false;
  if (ctx.chat?.type === 'private' || ctx.message.reply_to_message?.from?.id === ctx.me.id) return true;
  return typedCommand(ctx.message, ctx.me.username) !== undefined;
}
