import { afterAll, beforeAll, expect, test } from 'vitest';
import { users } from '../../src/db/schema/index.ts';
import type { Person } from '../../src/simulator/simulator.ts';
import { displayName } from '../../src/users/user-repository.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeAll(async () => {
  team = await startTeam();
  await team.test.db.insert(users).values({ telegramUserId: team.dana.id, role: 'guest', dateJoined: NOON });
});
afterAll(() => team.stop());

async function say(person: Person, text: string): Promise<string | undefined> {
  person.send(person.privateChat, text);
  await team.settle();
  return team.telegram.messages(person.privateChat).findLast(({ from }) => from?.is_bot)?.text;
}

const WHAT_TO_DO = `Send me a picture, video or document in private: it joins the queue.
When its time comes, a card arrives in the team chat. One tap settles it: Posted, Skip or Reject.

/next brings a card now, /queue shows what is planned, /help explains everything.`;

test('/start greets a member, an admin and a guest, each with what they can do', async () => {
  expect(await say(team.bob, '/start')).toBe(`Hello Bob! 👋\nYou are in the team.\n\n${WHAT_TO_DO}`);
  expect(await say(team.alice, '/start')).toBe(`Hello Alice! 👋\nYou are an admin of this bot.\n\n${WHAT_TO_DO}`);
  expect(await say(team.dana, '/start')).toBe('Hello Dana! 👋\nYou are a guest here. /help shows what you can do.');
});

test('/help names every command that the person may use, and explains the buttons', async () => {
  const member = await say(team.bob, '/help');
  expect(member).toBe(`What you can send me
/start · Say hello, and what to do first
/help · All commands and what the buttons do
/privacy · What I keep about you
/mydata · Everything about you, as a file
/forget · Have everything about you deleted
/next · Show the next card now
/queue · What comes when, and what still waits
/history · How the last cards ended (/history 10)
/locks · What may not be queued, and until when
/status · How the bot is doing
/stats · My figures (/stats 7)

What the buttons do
✅ Posted: it is out; not offered again for 30 days
⏭️ Skip: not now; not offered again for 45 days
🚫 Reject: asks first, then never again
↩️ Undo: takes a decision back, for one minute
🙋 On it: shows the others for ten minutes that you are posting it
👍 I like it: counts once per person, tap again to take it back
ℹ️ what is known about it

Media: send them to me in private, or in the group as a reply to me or with my name.`);
  expect(await say(team.alice, '/help')).toContain('/team · The team’s figures (/team 7)');
  expect(await say(team.dana, '/help')).toBe(
    `What you can send me
/start · Say hello, and what to do first
/help · All commands and what the buttons do
/privacy · What I keep about you
/mydata · Everything about you, as a file
/forget · Have everything about you deleted`,
  );
});

test('people are called by their names, else by their usernames, else by their numbers, never with an @', () => {
  const nobody = { firstName: null, lastName: null, username: null, telegramUserId: 7 };
  expect(displayName({ ...nobody, firstName: 'Bob', lastName: 'Roe', username: 'bob' })).toBe('Bob Roe');
  expect(displayName({ ...nobody, username: 'bob' })).toBe('bob');
  expect(displayName(nobody)).toBe('User 7');
  expect(displayName({ ...nobody, firstName: ' ' })).toBe('User 7');
});
