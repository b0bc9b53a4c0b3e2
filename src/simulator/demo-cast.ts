import type { NewPerson, Simulator } from './simulator-interface.ts';

/** The people of the demo. Their ids are fixed, so that rows about them stay theirs over restarts. */
export const DEMO_PEOPLE = {
  alice: { id: 5000000001, first_name: 'Alice', last_name: 'Admin', username: 'alice_demo' },
  bob: { id: 5000000002, first_name: 'Bob', username: 'bob_demo' },
  dana: { id: 5000000003, first_name: 'Dana', username: 'dana_demo' },
  charlie: { id: 5000000004, first_name: 'Charlie', last_name: 'Stranger', username: 'charlie_demo' },
  grace: { id: 5000000005, first_name: 'Grace', username: 'grace_demo' },
} as const satisfies Record<string, NewPerson & { id: number }>;

/** Whom the bot knows as a guest: she is in no group. */
export const DEMO_GUEST_IDS: readonly number[] = [DEMO_PEOPLE.grace.id];

export const DEMO_TEAM_CHAT_ID = -1002000000001;
export const DEMO_TEAM_TITLE = 'Storyline team';

/** Whether this person is there already, from a restored state. */
export function isThere(telegram: Simulator, { id }: { id: number }): boolean {
  return telegram.people().some((person) => person.id === id);
}

/** Brings in the team and a stranger, and the team group, to which Alice, who owns it, adds the bot. */
export function createDemoCast(telegram: Simulator): void {
  const alice = telegram.createPerson(DEMO_PEOPLE.alice);
  const bob = telegram.createPerson(DEMO_PEOPLE.bob);
  const dana = telegram.createPerson(DEMO_PEOPLE.dana);
  telegram.createPerson(DEMO_PEOPLE.charlie);
  telegram.createGroup({
    id: DEMO_TEAM_CHAT_ID,
    title: DEMO_TEAM_TITLE,
    members: [alice, bob, dana],
    administrators: [alice],
    addedBy: alice,
  });
}
