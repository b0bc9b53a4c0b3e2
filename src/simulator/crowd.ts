import { setTimeout as sleep } from 'node:timers/promises';
import type { NewPerson, Person, Simulator } from './simulator-interface.ts';
import { changeMember, isPresent, memberOf, ownerOf } from './world/members.ts';
import { post } from './world/messages.ts';
import { deliver } from './world/visibility.ts';
import { chatRecord } from './world/world.ts';

/** People for the moments when many want the same. Fixed ids, so that rows about them stay theirs over restarts. */
const CROWD = [
  { id: 5100000001, first_name: 'Zoë', username: 'crowd_zoe' },
  { id: 5100000002, first_name: 'Микола', username: 'crowd_mykola' },
  { id: 5100000003, first_name: 'Ελένη' },
  { id: 5100000004, first_name: 'محمد', username: 'crowd_muhammad' },
  { id: 5100000005, first_name: 'נועה' },
  { id: 5100000006, first_name: '小明', username: 'crowd_xiaoming' },
  { id: 5100000007, first_name: 'さくら' },
  { id: 5100000008, first_name: '지우', username: 'crowd_jiwoo' },
  { id: 5100000009, first_name: 'अनन्या' },
  { id: 5100000010, first_name: 'Þórður 🦩', username: 'crowd_thordur' },
] as const satisfies readonly (NewPerson & { id: number })[];

export const CROWD_SIZE = CROWD.length;

/** What one of the crowd was told. `expired`: nothing. */
export type CrowdAnswer = { personId: number; name: string; words: string | null; alert: boolean; expired: boolean };

/** Whether this id is one of the ten. */
export function isInCrowd(personId: number): boolean {
  return CROWD.some(({ id }) => id === personId);
}

/**
 * The first `size` people of the crowd tap the same button at the same moment. Who is not there yet is created and
 * joins the group first. Resolves when all have their answers, or after `patienceMs` of real time with those that
 * came. Throws for a private chat.
 */
export async function tapTogether(
  telegram: Simulator,
  tap: { chat: number; messageId: number; data: string; size: number },
  patienceMs: number,
): Promise<CrowdAnswer[]> {
  const people = joinGroup(telegram, tap.chat, tap.size);
  const giveUp = new AbortController();
  const tooLate = sleep(patienceMs, 'expired' as const, { signal: giveUp.signal, ref: false });
  // Ending the wait, once all have their answers, is no failure.
  tooLate.catch(() => {});
  const answers = await Promise.all(
    shuffled(people).map(async (person): Promise<CrowdAnswer> => {
      const { id, user } = person;
      const answered = person.tap({ id: tap.chat }, tap.data, { messageId: tap.messageId });
      const answer = await Promise.race([answered, tooLate]);
      const isExpired = answer === 'expired';
      return {
        personId: id,
        name: user.first_name,
        words: isExpired ? null : (answer.text ?? null),
        alert: !isExpired && answer.show_alert === true,
        expired: isExpired,
      };
    }),
  );
  giveUp.abort();
  return answers.sort((a, b) => a.personId - b.personId);
}

/** At the same moment means that nobody knows whose tap comes first. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** Brings the missing ones in at once, as when an administrator adds them: one message names them all. */
function joinGroup(telegram: Simulator, chatId: number, size: number): Person[] {
  const { world } = telegram;
  const record = chatRecord(world, { id: chatId });
  if (record.chat.type === 'private') throw new Error('A crowd taps in a group');
  const known = new Map(telegram.people().map((person) => [person.id, person]));
  const people = CROWD.slice(0, size).map((person) => known.get(person.id) ?? telegram.createPerson(person));
  const missing = people.filter(({ user }) => !isPresent(memberOf(record, user).status));
  const [first] = missing;
  if (first === undefined) return people;
  const owner = ownerOf(record) ?? first.user;
  for (const { user } of missing) changeMember(world, record, user, 'member', owner, { silently: true });
  deliver(world, record, post(world, record, owner, { new_chat_members: missing.map(({ user }) => user) }));
  return people;
}
