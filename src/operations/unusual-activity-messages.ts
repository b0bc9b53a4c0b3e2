import { clockTime, duration, nearTime } from '../telegram/local-time.ts';
import { messageLink } from '../telegram/message-link.ts';
import { bold, clip, fmt, lines, link, type Text } from '../telegram/text.ts';
import type { Usual } from './unusual-activity.ts';
import { scoreOf } from './unusual-activity.ts';
import {
  type CardToSee,
  DAILY,
  type Hasty,
  QUICK_SECONDS,
  type Rejects,
  type Silent,
  type Waiting,
} from './unusual-activity-repository.ts';

/** The chat that a notice is about. */
export type NoticeChat = { id: number; title: string; timeZone: string };

const MAX_TITLE = 40;
const MAX_NAME = 40;
const MAX_FILE = 40;

const titleOf = ({ title }: NoticeChat): string => clip(title || 'the team chat', MAX_TITLE);
const nameOf = (name: string): string => clip(name, MAX_NAME);
const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
const rounded = (value: number): string => String(Math.round(value * 10) / 10);

/** `13:00 to 14:00 (Europe/Berlin)` */
function hourWords(hour: Date, timeZone: string): string {
  return `${clockTime(hour, timeZone)} to ${clockTime(new Date(hour.getTime() + 3_600_000), timeZone)} (${timeZone})`;
}

/** `today 14:59 to 15:05`, with the second day when it is another one; one time when both are the same minute. */
function stretchWords(first: Date, last: Date, timeZone: string, now: Date): string {
  const [from, to] = [nearTime(first, timeZone, now), nearTime(last, timeZone, now)];
  if (from === to) return from;
  const day = from.slice(0, -clockTime(first, timeZone).length);
  return `${from} to ${to.startsWith(day) ? to.slice(day.length) : to}`;
}

/** The cards in question, as links where the group has them: `Cards: a.jpg, b.jpg`. */
function cardsLine(what: string, chatId: number, cards: readonly CardToSee[]): Text | undefined {
  const [first, ...more] = cards.map(({ label, messageId }): Text | string => {
    const url = messageId === null ? undefined : messageLink(chatId, messageId);
    const name = clip(label.replace(/\s+/g, ' ').trim() || 'a card', MAX_FILE);
    return url === undefined ? name : link(name, url);
  });
  if (first === undefined) return undefined;
  return more.reduce<Text>((line, card) => fmt`${line}, ${card}`, fmt`${what}: ${first}`);
}

export type HourFacts = { count: number; hour: Date; usual: Usual; from: number };

function usualWords({ count, usual, from }: HourFacts): string {
  const { median, spread, weeks } = usual;
  return (
    `Usual at this hour of the week: ${rounded(median)}, give or take ${rounded(spread)} (from ${weeks} weeks). ` +
    `That is ${rounded(Math.abs(scoreOf(count, usual)))} times the usual spread; I speak from ${from} on.`
  );
}

/** An hour with far more, or far less, than usual. */
export function unusualHour(
  side: 'busy' | 'quiet',
  chat: NoticeChat,
  facts: HourFacts & { people: number; most: number },
  cards: readonly CardToSee[],
): Text {
  const { count, people, most, hour } = facts;
  const by =
    people === 0 ? '' : ` by ${counted(people, 'person', 'people')}${people > 1 ? `, ${most} by one of them` : ''}`;
  return lines(
    bold(side === 'busy' ? `📈 ${titleOf(chat)}: unusually busy` : `📉 ${titleOf(chat)}: unusually quiet`),
    `${counted(count, 'interaction')}${by}, ${hourWords(hour, chat.timeZone)}.`,
    usualWords(facts),
    cardsLine('Decided then', chat.id, cards),
  );
}

export function usualAgain(chat: NoticeChat, { count, hour }: { count: number; hour: Date }): Text {
  return lines(
    `✅ ${titleOf(chat)}: as busy as usual again, ${counted(count, 'interaction')}, ${hourWords(hour, chat.timeZone)}.`,
  );
}

/** Many rejects among the last decisions. */
export function manyRejects(
  chat: NoticeChat,
  rejects: Rejects,
  facts: { from: number; now: Date },
  cards: readonly CardToSee[],
): Text {
  const when = rejects.first && rejects.last ? stretchWords(rejects.first, rejects.last, chat.timeZone, facts.now) : '';
  return lines(
    bold(`🚫 ${titleOf(chat)}: many rejects`),
    `${rejects.rejects} of the last ${counted(rejects.decisions, 'decision')} were rejects, by ${counted(rejects.people, 'person', 'people')}, ` +
      `${when} (${chat.timeZone}). I speak from ${facts.from} on.`,
    cardsLine('The last ones', chat.id, cards),
    '/unreject frees what was rejected by mistake.',
  );
}

export function fewRejects(chat: NoticeChat, { rejects, decisions }: Rejects): Text {
  const share =
    decisions === 0 ? 'no decision within a day' : `${rejects} of the last ${counted(decisions, 'decision')}`;
  return lines(`✅ ${titleOf(chat)}: no longer many rejects (${share}).`);
}

/** Cards or posts wait, and nobody decides. */
export function nobodyDecides(
  chat: NoticeChat,
  { waiting, overdue, since }: Waiting,
  facts: { postingMs: number; fromHours: number; now: Date },
  cards: readonly CardToSee[],
): Text {
  const start = since ? nearTime(since, chat.timeZone, facts.now) : '';
  return lines(
    bold(`⏳ ${titleOf(chat)}: nothing is posted`),
    waiting > 0 ? `${counted(waiting, 'card')} ${waiting === 1 ? 'waits' : 'wait'} for a decision.` : undefined,
    overdue > 0 ? `${counted(overdue, 'planned post')} did not come when due: /status says whether I run.` : undefined,
    `The oldest is from ${start} (${chat.timeZone}). For ${duration(facts.postingMs)} of posting time nobody has decided; ` +
      `I speak from ${facts.fromHours} h on.`,
    cardsLine('Waiting longest', chat.id, cards),
  );
}

export function somebodyDecides(chat: NoticeChat, { waiting, overdue }: Waiting): Text {
  const rest = waiting + overdue === 0 ? 'nothing waits' : `${counted(waiting + overdue, 'card')} left`;
  return lines(`✅ ${titleOf(chat)}: it goes on, ${rest}.`);
}

/** Strangers are refused again and again. */
export function manyStrangers({ count, people }: { count: number; people: number }, from: number): Text {
  return lines(
    bold('🚪 Many strangers'),
    `I refused ${counted(count, 'request')} of ${counted(people, 'stranger')} within the last hour; I speak from ${from} on.`,
    'Each gets one neutral sentence in ten minutes and learns nothing. Was a link to me published? /members shows who was let in.',
  );
}

export function fewStrangers({ count }: { count: number }): Text {
  return lines(`✅ No longer many strangers: ${counted(count, 'refusal')} within the last hour.`);
}

/** One person does far more than usual in an hour. */
export function busyPerson(chat: NoticeChat, name: string, facts: HourFacts, cards: readonly CardToSee[]): Text {
  return lines(
    bold(`📈 ${nameOf(name)} is unusually busy`),
    `${counted(facts.count, 'interaction')} in ${titleOf(chat)}, ${hourWords(facts.hour, chat.timeZone)}.`,
    usualWords(facts),
    cardsLine('Decided then', chat.id, cards),
  );
}

export function busyPersonCalm(name: string): Text {
  return lines(`✅ ${nameOf(name)} is as busy as usual again.`);
}

/** Decisions that cannot have been looked at. */
export function hastyPerson(
  chat: NoticeChat,
  name: string,
  { quick, first, last }: Hasty,
  now: Date,
  cards: readonly CardToSee[],
): Text {
  return lines(
    bold(`⚡ ${nameOf(name)} decides very fast`),
    `${counted(quick, 'decision')} in ${titleOf(chat)} came less than ${QUICK_SECONDS} s after the one before, ` +
      `${stretchWords(first, last, chat.timeZone, now)} (${chat.timeZone}).`,
    cardsLine('Decided then', chat.id, cards),
  );
}

export function hastyPersonCalm(name: string): Text {
  return lines(`✅ ${nameOf(name)} no longer decides that fast.`);
}

/** Somebody who decided almost daily does not any more. */
export function silentPerson(chat: NoticeChat, name: string, { days, last, others }: Silent, now: Date): Text {
  return lines(
    bold(`💤 ${nameOf(name)} has fallen silent`),
    `In ${titleOf(chat)} on ${days} of ${DAILY.of} days, and not once in the last ${DAILY.silent} (last ${nearTime(last, chat.timeZone, now)}, ` +
      `${chat.timeZone}). Others decided ${counted(others, 'card')} meanwhile.`,
  );
}

export function silentPersonBack(name: string): Text {
  return lines(`✅ ${nameOf(name)} decides again.`);
}
