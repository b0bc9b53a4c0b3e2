import { isLockTimeout } from '../db/database-errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { PlanRepository } from './plan-repository.ts';

/**
 * Keeps every plan as long as its chat wants it (plan days), unless the chat is paused. Runs hourly, so that the day
 * after the last planned one is there soon after midnight in every zone; a plan that is long enough gets nothing, and
 * neither does one for which the library has nothing. Returns how many posts were planned.
 */
export function createKeepPlanJob(dependencies: {
  plan: Pick<PlanRepository, 'extend'>;
  chats: Pick<ChatRepository, 'active'>;
  clock: Clock;
  logger: Logger;
}): () => Promise<number> {
  const { plan, chats, clock, logger } = dependencies;

  return async () => {
    let planned = 0;
    for (const chat of (await chats.active()).filter(({ isPaused }) => !isPaused)) {
      try {
        const extension = await plan.extend(chat.id, chat.planDays, clock.now());
        planned += extension.planned;
        if (extension.planned > 0) logger.info({ chatId: chat.id, ...extension }, 'the plan was extended');
      } catch (error) {
        // Somebody holds this chat's plan: the others must not wait for that, and the next hour comes.
        if (!isLockTimeout(error)) throw error;
        logger.warn({ err: error, chatId: chat.id }, 'a plan could not be extended now');
      }
    }
    return planned;
  };
}
