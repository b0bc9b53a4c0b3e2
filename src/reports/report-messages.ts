import { clockTime, dayAndTime, dayName } from '../telegram/local-time.ts';
import {
  bold,
  clip,
  clipText,
  FormattedString,
  fmt,
  lines,
  MAX_CAPTION,
  MAX_TEXT,
  type Text,
} from '../telegram/text.ts';
import { deadLine, lessonBlocks } from './lesson-messages.ts';
import { loadOf, type ReportFacts } from './report-facts.ts';
import { localDate, type Period } from './report-periods.ts';
import { reportTable } from './report-table.ts';
import { named, percent } from './report-words.ts';

type Line = Text | string | undefined;
type Lines = readonly Line[];

const HEADS = { daily: '📊 Daily report', weekly: '📊 Weekly report' } as const;
const MAX_TITLE = 64;
/** Rows of people in a message of its own, and under a picture, whose limit is a quarter of a message's. */
const PEOPLE = { text: 8, caption: 4 };

/**
 * A report as a message of its own. `label` says what is special about this one (late, sent again); undefined as a rule.
 * Whatever the names in it, it fits Telegram's limit: what most people look for stands first.
 */
export function reportMessage(facts: ReportFacts, label?: Text): Text {
  return fitting(parts(facts, PEOPLE.text, label), MAX_TEXT);
}

/** The same under a picture: the last parts go first where it gets too long for that. */
export function reportCaption(facts: ReportFacts, label?: Text): Text {
  return fitting(parts(facts, PEOPLE.caption, label), MAX_CAPTION);
}

/** Blocks of lines, a blank line between them; without the last ones until it fits. */
function fitting(blocks: readonly Lines[], limit: number): Text {
  for (let count = blocks.length; count > 1; count -= 1) {
    const text = joined(blocks.slice(0, count));
    if (text.text.length <= limit) return text;
  }
  return clipText(joined(blocks.slice(0, 1)), limit);
}

function joined(blocks: readonly Lines[]): Text {
  const filled = blocks.filter((block) => block.some((line) => line !== undefined));
  return lines(...filled.flatMap((block, index) => (index === 0 ? block : ['', ...block])));
}

/** The most important first: a caption may have room for the first of them only. */
function parts(facts: ReportFacts, rows: number, label: Text | undefined): Lines[] {
  const { report, title, period, columns, now } = facts;
  const head: Lines = [
    ...(label ? [label, ''] : []),
    fmt`${HEADS[report]} · ${bold(clip(title, MAX_TITLE))}`,
    `${periodWords(period)}${period.until > now ? ', so far' : ''} · ${period.timeZone}`,
  ];
  if (columns.every(({ decisions, waiting }) => decisions.total_decisions === 0 && waiting === 0)) {
    return [head, ['Nothing was decided in this time.'], waitingLines(facts), deadLines(facts)];
  }
  return [
    // Chats show a table with a margin of its own.
    [...head, FormattedString.pre(reportTable(columns, report)), ...peopleLines(facts, rows)],
    waitingLines(facts),
    ...(facts.lessons ? lessonBlocks(facts.lessons) : []),
  ];
}

/** `Thu 19 Nov 2026`, `Mon 16 – Sun 22 Nov 2026`. */
export function periodWords({ start, end }: Pick<Period, 'start' | 'end'>): string {
  const last = `${dayName(end)} ${end.slice(0, 4)}`;
  if (start === end) return last;
  if (start.slice(0, 4) !== end.slice(0, 4)) return `${dayName(start)} ${start.slice(0, 4)} – ${last}`;
  const first = dayName(start);
  return `${start.slice(0, 7) === end.slice(0, 7) ? first.replace(/ [A-Z][a-z]+$/, '') : first} – ${last}`;
}

function peopleLines({ people, lessons }: ReportFacts, rows: number): Lines {
  if (people.length === 0) return [];
  const shown = people.length > rows + 1 ? people.slice(0, rows) : people;
  const rest = people.slice(shown.length);
  const sum = (kind: 'posted' | 'skipped' | 'rejected') => rest.reduce((total, person) => total + person[kind], 0);
  const others = {
    name: `${rest.length} others`,
    posted: sum('posted'),
    skipped: sum('skipped'),
    rejected: sum('rejected'),
  };
  return [
    bold('Who did what'),
    ...[...shown, ...(rest.length > 0 ? [others] : [])].map(({ name, posted, skipped, rejected }) => {
      const kinds = [posted && `✅ ${posted}`, skipped && `⏭️ ${skipped}`, rejected && `🚫 ${rejected}`];
      return `${named(name)} · ${kinds.filter(Boolean).join('  ')}`;
    }),
    ...(lessons ? [loadLine(people)] : []),
  ];
}

function loadLine(people: ReportFacts['people']): string | undefined {
  const load = loadOf(people);
  if (!load) return undefined;
  const name = named(load.name);
  if (load.people === 1) return `⚖️ All of it by ${name}`;
  if (!load.isUneven) return `⚖️ Evenly shared by ${load.people} people`;
  return `⚖️ ${name} carries ${percent(load.share)}, an even share is ${percent(load.evenShare)}`;
}

function waitingLines({ waitingNow: { count, oldest }, period, now }: ReportFacts): Lines {
  if (count === 0 || oldest === null) return [];
  const cards = count === 1 ? '1 card waits now' : `${count} cards wait now, the oldest`;
  return [`⏳ ${cards} since ${dayAndTime(oldest, period.timeZone, now)}. /queue has links.`];
}

function deadLines({ lessons }: ReportFacts): Lines {
  return lessons ? [deadLine(lessons)] : [];
}

/** What a report says on top of itself when it did not come as planned; undefined when it did. */
export function deliveryLabel(facts: {
  slot: Date;
  now: Date;
  timeZone: string;
  isLate: boolean;
  isRepeat: boolean;
  /** Its topic is gone, so it comes here, and so will the next ones. */
  isTopicGone: boolean;
}): Text | undefined {
  const { slot, now, timeZone, isLate, isRepeat, isTopicGone } = facts;
  const isSameDay = localDate(slot, timeZone).equals(localDate(now, timeZone));
  const when = (at: Date) => (isSameDay ? clockTime(at, timeZone) : dayAndTime(at, timeZone, now));
  const said = [
    isRepeat ? `🔁 Repeat of the ${when(slot)} report: I could not be sure that the first one arrived.` : undefined,
    isLate ? `🕰 Report of ${when(slot)}, sent ${when(now)} because I was away.` : undefined,
    isTopicGone
      ? '🧵 The topic for reports is gone: they come here now. An admin can name another with /report here.'
      : undefined,
  ].filter((line) => line !== undefined);
  return said.length === 0 ? undefined : lines(...said);
}
