import { eq } from 'drizzle-orm';
import type { Update } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats } from '../../src/db/schema/index.ts';
import { startTeam, type Team } from '../support/team.ts';
import { saidTo, say } from './people.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

async function chatRow(id: number) {
  const [row] = await team.test.db.select().from(chats).where(eq(chats.id, id));
  return row;
}

test('in a group to which an admin adds it, the bot says what to do, shows its menus and works at once', async () => {
  const { alice, bob, telegram } = team;
  const second = telegram.createGroup({ title: 'Second', members: [alice, bob], addedBy: alice });
  await team.settle();
  expect(saidTo(team, second)).toEqual([
    `Hello! I bring cards with Posted, Skip and Reject into this chat; one tap settles a card.
Send me a picture in private and it joins the queue. /next brings a card now, /help shows the rest.
Make me an administrator here, so that I know at once who leaves.`,
  ]);
  const menu = (person: typeof bob) => telegram.commandsFor(person, second).map(({ command }) => command);
  expect(menu(bob)).toContain('queue');
  expect(menu(bob)).not.toContain('members');
  expect(menu(alice)).toContain('members');
  bob.send(second, '/queue');
  await team.settle();
  const list = await say(team, alice, '/members');
  expect(list.text).toMatch(/Bob @bob\n {4}just now, in Second/);
});

test('as an administrator of the group it does not ask to be made one', async () => {
  const { alice, telegram } = team;
  const second = telegram.createGroup({
    title: 'Second',
    members: [alice],
    addedBy: alice,
    botIsAdministrator: true,
  });
  await team.settle();
  expect(saidTo(team, second)[0]).not.toContain('administrator');
});

test('a group that the bot was thrown out of and added to again keeps its settings, and is greeted again', async () => {
  const { alice, bob, group, telegram } = team;
  await team.test.db.update(chats).set({ postsPerDay: 7, timeZone: 'Asia/Tokyo' }).where(eq(chats.id, group.id));
  bob.send(group, '/help');
  await team.settle();
  const before = saidTo(team, group).length;
  telegram.removeBot(group, bob);
  await team.settle();
  expect(await chatRow(group.id)).toMatchObject({ isActive: false });
  expect((await say(team, alice, '/members')).text).toMatch(/Bob @bob\n {4}just now, not in the team chat/);
  telegram.addBot(group, alice);
  await team.settle();
  expect(await chatRow(group.id)).toMatchObject({ isActive: true, postsPerDay: 7, timeZone: 'Asia/Tokyo' });
  expect(saidTo(team, group).slice(before)).toEqual([expect.stringMatching(/^Hello! I bring cards/)]);
});

test('a new title of the group is its name everywhere', async () => {
  const { alice, bob, group, telegram } = team;
  bob.send(group, '/help');
  await team.settle();
  const { message } = telegram.lastUpdate();
  telegram.redeliver(
    toUpdate({ ...message, message_id: 4_000, text: undefined, entities: undefined, new_chat_title: 'Renamed' }),
    { newUpdateId: true },
  );
  await team.settle();
  expect(await chatRow(group.id)).toMatchObject({ title: 'Renamed' });
  expect((await say(team, alice, '/members')).text).toMatch(/Bob @bob\n {4}just now, in Renamed/);
});

test('T15: the news from the supergroup’s side alone moves the chat as well, even one that counted as left', async () => {
  const { bob, telegram, services } = team;
  const [old, after] = [-4_100_000_777, telegram.createGroup({ title: 'Basic', members: [bob] })];
  await services.chats.admit({ id: old, title: 'Basic', type: 'group', timeZone: 'Asia/Tokyo', addedBy: null });
  await services.chats.deactivate(old);
  const news = { message_id: 1, date: 0, chat: { ...after }, from: bob.user, migrate_from_chat_id: old };
  telegram.redeliver(toUpdate(news), { newUpdateId: true });
  await team.settle();
  expect(await chatRow(after.id)).toMatchObject({ migratedFrom: old, isActive: true, timeZone: 'Asia/Tokyo' });
  expect(await chatRow(old)).toBeUndefined();
  expect(telegram.commandsFor(bob, after).map(({ command }) => command)).toContain('queue');
});

/** An update around a message that the simulator itself never makes. */
function toUpdate(message: Record<string, unknown>): Update {
  return JSON.parse(JSON.stringify({ update_id: 0, message }));
}
