import { clip } from '../telegram/text.ts';
import { bestHours, driftOf, type Lessons } from './report-facts.ts';
import { shortSpan } from './report-table.ts';
import { counted, named, oneLine, percent } from './report-words.ts';

const MAX_REASON = 30;
const SHOWN_REASONS = 3;
const SHOWN_HOURS = 3;
const SHOWN_CATEGORIES = 3;

/**
 * What a team can learn of a week or more: blocks of lines, the most useful first. A line is left out where there is nothing to
 * say.
 */
export function lessonBlocks(lessons: Lessons): (string | undefined)[][] {
  const { handling, reasons, rejections, disagreement, categories } = lessons;
  const why = reasons
    .slice(0, SHOWN_REASONS)
    .map(({ reason, count }) => `${clip(oneLine(reason), MAX_REASON)} (${count})`);
  const hours = bestHours(lessons.hours, SHOWN_HOURS);
  const { undone, verdicts } = disagreement;
  return [
    [
      hours.length === 0 ? undefined : `🕐 Best hours for cards: ${hours.map(hourWords).join(', ')}`,
      handling.median_seconds === null
        ? undefined
        : `🙋 Half handled within ${shortSpan(handling.median_seconds)} of “On it”`,
    ],
    [
      why.length === 0 ? undefined : `💬 Rejected for: ${why.join(', ')}`,
      rejections.asked === 0
        ? undefined
        : `↩️ Reject pressed on ${counted(rejections.asked, 'card')}, not confirmed on ${rejections.abandoned} (${percent(rejections.abandoned / rejections.asked)})`,
      undone + verdicts === 0
        ? undefined
        : `🔀 Disagreement: ${[undone && `${undone} undone by somebody else`, verdicts && `${counted(verdicts, 'medium', 'media')} rejected by one and not by another`].filter(Boolean).join(', ')}`,
    ],
    [mixLine(categories), deadLine(lessons)],
  ];
}

function mixLine(categories: Lessons['categories']): string | undefined {
  const off = driftOf(categories).slice(0, SHOWN_CATEGORIES);
  if (off.length === 0) {
    return categories.some(({ posted }) => posted > 0) ? '🗂 Posts are close to the category mix' : undefined;
  }
  const words = off.map(
    ({ category, share, wanted }) => `${named(category)} ${percent(share)} instead of ${percent(wanted)}`,
  );
  return `🗂 Off the mix: ${words.join(', ')}`;
}

/** How much of the library lies unused; undefined when none of it does. */
export function deadLine({ dead }: Lessons): string | undefined {
  if (dead.count === 0) return undefined;
  const oldest = dead.label === null ? '' : `, the oldest “${clip(oneLine(dead.label), MAX_REASON)}”`;
  return `🕸 ${counted(dead.count, 'medium', 'media')} in the library for over 30 days, never posted${oldest}`;
}

/** `18–19 h (9 of 10 posted)`. */
function hourWords({ hour, posted, decided }: { hour: number; posted: number; decided: number }): string {
  return `${hour}–${(hour + 1) % 24} h (${posted} of ${decided} posted)`;
}
