import { longDayAndTime } from '../telegram/local-time.ts';
import { clip, lines, type Text } from '../telegram/text.ts';
import { counted } from './counted.ts';
import type { Extension } from './plan-repository.ts';

/** How many days a plan may reach ahead (issue 4, seed era's /schedule). */
export const MOST_PLAN_DAYS = 30;

/** A number of days as typed; undefined when it is none from 1 to 30. */
export function parseDays(text: string): number | undefined {
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return days >= 1 && days <= MOST_PLAN_DAYS ? days : undefined;
}

/** What planning came to: how much until when, by category, and what is missing. */
export function scheduleMessage(extension: Extension, chat: { timeZone: string; isPaused: boolean }, now: Date): Text {
  const { planned, empty, until, ranOut } = extension;
  const end = until && `${longDayAndTime(until, chat.timeZone, now)} (${chat.timeZone})`;
  return lines(
    headline(),
    planned > 0 ? categoriesLine(extension) : undefined,
    planned > 0 && ranOut.length > 0
      ? `${ranOut.map((name) => clip(name, 30)).join(', ')} ran out: media of other categories fill in.`
      : undefined,
    planned > 0 && empty > 0
      ? `${counted(empty, 'slot stays', 'slots stay')} empty: nothing else in the library may be posted now.`
      : undefined,
    empty > 0 ? 'Send me media in private to fill the plan; what rests comes back by itself.' : undefined,
    chat.isPaused ? 'Posting is paused; /resume goes on.' : undefined,
  );

  function headline(): string {
    if (planned > 0) return `📅 Planned ${counted(planned, 'post')} until ${end}.`;
    if (empty === 0) return `📅 The plan already reaches until ${end}. Nothing was added.`;
    const reach = end ? ` The plan reaches until ${end}.` : '';
    return `📭 Nothing was planned: nothing in the library may be posted now, and ${counted(empty, 'slot is', 'slots are')} empty.${reach}`;
  }
}

function categoriesLine({ byCategory }: Extension): string | undefined {
  if (byCategory.every(({ category }) => category === null)) return undefined;
  const parts = byCategory.map(
    ({ category, count }) => `${count} ${category === null ? 'of none' : clip(category, 30)}`,
  );
  return `${parts.join(', ')}.`;
}
