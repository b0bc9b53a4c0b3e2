import type { Chat } from '../settings/chat-repository.ts';
import type { Text } from '../telegram/text.ts';
import type { UserRepository } from '../users/user-repository.ts';
import { lastHour, postingTime } from './activity-hours.ts';
import type { AlertRow } from './alerts-repository.ts';
import { isTooMuch, isUnusual, usualOf } from './unusual-activity.ts';
import {
  fewRejects,
  fewStrangers,
  manyRejects,
  manyStrangers,
  nobodyDecides,
  somebodyDecides,
  unusualHour,
  usualAgain,
} from './unusual-activity-messages.ts';
import type { UnusualActivityRepository } from './unusual-activity-repository.ts';
import { findPeople } from './unusual-people-findings.ts';

/** One thing that was looked at. What is not looked at (switched off, paused, gone) yields nothing. */
export type Finding = {
  key: string;
  isRaised: boolean;
  /** What to say if that is news. */
  text: () => Promise<Text> | Text;
  detail: Record<string, unknown>;
};

type Activity = UnusualActivityRepository;
/** What a look goes by. */
export type Sight = {
  activity: Activity;
  users: Pick<UserRepository, 'names'>;
  /** The alerts about activity that are raised. */
  known: readonly AlertRow[];
  now: Date;
};

const HOUR_MS = 3_600_000;

/** Everything that can be unusual in a chat, looked at now. */
export async function* findInChat(chat: Chat, sight: Sight): AsyncGenerator<Finding> {
  yield* unusualHours(chat, sight);
  yield* rejects(chat, sight);
  yield* nothingPosted(chat, sight);
  if (!chat.alertsAboutPeople) return;
  yield* findPeople(chat, sight);
}

function isKnown({ known }: Sight, key: string, chat: Chat): boolean {
  return known.some(({ name, chatId }) => name === key && chatId === chat.id);
}

async function* unusualHours(chat: Chat, sight: Sight): AsyncGenerator<Finding> {
  const { activity, now } = sight;
  const from = chat.unusualFrom;
  if (from === 0) return;
  const hour = lastHour(now);
  const present = await activity.hour(chat.id, hour);
  const { hours, weeks } = await activity.usualHours(chat, hour);
  const usual = usualOf(hours, weeks);
  for (const side of ['busy', 'quiet'] as const) {
    // A paused chat is quiet because somebody wants it so.
    if (side === 'quiet' && chat.isPaused) continue;
    const key = `activity:${side}-hour`;
    const isRaised = isUnusual(present.count, usual, from, isKnown(sight, key, chat), side);
    yield {
      key,
      isRaised,
      detail: { ...present, ...usual, hour },
      text: async () =>
        isRaised && usual
          ? unusualHour(side, chat, { ...present, hour, usual, from }, await cardsOf(hour))
          : usualAgain(chat, { ...present, hour }),
    };
  }

  function cardsOf(start: Date) {
    return activity.decidedCards(chat.id, start, new Date(start.getTime() + HOUR_MS - 1));
  }
}

async function* rejects(chat: Chat, sight: Sight): AsyncGenerator<Finding> {
  const { activity, now } = sight;
  const from = chat.rejectBurst;
  if (from === 0) return;
  const key = 'activity:rejects';
  const last = await activity.lastRejects(chat.id, now);
  const isRaised = isTooMuch(last.rejects, from, isKnown(sight, key, chat));
  yield {
    key,
    isRaised,
    detail: last,
    text: async () => {
      if (!isRaised || !last.first || !last.last) return fewRejects(chat, last);
      const cards = await activity.decidedCards(chat.id, last.first, last.last, 'rejected');
      return manyRejects(chat, last, { from, now }, cards);
    },
  };
}

async function* nothingPosted(chat: Chat, sight: Sight): AsyncGenerator<Finding> {
  const { activity, now } = sight;
  const fromHours = chat.silentAfterHours;
  if (fromHours === 0 || chat.isPaused) return;
  const waiting = await activity.waiting(chat.id, now);
  const { since, lastDecision } = waiting;
  const start = since && lastDecision && lastDecision > since ? lastDecision : since;
  // A little more than enough, so that the words can say how long it is when it was long before anybody looked.
  const postingMs = start ? postingTime(start, now, chat, 10 * fromHours * HOUR_MS) : 0;
  const isRaised = postingMs >= fromHours * HOUR_MS;
  yield {
    key: 'activity:nothing-posted',
    isRaised,
    detail: { ...waiting, postingMs },
    text: async () =>
      isRaised
        ? nobodyDecides(chat, waiting, { postingMs, fromHours, now }, await activity.waitingCards(chat.id))
        : somebodyDecides(chat, waiting),
  };
}

/** Strangers belong to no chat: the lowest threshold of all chats holds. */
export async function* findStrangers(
  chats: readonly Chat[],
  sight: { activity: Pick<Activity, 'strangers'>; now: Date; wasRaised: boolean },
): AsyncGenerator<Finding> {
  const thresholds = chats.map(({ strangersPerHour }) => strangersPerHour).filter((from) => from > 0);
  if (thresholds.length === 0) return;
  const from = Math.min(...thresholds);
  const strangers = await sight.activity.strangers(sight.now);
  const isRaised = isTooMuch(strangers.count, from, sight.wasRaised);
  yield {
    key: 'activity:strangers',
    isRaised,
    detail: strangers,
    text: () => (isRaised ? manyStrangers(strangers, from) : fewStrangers(strangers)),
  };
}
