import type { Middleware } from 'grammy';
import { isDatabaseFailure, isLockTimeout, isPersonGone } from '../db/database-errors.ts';
import type { InteractionService } from '../interactions/interaction-service.ts';
import { draftOf } from '../interactions/record-interaction.ts';
import type { Counters } from '../lib/counters.ts';
import { OutsideError, PersonError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { BotContext } from '../telegram/bot-context.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { IsDatabaseAway } from './database-away.ts';
import type { TellOfBug } from './tell-of-bug.ts';

/**
 * Around everything that an update passes through. A database that is away stops the polling: the update stays queued
 * at Telegram and comes again. Every other failure is logged whole, apologised for in one sentence, and skipped: an
 * update that breaks us must not stand in the way of the ones behind it. Of a bug the admins are told, once.
 */
export function errorBoundary(dependencies: {
  isDatabaseAway: IsDatabaseAway;
  interactions: Pick<InteractionService, 'log'>;
  logger: Logger;
  counters: Counters;
  tellOfBug: TellOfBug;
}): Middleware<BotContext> {
  const { isDatabaseAway, interactions, logger, counters, tellOfBug } = dependencies;

  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (isPersonGone(error)) {
        // Nothing was changed, and of somebody who is forgotten no line of a log may tell.
        await apologise(ctx, FORGOTTEN);
        return;
      }
      if (isDatabaseFailure(error)) {
        if (await isDatabaseAway(ctx.update.update_id)) throw error;
        // Left to us by the recording step, which leaves failures of the database to the next attempt.
        if (ctx.interaction) await interactions.log({ ...ctx.interaction, outcome: 'failed' });
      } else if (!ctx.interaction) {
        // It failed before it was named: Telegram did not say who may what. It gets its row and its answer all the same.
        ctx.interaction = draftOf(ctx);
        if (ctx.interaction) await interactions.log({ ...ctx.interaction, outcome: 'failed' });
      }
      counters.add('updates_failed');
      logger.error(
        { err: error, updateId: ctx.update.update_id, interaction: ctx.interaction?.name },
        'an update failed',
      );
      if (isBug(error)) tellOfBug(error, ctx.update.update_id);
      try {
        await apologise(ctx, sentenceFor(error, ctx.callbackQuery ? 'tap' : 'message'));
      } catch (again) {
        logger.warn({ err: again }, 'and the apology could not be sent');
      }
    }
  };
}

const FORGOTTEN = 'You were forgotten at this very moment, so nothing was changed.';

/** Neither a person, nor an outside system, nor a card that is busy: the third kind of error (README). */
function isBug(error: unknown): boolean {
  return !(
    isDatabaseFailure(error) ||
    isLockTimeout(error) ||
    error instanceof OutsideError ||
    error instanceof PersonError ||
    classifyTelegramError(error)
  );
}

function sentenceFor(error: unknown, what: 'tap' | 'message'): string {
  if (isLockTimeout(error)) return 'Busy just now: please try again.';
  if (error instanceof OutsideError || classifyTelegramError(error)) {
    if (what === 'tap') return 'Telegram did not do its part just now. Please tap again.';
    return 'Telegram did not do its part just now. Please try again in a minute.';
  }
  return 'Sorry, something went wrong on my side. It is written down; please try again.';
}

async function apologise(ctx: BotContext, sentence: string): Promise<void> {
  if (ctx.callbackQuery) await ctx.answerTap({ text: sentence, show_alert: true });
  // In private everything is meant for the bot, also what failed before it was known as an interaction.
  else if (ctx.chat && (ctx.interaction || ctx.chat.type === 'private')) await ctx.reply(sentence);
}
