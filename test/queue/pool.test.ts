import { eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { categoryMix, chats, mediaItems } from '../../src/db/schema/index.ts';
import { nextPoolState, type PoolState, poolHealth } from '../../src/queue/pool-health.ts';
import { daysInWords, materialLine, poolMessage } from '../../src/queue/pool-messages.ts';
import { addMedia } from '../support/cards.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const NATURE = { category: 'nature', media: 40, left: 21 };
const PEOPLE = { category: 'people', media: 9, left: 3 };
const MIX = [
  { category: 'nature', ratio: 0.7 },
  { category: 'people', ratio: 0.3 },
];

describe('how long the library lasts', () => {
  test('without a mix is what is left through the posts of a day', () => {
    expect(poolHealth([NATURE, PEOPLE], [], 3)).toMatchObject({ days: 8, shortest: null });
  });

  test('with a mix is until the first category runs out, by its real share', () => {
    const health = poolHealth([NATURE, PEOPLE], MIX, 3);
    expect(health.categories.map(({ days }) => days)).toEqual([10, 3.33]);
    expect(health).toMatchObject({ days: 3.33, shortest: 'people' });
  });

  test('is nothing when a category of the mix has no media at all; one that is not in the mix has no say', () => {
    expect(poolHealth([NATURE], MIX, 3)).toMatchObject({ days: 0, shortest: 'people' });
    const food = { category: 'food', media: 1, left: 0 };
    expect(poolHealth([NATURE, food], [{ category: 'nature', ratio: 1 }], 3)).toMatchObject({ days: 7 });
  });

  test('is said in whole days', () => {
    expect([0.9, 1, 1.99, 7].map(daysInWords)).toEqual(['less than a day', '1 day', '1 day', '7 days']);
    expect(materialLine(poolHealth([NATURE, PEOPLE], MIX, 3))).toBe('3 days (people ends first)');
    expect(materialLine(poolHealth([], [], 3))).toBe('nothing left');
  });
});

describe('what the chat is told next', () => {
  test.each<[PoolState, number, PoolState]>([
    ['ok', 7.01, 'ok'],
    ['ok', 7, 'warning'],
    ['ok', 2, 'alarm'],
    ['warning', 2.01, 'warning'],
    ['warning', 2, 'alarm'],
    ['warning', 8, 'warning'],
    ['warning', 8.01, 'ok'],
    ['alarm', 3, 'alarm'],
    ['alarm', 3.01, 'warning'],
    ['alarm', 8, 'warning'],
    ['alarm', 8.01, 'ok'],
  ])('from %s with %d days left is %s', (told, days, next) => {
    expect(nextPoolState(told, days)).toBe(next);
  });

  test('does not change when it is asked again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<PoolState>('ok', 'warning', 'alarm'),
        fc.double({ min: 0, max: 20 }),
        (told, days) => {
          const next = nextPoolState(told, days);
          expect(nextPoolState(next, days)).toBe(next);
        },
      ),
    );
  });
});

test('the warning names the categories, the shortest first; the alarm says what is gone', () => {
  expect(poolMessage('warning', poolHealth([NATURE, PEOPLE], MIX, 3)).text).toBe(
    '🟡 The library lasts 3 days.\n• people: 3 media, 3 days\n• nature: 21 media, 10 days\nSend me more media in private.',
  );
  expect(poolMessage('alarm', poolHealth([NATURE], MIX, 3)).text).toBe(
    '🔴 Nothing is left of people.\n• people: nothing left\n• nature: 21 media, 10 days\nSend me more media in private: slots without media stay empty.',
  );
  expect(poolMessage('ok', poolHealth([{ ...NATURE, left: 60 }], [], 3)).text).toBe(
    '🟢 The library lasts 20 days again.',
  );
});

describe('the team', () => {
  let team: Team;
  beforeEach(async () => {
    team = await startTeam();
  });
  afterEach(() => team.stop());

  const watch = () => team.services.pools.watchAll();
  const said = () =>
    team.telegram.messages(team.group).flatMap(({ text }) => (text?.match(/^(🟡|🔴|🟢)/) ? [text] : []));
  const leave = async (count: number) => {
    await team.test.db.update(mediaItems).set({ isActive: false });
    await team.test.db.execute(
      sql`update media_items set is_active = true where id in (select id from media_items order by id limit ${count})`,
    );
  };

  test('is told once at seven days, once at two, and once when it is good again', async () => {
    await addMedia(team.test.db, 60);
    await watch();
    await leave(21);
    await watch();
    await watch();
    expect(said()).toEqual(['🟡 The library lasts 7 days.\nSend me more media in private.']);
    await leave(6);
    await watch();
    await watch();
    expect(said().slice(1)).toEqual([
      '🔴 The library lasts only 2 days.\nSend me more media in private: slots without media stay empty.',
    ]);
    await leave(18);
    await watch();
    expect(said()).toHaveLength(2);
    await leave(60);
    await watch();
    await watch();
    expect(said().slice(2)).toEqual(['🟢 The library lasts 20 days again.']);
  });

  test('is told the same whether posts are planned already or not', async () => {
    await addMedia(team.test.db, 30);
    await team.services.plan.extend(team.group.id, 7, NOON);
    expect(await team.services.pools.healthOf(team.group.id, NOON)).toMatchObject({ days: 10 });
    await watch();
    expect(said()).toEqual([]);
  });

  test('is told nothing about a library in which nothing ever was, nor while it is paused', async () => {
    await watch();
    await addMedia(team.test.db, 3);
    await team.test.db.update(chats).set({ isPaused: true, pausedAt: NOON });
    await watch();
    expect(said()).toEqual([]);
  });

  test('is told again when Telegram asked to wait, and not when the answer was lost', async () => {
    await addMedia(team.test.db, 3);
    team.telegram.arm('sendMessage', {
      error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 7 } },
    });
    await watch();
    expect(said()).toEqual([]);
    team.telegram.arm('sendMessage', { cut: 'after' });
    await watch();
    await watch();
    expect(said()).toHaveLength(1);
    const [chat] = await team.test.db.select().from(chats).where(eq(chats.id, team.group.id));
    expect(chat?.poolState).toBe('alarm');
  });

  test('sees it in /status, by the real share of each category', async () => {
    await addMedia(team.test.db, 21, { category: 'nature' });
    await addMedia(team.test.db, 3, { category: 'people' });
    await team.test.db
      .insert(categoryMix)
      .values(MIX.map((share) => ({ chatId: team.group.id, ...share, validFrom: NOON })));
    team.bob.send(team.group, '/status');
    await team.settle();
    expect(team.telegram.messages(team.group).at(-1)?.text).toContain('\nMaterial: 3 days (people ends first)\n');
  });
});
