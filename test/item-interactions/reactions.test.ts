import { asc } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats, queueItems, reactions, users } from '../../src/db/schema/index.ts';
import { reactionWord } from '../../src/item-interactions/reaction-words.ts';
import { interactionRows, onlyMedium } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
let card: Message;
beforeEach(async () => {
  team = await startTeam();
  await team.fill(1);
  card = await team.nextCard();
});
afterEach(() => team.stop());

async function react(person: 'alice' | 'bob' | 'charlie', emoji: string, message = card) {
  team[person].react(message, emoji);
  await team.settle();
}
const rows = async () =>
  (await team.test.db.select().from(reactions).orderBy(asc(reactions.id))).map(
    ({ reaction, createdAt, withdrawnAt }) => ({ reaction, createdAt, withdrawnAt }),
  );
const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

test('a reaction under a card is kept without a word; another one replaces it, and taken off it is withdrawn', async () => {
  const { telegram, test: database, clock } = team;
  const interactions = await interactionRows(database.db);
  const words = () => telegram.history.filter(({ method }) => /^(send|edit|answer)/.test(method));
  const calls = words().length;
  await react('bob', '❤');
  const [row] = await database.db.select().from(reactions);
  expect(row).toMatchObject({
    itemId: (await onlyMedium(database.db)).id,
    chatId: card.chat.id,
    messageId: card.message_id,
    reaction: '❤',
    createdAt: NOON,
    withdrawnAt: null,
  });
  clock.advance(60_000);
  await react('bob', '👎');
  expect(await rows()).toEqual([
    { reaction: '❤', createdAt: NOON, withdrawnAt: later(1) },
    { reaction: '👎', createdAt: later(1), withdrawnAt: null },
  ]);
  clock.advance(60_000);
  await react('bob', '');
  expect((await rows()).map(({ withdrawnAt }) => withdrawnAt)).toEqual([later(1), later(2)]);
  clock.advance(60_000);
  await react('bob', '❤');
  expect((await rows())[0]).toEqual({ reaction: '❤', createdAt: later(3), withdrawnAt: null });
  expect(words()).toHaveLength(calls);
  expect(await interactionRows(database.db)).toEqual(interactions);
});

test('several people react each for themselves', async () => {
  await react('bob', '🔥');
  await react('alice', '🔥');
  await react('alice', '');
  expect((await rows()).map(({ withdrawnAt }) => withdrawnAt === null)).toEqual([true, false]);
});

test('an update that is delivered again after a newer one changes nothing', async () => {
  const { telegram, bob, clock } = team;
  await react('bob', '🔥');
  const old = telegram.world.updates.newestOf(bob.id);
  clock.advance(60_000);
  await react('bob', '👎');
  const before = await rows();
  if (!old?.message_reaction) throw new Error('there was no reaction');
  telegram.redeliver(old);
  await team.settle();
  expect(await rows()).toEqual(before);
});

test('reactions to what is no card, and of people who may not like it, are not kept', async () => {
  const { group, bob, charlie, telegram, test: database, services } = team;
  await react('bob', '🔥', bob.send(group, 'Good morning'));
  await database.db.insert(users).values({ telegramUserId: charlie.id, role: 'guest', dateJoined: NOON });
  telegram.setMember(group, charlie, 'member');
  await team.settle();
  await react('charlie', '🔥');
  expect(await rows()).toEqual([]);
  await database.db.update(chats).set({ isOpenToGuests: true });
  services.chats.forget(group.id);
  await react('charlie', '👍');
  expect(await rows()).toMatchObject([{ reaction: '👍' }]);
});

test('a reaction in private is nothing to the bot', async () => {
  const { bob, telegram } = team;
  const sent = bob.send(bob.privateChat, '/start');
  await team.settle();
  const count = telegram.messages(bob.privateChat).length;
  await react('bob', '🔥', sent);
  expect(telegram.messages(bob.privateChat)).toHaveLength(count);
  expect(await rows()).toEqual([]);
});

test('a card that is decided is still reacted to', async () => {
  await team.bob.press(team.now(card), 'Posted');
  await team.settle();
  await react('alice', '🎉');
  expect(await rows()).toMatchObject([{ reaction: '🎉', withdrawnAt: null }]);
  expect(await team.test.db.select().from(queueItems)).toMatchObject([{ status: 'posted' }]);
});

test('every kind of reaction has one word, those of premium users and those that come after us too', () => {
  expect(reactionWord({ type: 'emoji', emoji: '👍' })).toBe('👍');
  expect(reactionWord({ type: 'custom_emoji', custom_emoji_id: '5368324170671202286' })).toBe(
    'custom_emoji:5368324170671202286',
  );
  expect(reactionWord({ type: 'paid' })).toBe('paid');
});
