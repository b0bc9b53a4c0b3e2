import { clockTime } from '../telegram/local-time.ts';
import { bold, clip, clipText, fmt, lines, MAX_TEXT, type Text } from '../telegram/text.ts';
import { historyLine, type NamedChange } from './change-messages.ts';
import type { Chat } from './chat-repository.ts';
import type { Page, Setting } from './setting-kinds.ts';
import { SETTINGS } from './setting-list.ts';
import { MAX_VALUE, MIX_LABEL, percent, type Share, sharesWords, valueWords } from './setting-words.ts';

/** The head of every page. */
function head(chat: Chat, page: string | undefined): Text {
  const title = clip(chat.title || 'this chat', 60);
  return fmt`⚙️ ${bold('Settings')} · ${title}${page === undefined ? '' : ` · ${page}`}`;
}

/** The text of a page; `notice`, what the last press did, stands on top. */
export function pageText(facts: {
  chat: Chat;
  page: Page;
  now: Date;
  mix: readonly Share[];
  history: readonly NamedChange[];
  notice?: Text | undefined;
}): Text {
  const { chat, page, now, mix, history, notice } = facts;
  const body = {
    main: () => mainText(chat, mix, now, notice !== undefined),
    plan: () => [
      'Jitter: how far a post may lie from its even place.',
      'Plan ahead: how many days the plan reaches.',
      'Rest: how long a picture is not offered again.',
      'A card that nobody decides gets one reminder, and later leaves the queue.',
    ],
    cards: () => ['Enhanced cards say how to post, simple ones only what. Verbose ones name the file, too.'],
    approval: () => [
      'People needed: how many must press Posted until it holds.',
      'Four eyes: whoever added a picture does not count.',
      chat.rejectReasons.length === 0
        ? 'Reasons: none. With some, Reject offers them as buttons.'
        : 'Press a reason to remove it.',
    ],
    mix: () => (mix.length === 0 ? ['All categories alike: there is no mix.'] : mix.map(shareLine)),
    reports: () => [
      'Daily report: what was decided yesterday. Weekly report: last week, on Mondays.',
      'Empty reports: whether they come when nothing was decided and nothing waits.',
      'Report topic: send /report here in the topic that is to get them.',
      `Guests: ${chat.isOpenToGuests ? 'open. Guests whom an admin let in may use the commands for guests.' : 'closed. Guests are answered like strangers.'}`,
    ],
    alerts: () => [
      'What the admins hear of, by change only; 0 switches a notice off.',
      'Unusual from: an hour that differs so much from the same hour of other weeks.',
      'Rejects of 10, no decision for, strangers an hour: so many rejects, so long, so many refusals.',
      'About people: what one person does very fast, very much, or no longer. Quiet hours hold all of these.',
    ],
    history: () =>
      history.length === 0 ? ['Nothing was changed yet.'] : history.map((row) => historyLine(row, chat, now)),
  }[page]();
  return clipText(lines(...(notice ? [notice, ''] : []), head(chat, PAGE_TITLES[page]), '', ...body), MAX_TEXT);
}

const PAGE_TITLES: Readonly<Record<Page, string | undefined>> = {
  main: undefined,
  plan: 'Plan and rest',
  cards: 'Cards',
  approval: 'Approval',
  mix: MIX_LABEL,
  reports: 'Reports and guests',
  alerts: 'Notices',
  history: 'the last 10 changes',
};

/** What the buttons of the first page do not say; less when the result of a press must fit a phone's screen as well. */
function mainText(chat: Chat, mix: readonly Share[], now: Date, isShort: boolean): (Text | string)[] {
  const of = (setting: Setting) => valueWords(setting, chat);
  const people = chat.approvalsNeeded === 1 ? '1 person' : `${chat.approvalsNeeded} people`;
  const posting = `${chat.isPaused ? '⏸ Posting is paused.' : '▶️ Posting is on.'} It is ${clockTime(now, chat.timeZone)}.`;
  if (isShort) return [posting];
  return [
    posting,
    '',
    `🎲 jitter ${of(SETTINGS.jitter)}, plan ${of(SETTINGS.plan_days)}`,
    `💤 rest ${chat.repostLockDays} d, after Skip ${chat.skipLockDays} d`,
    `⏰ reminder ${of(SETTINGS.reminder)}, discard ${of(SETTINGS.discard)}`,
    `🖼 ${of(SETTINGS.caption_style)}${chat.isVerbose ? ', verbose' : ''}`,
    `👍 ${people}${chat.isFourEyes ? ', four eyes' : ''} · 🚪 guests ${of(SETTINGS.guests)}`,
    mix.length === 0 ? '🗂 all categories alike' : `🗂 ${clip(sharesWords(mix), MAX_VALUE)}`,
  ];
}

function shareLine({ category, ratio }: Share): string {
  return `${percent(ratio)} ${clip(category, 40)}`;
}
