import { InlineKeyboard } from 'grammy';
import type { TeamChat } from '../telegram/bot-context.ts';
import { featureData } from '../telegram/callback-data.ts';
import { duration, nearTime } from '../telegram/local-time.ts';
import { messageLink } from '../telegram/message-link.ts';
import { bold, clip, fmt, lines, link, type Text } from '../telegram/text.ts';
import type { QueueSummary, UpcomingItem, WaitingCard } from './queue-repository.ts';

/** Planned items on one page: what a phone shows without scrolling much. */
export const PAGE_SIZE = 8;
/** Waiting cards that are named; more are counted. */
export const MAX_WAITING = 8;
const MAX_NAME = 40;

const ICONS: Readonly<Record<string, string>> = { photo: '🖼', video: '🎬', animation: '🎞', document: '📄' };

/** The page of /queue. */
export function queueMessage(facts: {
  team: TeamChat;
  summary: QueueSummary;
  upcoming: UpcomingItem[];
  waiting: WaitingCard[];
  page: number;
  now: Date;
}): { text: Text; keyboard: InlineKeyboard } {
  const { team, summary, upcoming, waiting, page, now } = facts;
  const first = page * PAGE_SIZE;
  const shown =
    upcoming.length === 0
      ? [lines('📭 Nothing is planned.', 'Send me a picture in private, or /next for one from the library.')]
      : [
          fmt`${bold('📅 Coming')} ${`${first + 1}–${first + upcoming.length} of ${summary.pending}`}`,
          ...upcoming.map(
            (item) =>
              fmt`${ICONS[item.kind] ?? '📄'} ${bold(nearTime(item.scheduledFor, team.timeZone, now))}\n${clip(item.label, MAX_NAME)}${item.category ? ` · ${clip(item.category, 20)}` : ''}`,
          ),
        ];
  const rest = summary.waiting - waiting.length;
  const waits =
    waiting.length === 0
      ? []
      : [
          '',
          fmt`${bold('⏳ Waiting for a decision')} ${String(summary.waiting)}`,
          ...waiting.map((card) => waitingLine(card, team, now)),
          rest > 0 ? `and ${rest} more` : undefined,
        ];
  return {
    text: lines(...shown, ...waits, '', `Times are ${team.timeZone}.`),
    keyboard: pageButtons(team.id, page, summary.pending),
  };
}

function waitingLine(card: WaitingCard, team: TeamChat, now: Date): Text {
  const name = clip(card.label, MAX_NAME);
  const url = card.messageId === null ? undefined : messageLink(team.id, card.messageId);
  const since = card.sentAt ? `, since ${duration(now.getTime() - card.sentAt.getTime())}` : '';
  return fmt`• ${url ? link(name, url) : name}${since}${card.isRejectAsked ? ' (reject?)' : ''}`;
}

function pageButtons(chatId: number, page: number, total: number): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  if (page > 0) keyboard.text('◀️ Earlier', featureData('queue', 'page', `${chatId}.${page - 1}`));
  if ((page + 1) * PAGE_SIZE < total) keyboard.text('Later ▶️', featureData('queue', 'page', `${chatId}.${page + 1}`));
  return keyboard;
}
