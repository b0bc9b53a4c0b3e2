import { asc, sql } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLockTimeout } from '../../src/db/database-errors.ts';
import { chats, queueItems, upvotes, users } from '../../src/db/schema/index.ts';
import { upvoteAnswer } from '../../src/item-interactions/upvote-messages.ts';
import type { Upvoted } from '../../src/item-interactions/upvote-repository.ts';
import { removeWithdrawn } from '../../src/item-interactions/withdrawn-repository.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { addCards, addChat, addMedia, addPerson, servicesOver, tapOn } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { interactionLines, interactionRows, onlyCard, onlyMedium } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

describe('in the chat', () => {
  let team: Team;
  let card: Message;
  beforeEach(async () => {
    team = await startTeam();
    await team.fill(1);
    card = await team.nextCard();
  });
  afterEach(() => team.stop());

  async function press(person: 'alice' | 'bob' | 'dana' | 'charlie', button: string) {
    const answer = await team[person].press(team.now(card), button);
    await team.settle();
    return answer;
  }
  const rows = () => team.test.db.select().from(upvotes).orderBy(asc(upvotes.id));
  const lastRow = () => buttonsOf(team.now(card)).at(-1);

  test('👍 under a card counts the people who like its medium, and tapping again takes it back', async () => {
    expect(lastRow()).toEqual(['👍', 'ℹ️']);
    expect(await press('bob', '👍')).toEqual({ text: '👍 You like this one, the first of all.' });
    expect(lastRow()).toEqual(['👍 1', 'ℹ️']);
    expect(await press('dana', '👍')).toEqual({ text: '👍 You and 1 other like this one.' });
    expect(lastRow()).toEqual(['👍 2', 'ℹ️']);
    const { id } = await onlyMedium(team.test.db);
    expect(await rows()).toMatchObject([
      { itemId: id, createdAt: NOON, withdrawnAt: null, externalUserId: null },
      { itemId: id, createdAt: NOON, withdrawnAt: null, externalUserId: null },
    ]);

    team.clock.advance(60_000);
    const later = new Date(NOON.getTime() + 60_000);
    expect(await press('bob', '👍')).toEqual({ text: 'Your 👍 is taken back. 1 other likes it.' });
    expect(lastRow()).toEqual(['👍 1', 'ℹ️']);
    expect(await rows()).toMatchObject([{ createdAt: NOON, withdrawnAt: later }, { withdrawnAt: null }]);

    team.clock.advance(60_000);
    await press('bob', '👍');
    const again = new Date(later.getTime() + 60_000);
    expect(await rows()).toMatchObject([{ createdAt: again, withdrawnAt: null }, { createdAt: NOON }]);
    expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
      by: 'Bob',
      interactionName: 'upvote',
      context: {
        outcome: 'done',
        queue_item_id: (await onlyCard(team.test.db)).id,
        media_id: id,
        media_filename: expect.any(String),
        response_time_ms: expect.any(Number),
      },
    });
  });

  test('a card that was posted keeps its 👍 when the minute of Undo is over; one that was turned down has none', async () => {
    await press('bob', '✅');
    expect(buttonsOf(team.now(card))).toEqual([['↩️ Undo', '👍']]);
    await press('dana', '👍');
    expect(buttonsOf(team.now(card))).toEqual([['↩️ Undo', '👍 1']]);
    expect(team.now(card).caption).toContain('✅ Posted by Bob');
    team.clock.advance(60_000);
    await team.services.renderer.sweep();
    expect(buttonsOf(team.now(card))).toEqual([['👍 1']]);
    expect(await press('alice', '👍')).toEqual({ text: '👍 You and 1 other like this one.' });
    expect(buttonsOf(team.now(card))).toEqual([['👍 2']]);

    await team.fill(1);
    card = await team.nextCard();
    await press('bob', 'Skip');
    expect(buttonsOf(team.now(card))).toEqual([['↩️ Undo']]);
    team.clock.advance(60_000);
    await team.services.renderer.sweep();
    expect(buttonsOf(team.now(card))).toEqual([]);
  });

  test('a tap that Telegram delivers again changes nothing and is answered as the first time', async () => {
    const { telegram, bob } = team;
    await press('bob', '👍');
    const update = telegram.world.updates.newestOf(bob.id);
    if (!update?.callback_query) throw new Error('there was no tap');
    telegram.redeliver(update);
    await team.settle();
    expect(lastRow()).toEqual(['👍 1', 'ℹ️']);
    expect(await rows()).toMatchObject([{ withdrawnAt: null }]);
    expect((await interactionLines(team.test.db)).filter((line) => line.includes('upvote'))).toEqual([
      'Bob upvote done',
    ]);
  });

  test('an upvote that was taken back is no item interaction any more', async () => {
    const { test: database, services } = team;
    const importNow = () =>
      services.itemInteractionImport.import(
        { sources: ['upvotes'], range: { since: null, until: null }, batchSize: 100 },
        { signal: new AbortController().signal },
      );
    const stored = async () => {
      const [row] = await database.db.execute(sql`select count(*) as rows from item_interactions`);
      return row?.rows;
    };
    await press('bob', '👍');
    expect(await importNow()).toMatchObject({ created: 1 });
    expect(await stored()).toBe(1);
    await press('bob', '👍');
    await removeWithdrawn({ rows: async (statement) => [...(await database.db.execute(sql.raw(statement)))] });
    expect(await stored()).toBe(0);
    expect(await importNow()).toMatchObject({ processed: 0 });
  });

  test('guests may like what they see where the chat is open to them, strangers nowhere', async () => {
    const { test: database, charlie, group, telegram } = team;
    await database.db.insert(users).values({ telegramUserId: charlie.id, role: 'guest', dateJoined: NOON });
    telegram.setMember(group, charlie, 'member');
    await team.settle();
    expect(await press('charlie', '👍')).toEqual({
      text: 'Guests cannot use this button here: an admin has to open the chat to them first.',
      show_alert: true,
    });
    expect(await rows()).toEqual([]);
    await database.db.update(chats).set({ isOpenToGuests: true });
    team.services.chats.forget(group.id);
    expect(await press('charlie', '👍')).toEqual({ text: '👍 You like this one, the first of all.' });
    expect(await press('charlie', 'Posted')).toMatchObject({ show_alert: true });
    expect((await interactionLines(database.db)).filter((line) => line.startsWith('Charlie'))).toEqual([
      'Charlie upvote denied',
      'Charlie upvote done',
      'Charlie posted denied',
    ]);
  });

  test('a button in a place where no card of the chat is, or of a card that was never sent, does nothing', async () => {
    const { bob, group } = team;
    const data = dataOf(card, '👍');
    const elsewhere = { text: 'This card belongs to another chat. 👍 works there.', show_alert: true };
    bob.send(bob.privateChat, '/start');
    await team.settle();
    expect(await bob.tap(bob.privateChat, data)).toEqual(elsewhere);
    const gone = { text: 'This button is not valid any more. Send /next for a fresh card.', show_alert: true };
    expect(await bob.tap(group, 'upvote:019aa000-0000-7000-8000-000000000000')).toEqual(gone);
    await team.test.db.update(queueItems).set({ status: 'pending', messageId: null });
    expect(await bob.tap(group, data)).toEqual(gone);
    await team.settle();
    expect(await rows()).toEqual([]);
    expect((await interactionLines(team.test.db)).slice(-3)).toEqual(Array(3).fill('Bob upvote denied'));
  });

  test('other cards of the same medium that wait show the new number too; a decided one is left alone', async () => {
    const { id, chatId, mediaItemId } = await onlyCard(team.test.db);
    const common = { chatId, mediaItemId, scheduledFor: NOON, messageId: 4000 };
    await team.test.db.insert(queueItems).values([
      { ...common, status: 'delivered' },
      { ...common, status: 'posted' },
    ]);
    await press('bob', '👍');
    const found = await team.test.db.select().from(queueItems).orderBy(asc(queueItems.id));
    expect(found.map(({ version, renderedVersion }) => [version, renderedVersion])).toEqual([
      [found[0]?.version, found[0]?.version],
      [2, 1],
      [1, 1],
    ]);
    expect(found[0]).toMatchObject({ id, renderedVersion: 2 });
  });

  test('of very many upvotes the card says that there are very many', async () => {
    const { id } = await onlyMedium(team.test.db);
    await team.test.db.execute(sql`insert into upvotes (external_user_id, item_id)
      select n::text, ${id} from generate_series(1, 998) as n`);
    await press('bob', '👍');
    expect(lastRow()).toEqual(['👍 999', 'ℹ️']);
    expect(await press('dana', '👍')).toEqual({ text: '👍 You and 999 others like this one.' });
    expect(lastRow()).toEqual(['👍 999+', 'ℹ️']);
  });
});

describe('at the same time', async () => {
  const database = await testDatabase();
  const { db } = database;
  const processes = Array.from({ length: 4 }, () => servicesOver(database.open({ max: 4 })));
  const [bob, dana] = [await addPerson(db, 'Bob'), await addPerson(db, 'Dana')];
  await addChat(db);
  afterAll(database.close);
  beforeEach(async () => {
    await db.execute(sql`truncate media_items, queue_items, upvotes, user_interactions cascade`);
  });

  /** What the handler does with a tap; "busy" is tapped again. */
  const tap = async (at: number, card: string, userId: string, key?: string): Promise<Upvoted | undefined> => {
    const { interaction, ...rest } = tapOn(card, 'posted', { userId, ...(key === undefined ? {} : { key }) });
    const services = processes[at % processes.length];
    if (!services) throw new Error('there is no process');
    for (;;) {
      try {
        return await services.upvotes.turnOver({ ...rest, interaction: { ...interaction, name: 'upvote' } });
      } catch (error) {
        if (!isLockTimeout(error)) throw error;
      }
    }
  };
  const standing = async () =>
    (await db.select().from(upvotes)).map(({ userId, withdrawnAt }) => ({ userId, isUpvoted: withdrawnAt === null }));

  test('51 taps of one person end in one row that stands, and 51 records', async () => {
    const [card = ''] = await addCards(db, await addMedia(db, 1));
    const results = await Promise.all(Array.from({ length: 51 }, (_, at) => tap(at, card, bob)));
    expect(results.filter((result) => result?.isUpvoted)).toHaveLength(26);
    expect(await standing()).toEqual([{ userId: bob, isUpvoted: true }]);
    expect(await interactionLines(db)).toHaveLength(51);
    expect(await onlyCard(db)).toMatchObject({ version: 52 });
  });

  test('two people both count, each time', async () => {
    const cards = await addCards(db, await addMedia(db, 20));
    await Promise.all(cards.flatMap((card, at) => [tap(at, card, bob), tap(at + 1, card, dana)]));
    const [row] = await db.execute(sql`select count(*) as rows, count(distinct item_id) as items from upvotes
      where withdrawn_at is null`);
    expect(row).toEqual({ rows: 40, items: 20 });
  });

  test('one tap that two processes get is worked in once', async () => {
    const cards = await addCards(db, await addMedia(db, 20));
    await Promise.all(cards.flatMap((card) => [tap(0, card, bob, `1:cb:${card}`), tap(1, card, bob, `1:cb:${card}`)]));
    expect(await standing()).toEqual(Array(20).fill({ userId: bob, isUpvoted: true }));
    expect(await interactionLines(db)).toHaveLength(20);
  });

  test('people who tap different cards of one medium do not stand in each other’s way', async () => {
    const [medium = ''] = await addMedia(db, 1);
    const cards = await addCards(db, [medium, medium, medium]);
    const taps = Array.from({ length: 30 }, (_, at) => tap(at, cards[at % 3] ?? '', at % 2 === 0 ? bob : dana));
    expect(await Promise.all(taps)).not.toContain(undefined);
    const [row] = await db.execute(sql`select sum(version - 1)::int as changes from ${queueItems}`);
    expect(row).toEqual({ changes: 90 });
    // Fifteen taps each: an odd number.
    expect((await standing()).map(({ isUpvoted }) => isUpvoted)).toEqual([true, true]);
  });
});

test('what whoever taps is told fits a toast', () => {
  const told = (isUpvoted: boolean, others: number) => upvoteAnswer({ isUpvoted, others });
  expect(told(false, 0)).toBe('Your 👍 is taken back.');
  expect(told(false, 2)).toBe('Your 👍 is taken back. 2 others like it.');
  expect(told(true, 123_456).length).toBeLessThan(100);
});
