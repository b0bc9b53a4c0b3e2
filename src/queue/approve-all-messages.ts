import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import { bold, clip, fmt, lines, type Text } from '../telegram/text.ts';
import type { ApproveAllResult, ApproveAllSummary } from './approve-all-repository.ts';
import { counted } from './counted.ts';

type View = { text: Text; keyboard: InlineKeyboard };

/** Categories that are named; the rest is summed up. */
const MAX_CATEGORIES = 8;

/** The question before all cards are marked; it holds for the cards that are there now (`askedAt`). */
export function approveAllQuestion(summary: ApproveAllSummary, chatId: number, askedAt: Date): View {
  const { categories, asked, approvalsNeeded } = summary;
  const total = categories.reduce((sum, { count }) => sum + count, 0);
  const doubted =
    asked === 0
      ? undefined
      : `${counted(asked, 'card')} with an open “Reject?” ${asked === 1 ? 'stays as it is' : 'stay as they are'}.`;
  if (total === 0) {
    return { text: lines('📭 No card waits for a decision.', doubted), keyboard: new InlineKeyboard() };
  }
  const votes = `Each post needs ${approvalsNeeded} people here: this adds your approval, and posts what has enough then.`;
  return {
    text: lines(
      fmt`${bold(`Mark ${counted(total, 'card')} as posted?`)}`,
      byCategory(summary),
      approvalsNeeded > 1 ? votes : undefined,
      doubted,
    ),
    keyboard: new InlineKeyboard()
      .text('✅ Yes, all', featureData('approve', 'confirm', `${chatId}.${askedAt.getTime()}`))
      .text('↩️ No', featureData('approve', 'cancel', chatId)),
  };
}

/** Undefined when no card has a category: the number alone says it all. */
function byCategory({ categories }: ApproveAllSummary): string | undefined {
  if (categories.every(({ category }) => category === null)) return undefined;
  const named = categories
    .slice(0, MAX_CATEGORIES)
    .map(({ category, count }) => `${clip(category ?? 'no category', 40)} ${count}`);
  const rest = categories.slice(MAX_CATEGORIES).reduce((sum, { count }) => sum + count, 0);
  return [...named, ...(rest > 0 ? [`others ${rest}`] : [])].join(', ');
}

/** What was done, with a minute to take it back. */
export function approvedAllMessage(result: ApproveAllResult, by: string, chatId: number, at: Date): View {
  const { posted, voted, own } = result;
  const nothing = posted.length + voted.length === 0;
  const who = clip(by, 64);
  return {
    text: lines(
      posted.length > 0
        ? bold(`✅ ${counted(posted.length, 'card')} marked as posted by ${who}, all at once.`)
        : undefined,
      voted.length > 0
        ? bold(`👍 ${counted(voted.length, 'card')} approved by ${who}; somebody else is needed too.`)
        : undefined,
      own > 0 ? `${counted(own, 'card')} could not be approved by ${who}: added by the same person.` : undefined,
      nothing && own === 0 ? 'Nothing was left to mark: the cards are decided already.' : undefined,
    ),
    keyboard: nothing
      ? new InlineKeyboard()
      : new InlineKeyboard().text('↩️ Undo all', featureData('approve', 'undo', `${chatId}.${at.getTime()}`)),
  };
}

/** All of it was taken back. */
export function undoneAllMessage(count: number, by: string): Text {
  return lines(bold(`↩️ Taken back by ${clip(by, 64)}: ${counted(count, 'card')} as before.`));
}
