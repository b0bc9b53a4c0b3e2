import type { Database } from '../db/client.ts';
import { PersonError } from '../lib/errors.ts';
import { createCategoryMixRepository } from '../media/category-mix-repository.ts';
import { createChatRepository } from '../settings/chat-repository.ts';
import { chosenChats } from './chosen-chats.ts';
import { createMediaChoice } from './media-choice-repository.ts';
import { createPlanRepository } from './plan-repository.ts';
import { MOST_PLAN_DAYS, parseDays, scheduleMessage } from './schedule-messages.ts';

/**
 * `storyline schedule create --days N [--chat id]`: what /schedule does, for one chat or for all. Throws PersonError when
 * the days are no number from 1 to 30, or there is no such chat.
 */
export async function createSchedule(
  terminal: { database: Database; print: (line: string) => void },
  options: { days?: string; chat?: string },
): Promise<void> {
  const days = options.days === undefined ? undefined : parseDays(options.days);
  if (options.days !== undefined && days === undefined) {
    throw new PersonError(`“${options.days}” is no number of days from 1 to ${MOST_PLAN_DAYS}. Nothing was planned.`);
  }
  const choose = createMediaChoice({ mix: createCategoryMixRepository(terminal.database) });
  const plan = createPlanRepository(terminal.database, { choose });
  const chats = createChatRepository(terminal.database);
  for (const chat of await chosenChats(chats, options.chat)) {
    const now = new Date();
    const extension = await plan.extend(chat.id, days ?? chat.planDays, now);
    terminal.print(`${chat.title || chat.id}: ${scheduleMessage(extension, chat, now).text}`);
  }
}
