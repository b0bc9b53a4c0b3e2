import type { Chat } from '../settings/chat-repository.ts';
import { lastHour } from './activity-hours.ts';
import { isUnusual, LEAST_DIFFERENCE, usualOf } from './unusual-activity.ts';
import type { Finding, Sight } from './unusual-activity-findings.ts';
import {
  busyPerson,
  busyPersonCalm,
  hastyPerson,
  hastyPersonCalm,
  silentPerson,
  silentPersonBack,
} from './unusual-activity-messages.ts';

const HOUR_MS = 3_600_000;
/** So many decisions without a look within an hour are haste. */
const LEAST_QUICK = 8;

/** What is unusual about single people of a chat; only where an admin has switched that on. */
export async function* findPeople(chat: Chat, sight: Sight): AsyncGenerator<Finding> {
  yield* busyPeople(chat, sight);
  yield* hastyPeople(chat, sight);
  yield* silentPeople(chat, sight);
}

/** The people whom raised alerts of this kind are about. */
function peopleOf({ known }: Sight, kind: string, chat: Chat): string[] {
  const prefix = `activity:${kind}:`;
  return known.flatMap(({ name, chatId }) =>
    chatId === chat.id && name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  );
}

async function namesOf({ users }: Sight, ids: readonly string[]): Promise<(id: string) => string> {
  const names = await users.names(ids);
  return (id) => names.get(id) ?? 'Somebody';
}

async function* busyPeople(chat: Chat, sight: Sight): AsyncGenerator<Finding> {
  const { activity, now } = sight;
  const from = chat.unusualFrom;
  if (from === 0) return;
  const hour = lastHour(now);
  const before = peopleOf(sight, 'busy', chat);
  const busy = await activity.busyPeople(chat.id, hour, LEAST_DIFFERENCE);
  const ids = [...new Set([...busy.map(({ userId }) => userId), ...before])];
  const name = await namesOf(sight, ids);
  for (const id of ids) {
    const count = busy.find(({ userId }) => userId === id)?.count ?? 0;
    const { hours, weeks } = await activity.usualHoursOf(id, chat, hour);
    const usual = usualOf(hours, weeks);
    const isRaised = isUnusual(count, usual, from, before.includes(id), 'busy');
    const end = new Date(hour.getTime() + HOUR_MS - 1);
    yield {
      key: `activity:busy:${id}`,
      isRaised,
      detail: { count, ...usual, hour },
      text: async () =>
        isRaised && usual
          ? busyPerson(chat, name(id), { count, hour, usual, from }, await activity.decidedCards(chat.id, hour, end))
          : busyPersonCalm(name(id)),
    };
  }
}

async function* hastyPeople(chat: Chat, sight: Sight): AsyncGenerator<Finding> {
  const { activity, now } = sight;
  const hasty = await activity.hasty(chat.id, lastHour(now), LEAST_QUICK);
  const ids = [...new Set([...hasty.map(({ userId }) => userId), ...peopleOf(sight, 'hasty', chat)])];
  const name = await namesOf(sight, ids);
  for (const id of ids) {
    const facts = hasty.find(({ userId }) => userId === id);
    yield {
      key: `activity:hasty:${id}`,
      isRaised: facts !== undefined,
      detail: { ...facts },
      text: async () =>
        facts
          ? hastyPerson(chat, name(id), facts, now, await activity.decidedCards(chat.id, facts.first, facts.last))
          : hastyPersonCalm(name(id)),
    };
  }
}

async function* silentPeople(chat: Chat, sight: Sight): AsyncGenerator<Finding> {
  const { activity, known, now } = sight;
  const silent = await activity.silent(chat, now);
  const ids = [...new Set([...silent.map(({ userId }) => userId), ...peopleOf(sight, 'silent', chat)])];
  const name = await namesOf(sight, ids);
  for (const id of ids) {
    const key = `activity:silent:${id}`;
    const facts = silent.find(({ userId }) => userId === id);
    const row = known.find((one) => one.name === key && one.chatId === chat.id);
    // Silent, gone or among people who do not decide either: only a decision ends it with words.
    if (!facts && row && !(await activity.hasDecided(id, chat.id, row.raisedAt, now))) continue;
    yield {
      key,
      isRaised: facts !== undefined,
      detail: { ...facts },
      text: () => (facts ? silentPerson(chat, name(id), facts, now) : silentPersonBack(name(id))),
    };
  }
}
