import { Composer, type Middleware, type NextFunction } from 'grammy';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { answerInPrivate, sendInPrivate } from '../telegram/answer-in-private.ts';
import { type BotContext, type InteractionDraft, personOf, setOutcome } from '../telegram/bot-context.ts';
import { isUuid, parseCallbackData } from '../telegram/callback-data.ts';
import { editInPlace } from '../telegram/edit-in-place.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { ForgetRepository } from './forget-repository.ts';
import type { MyDataPayload } from './my-data-job.ts';
import {
  FORGETTING,
  FORGOTTEN_ALREADY,
  forgetConfirmation,
  forgetQuestion,
  GATHERING,
  KEPT,
  NOT_THIS_PERSON,
  ONLY_ADMIN,
  PRIVACY,
  QUESTION_EXPIRED,
  QUESTION_MINUTES,
} from './privacy-messages.ts';
import { isPrivateButton, showInstead } from './private-buttons.ts';

const SILENT = { text: '', show_alert: false };
/** For people who may do nothing else here: enough to read, to ask for the data, and to change one's mind. */
const OUTSIDERS = { points: 6, duration: 600 };

type Button = { userId: string; askedAt: Date | undefined };

/** `<user id>[.<when it was asked, in seconds, base 36>]`; undefined for anything else. */
function parseButton(id: string | undefined): Button | undefined {
  const [userId = '', asked] = (id ?? '').split('.');
  if (!isUuid(userId) || (asked !== undefined && !/^[0-9a-z]{1,9}$/.test(asked))) return undefined;
  return { userId, askedAt: asked === undefined ? undefined : new Date(Number.parseInt(asked, 36) * 1000) };
}

/**
 * Before anybody is identified: a second tap on "forget me" that arrives when it is done must not make a stranger of the
 * person, whose name would be kept again.
 */
export function lateForgetTaps({
  forgetting,
}: {
  forgetting: Pick<ForgetRepository, 'isThere'>;
}): Middleware<BotContext> {
  return async (ctx, next) => {
    const data = ctx.callbackQuery && parseCallbackData(ctx.callbackQuery.data);
    const button = data?.kind === 'feature' && data.feature === 'forget' ? parseButton(data.id) : undefined;
    if (!button || (await forgetting.isThere(button.userId))) return next();
    await ctx.answerTap(FORGOTTEN_ALREADY);
  };
}

/**
 * `/privacy`, `/mydata` and `/forget`: a person's own right, hence for everybody in private, also for strangers and for
 * those who were removed; in a group for those who belong there, with the answer in private.
 */
export function privacyHandlers(dependencies: {
  forgetting: Pick<ForgetRepository, 'isOnlyAdmin'>;
  /** Adds the job together with the record of the press. */
  forgetLater: (request: { userId: string; telegramUserId: number }, draft?: InteractionDraft) => Promise<void>;
  sendMyDataLater: (payload: MyDataPayload, draft?: InteractionDraft) => Promise<void>;
}): Composer<BotContext> {
  const { forgetting, forgetLater, sendMyDataLater } = dependencies;
  const handlers = new Composer<BotContext>();
  const limiter = new RateLimiterMemory(OUTSIDERS);

  /** Lets people of the bot through, and outsiders in private for a few times; the others are not ours to answer here. */
  async function mayAsk(ctx: BotContext, next: NextFunction): Promise<boolean> {
    if (ctx.access.level !== 'none') return true;
    if (!ctx.person || ctx.chat?.type !== 'private') {
      await next();
      return false;
    }
    try {
      await limiter.consume(ctx.person.id);
      return true;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      setOutcome(ctx, 'denied');
      if (ctx.callbackQuery) await ctx.answerTap({ text: 'Please wait ten minutes.', show_alert: true });
      return false;
    }
  }

  handlers.filter(isCommand('privacy'), async (ctx, next) => {
    if (await mayAsk(ctx, next)) await answerInPrivate(ctx, PRIVACY);
  });

  handlers.filter(isCommand('mydata'), async (ctx, next) => {
    if (!(await mayAsk(ctx, next))) return;
    const { id: userId, telegramUserId } = personOf(ctx);
    const gather = async (chatId: number) => {
      const note = await ctx.api.sendMessage(chatId, GATHERING.text);
      await sendMyDataLater({ userId, chatId, noteId: note.message_id }, ctx.interaction);
    };
    if (ctx.chat?.type === 'private') await gather(telegramUserId);
    else await sendInPrivate(ctx, gather);
  });

  handlers.filter(isCommand('forget'), async (ctx, next) => {
    if (!(await mayAsk(ctx, next))) return;
    const { id } = personOf(ctx);
    if (await forgetting.isOnlyAdmin(id)) {
      setOutcome(ctx, 'noop');
      return answerInPrivate(ctx, ONLY_ADMIN);
    }
    const { text, keyboard } = forgetQuestion(id);
    await answerInPrivate(ctx, text, keyboard);
  });

  handlers.filter(isPrivateButton('forget'), async (ctx, next) => {
    if (!(await mayAsk(ctx, next))) return;
    const data = parseCallbackData(ctx.callbackQuery?.data);
    const button = data?.kind === 'feature' ? parseButton(data.id) : undefined;
    const me = personOf(ctx);
    if (data?.kind !== 'feature' || button?.userId !== me.id) {
      setOutcome(ctx, 'denied');
      return ctx.answerTap(NOT_THIS_PERSON);
    }
    if (data.action === 'cancel') {
      await ctx.answerTap(SILENT);
      return editInPlace(ctx, { text: KEPT });
    }
    if (await forgetting.isOnlyAdmin(me.id)) {
      setOutcome(ctx, 'noop');
      await ctx.answerTap(SILENT);
      return editInPlace(ctx, { text: ONLY_ADMIN });
    }
    if (data.action === 'ask') {
      await ctx.answerTap(SILENT);
      return showInstead(ctx, forgetConfirmation(me.id, ctx.receivedAt));
    }
    if (data.action !== 'confirm') return ctx.answerTap(NOT_THIS_PERSON);
    await confirmed(ctx, button);
  });

  async function confirmed(ctx: BotContext, { askedAt }: Button): Promise<void> {
    const me = personOf(ctx);
    const age = ctx.receivedAt.getTime() - (askedAt?.getTime() ?? 0);
    // The question carries whole seconds; one from the future was asked before the clock was set back.
    if (age < -1000 || age > QUESTION_MINUTES * 60_000) {
      setOutcome(ctx, 'noop');
      await ctx.answerTap(QUESTION_EXPIRED);
      return showInstead(ctx, forgetQuestion(me.id));
    }
    // All that is said is said before the job can run, so that it finds every trace.
    await ctx.answerTap(SILENT);
    await editInPlace(ctx, { text: FORGETTING });
    await forgetLater({ userId: me.id, telegramUserId: me.telegramUserId }, ctx.interaction);
  }

  return handlers;
}
