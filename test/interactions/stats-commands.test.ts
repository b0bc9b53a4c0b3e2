import type { Message } from 'grammy/types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../src/simulator/simulator.ts';
import { interactionRows } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

const DAY = 86_400_000;

let team: Team;
beforeAll(async () => {
  team = await startTeam();
  const { bob, dana, clock } = team;
  await team.fill(3);
  // Ten days ago Dana skipped; today Bob posted twice, one of them by mistake.
  await dana.press(await team.nextCard(), 'Skip');
  await team.settle();
  clock.advance(10 * DAY);
  await bob.press(await team.nextCard(), 'Posted');
  const mistake = await team.nextCard();
  await bob.press(mistake, 'Posted');
  await team.settle();
  await bob.press(team.now(mistake), 'Undo');
  await team.settle();
});
afterAll(() => team.stop());

/** Sends it and returns what the bot says, in that chat and to the person in private. */
async function ask(person: Person, text: string, chat: { id: number } = person.privateChat) {
  const { telegram } = team;
  const known = new Set([chat, person.privateChat].flatMap((place) => telegram.messages(place)));
  person.send(chat, text);
  await team.settle();
  const fresh = (place: { id: number }) =>
    telegram
      .messages(place)
      .filter((message: Message) => message.from?.is_bot && !known.has(message))
      .map((message) => message.text ?? message.caption);
  return { here: fresh(chat), inPrivate: chat.id === person.id ? [] : fresh(person.privateChat) };
}
const outcome = async () => (await interactionRows(team.test.db)).at(-1)?.context.outcome;

test('/stats are my own figures, without what was undone', async () => {
  const { here } = await ask(team.bob, '/stats', team.group);
  expect(here[0]).toMatch(/^📊 Your figures, last 30 days\n/);
  expect(here[0]).toContain('Decisions 1\n✅ Posted 1 (100 %)');
});

test('/stats 7 looks back seven days only', async () => {
  expect((await ask(team.dana, '/stats 30')).here[0]).toContain('⏭️ Skipped 1');
  const { here } = await ask(team.dana, '/stats 7');
  expect(here[0]).toMatch(/^📊 Your figures, last 7 days\n/);
  expect(here[0]).toContain('No decisions in this time.');
});

test('/stats @bob of an admin is answered in private, with one line in the group', async () => {
  team.alice.send(team.alice.privateChat, '/start');
  const { here, inPrivate } = await ask(team.alice, '/stats @BOB', team.group);
  expect(here).toEqual(['I have sent you the answer in private.']);
  expect(inPrivate.at(-1)).toMatch(/^📊 Bob, last 30 days\n[\s\S]*✅ Posted 1 /);
});

test('/stats @bob of an admin in private is answered there', async () => {
  expect((await ask(team.alice, '/stats @bob 7')).here).toEqual([expect.stringMatching(/^📊 Bob, last 7 days/)]);
});

test('/stats of an admin who never wrote to the bot says how to get it', async () => {
  const { group, telegram, services } = team;
  const carol = telegram.createPerson({ first_name: 'Carol' });
  telegram.setMember(group, carol, 'member');
  carol.send(group, '/help');
  await team.settle();
  await services.users.admit((await services.users.byTelegramId(carol.id))?.id ?? '', 'admin', team.clock.now());
  services.people.forget(carol.id);
  const { here } = await ask(carol, '/stats @bob', group);
  expect(here).toEqual(['I may not write to you yet. Open a private chat with me, send /start there, and ask again.']);
  expect(await outcome()).toBe('failed');
});

test('/stats @alice of a member is refused, of oneself is answered', async () => {
  expect((await ask(team.bob, '/stats @alice')).here).toEqual([
    'Only admins can see other people’s figures. /stats shows yours.',
  ]);
  expect(await outcome()).toBe('denied');
  expect((await ask(team.bob, '/stats @bob')).here[0]).toMatch(/^📊 Your figures/);
});

test('/stats of somebody unknown says so', async () => {
  expect((await ask(team.alice, '/stats @nobody')).here).toEqual(['I do not know @nobody. Did they ever use me?']);
  expect(await outcome()).toBe('noop');
});

test.each(['0', '3651', '-7', '7.5', 'week', '1e3', '99999', '７'])(
  '/stats %s is not understood, and says what would be',
  async (word) => {
    expect((await ask(team.bob, `/stats ${word}`)).here).toEqual([
      `I do not understand “${word}”. Send a number of days from 1 to 3650, like /stats 7.`,
    ]);
    expect(await outcome()).toBe('noop');
  },
);

test('/team in the group is about this chat, in private about all chats', async () => {
  const { alice, bob, telegram, services, group } = team;
  const second = telegram.createGroup({ title: 'Second', members: [alice, bob] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  // The command itself is recorded while the figures are read, so it may be among them or not.
  const own = '\n\nInteractions 1 by 1 person\nAlice · 1';
  const here = (await ask(alice, '/team', second)).here[0];
  expect(here?.replace(/\n\nNo decisions in this time\./, '').replace(own, '\nNothing yet.')).toMatch(
    /^👥 Second, last 30 days\nNothing yet\./,
  );
  bob.send(second, '/help');
  await team.settle();
  expect((await ask(alice, '/team', second)).here[0]).toMatch(
    /^👥 Second, last 30 days\n\nNo decisions in this time\.\n\nInteractions [23] by 2 people\nAlice · [12]\nBob · 1\n[\s\S]*\/help · 1\n/,
  );
  expect((await ask(alice, '/team', group)).here[0]).toMatch(
    /^👥 Team, last 30 days\n\nDecisions 2\n[\s\S]*Days are Europe\/Berlin\.$/,
  );
  const all = (await ask(alice, '/team')).here[0];
  expect(all).toMatch(/^👥 All chats, last 30 days/);
  expect(all).toContain('/help');
});

test('/team @bob points at /stats, and a member may not ask', async () => {
  expect((await ask(team.alice, '/team @bob')).here).toEqual(['For one person’s figures send /stats @name.']);
  expect((await ask(team.bob, '/team')).here).toEqual(['This is for admins. /stats shows your own figures.']);
});
