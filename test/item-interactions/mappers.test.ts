import { randomUUID } from 'node:crypto';
import { asc, type SQL, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import {
  DECISION_SOURCES,
  DECISIONS,
  decisions,
  itemInteractions,
  ONE_TIME_EVENT_TYPES,
  reactions,
  upvotes,
  users,
} from '../../src/db/schema/index.ts';
import { EVENT_TYPES, eventTypeNamed, weightOf } from '../../src/item-interactions/event-types.ts';
import { createImportService } from '../../src/item-interactions/import-service.ts';
import { SOURCE_NAMES, type SourceName } from '../../src/item-interactions/import-sources.ts';
import {
  type DecisionRow,
  type ItemInteraction,
  type Mapped,
  mapFromDecision,
  mapFromReaction,
  mapFromUpvote,
  NEGATIVE_REACTIONS,
  type ReactionRow,
  SKIP_REASONS,
  type UpvoteRow,
} from '../../src/item-interactions/item-interaction-mappers.ts';
import { createItemInteractionRepository } from '../../src/item-interactions/item-interaction-repository.ts';
import { addCards, addChat, addMedia } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const AT = new Date('2026-11-20T11:00:00Z');
const ALICE = '01900000-0000-7000-8000-00000000000a';
const EVERYTHING = { since: null, until: null };

describe('an upvote', () => {
  const upvote: UpvoteRow = {
    id: '01900000-0000-7000-8000-000000000001',
    userId: ALICE,
    externalUserId: null,
    linkedUserId: null,
    itemId: 'doc-456',
    createdAt: AT,
    withdrawnAt: null,
  };

  test('of a person is an UPVOTE with its weight, at its time, and says where it came from', () => {
    expect(mapFromUpvote(upvote)).toEqual({
      interaction: {
        userId: ALICE,
        externalUserId: null,
        itemId: 'doc-456',
        eventType: 'UPVOTE',
        eventValue: 2,
        occurredAt: AT,
        source: 'upvotes',
        sourceId: upvote.id,
      },
    });
  });

  test('of somebody known elsewhere keeps that id without leading zeros, unless it is a user of ours', () => {
    const elsewhere = { ...upvote, userId: null, externalUserId: '000123' };
    expect(mapFromUpvote(elsewhere)).toMatchObject({ interaction: { userId: null, externalUserId: '123' } });
    const linked = mapFromUpvote({ ...elsewhere, linkedUserId: ALICE });
    expect(linked).toMatchObject({ interaction: { userId: ALICE, externalUserId: null } });
    const both = mapFromUpvote({ ...upvote, externalUserId: '000123' });
    expect(both).toMatchObject({ interaction: { userId: ALICE, externalUserId: null } });
  });

  test('without person or item, or with an id that no key can hold, is skipped for that reason', () => {
    expect(mapFromUpvote({ ...upvote, userId: null })).toEqual({ skipped: 'no_person' });
    expect(mapFromUpvote({ ...upvote, userId: null, externalUserId: '' })).toEqual({ skipped: 'no_person' });
    expect(mapFromUpvote({ ...upvote, itemId: null })).toEqual({ skipped: 'no_item' });
    expect(mapFromUpvote({ ...upvote, itemId: '' })).toEqual({ skipped: 'no_item' });
    expect(mapFromUpvote({ ...upvote, itemId: 'é'.repeat(1001) })).toEqual({ skipped: 'too_long' });
  });

  test('that was taken back is none', () => {
    expect(mapFromUpvote({ ...upvote, withdrawnAt: AT })).toEqual({ withdrawn: true });
  });
});

describe('a decision', () => {
  const decision: DecisionRow = {
    id: '01900000-0000-7000-8000-000000000002',
    userId: ALICE,
    mediaItemId: '01900000-0000-7000-8000-0000000000ff',
    decision: 'posted',
    source: 'tap',
    decidedAt: AT,
    undoneAt: null,
  };

  test('is POSTED, SKIP or REJECT of its medium', () => {
    const types = DECISIONS.map((word) => {
      const mapped = mapFromDecision({ ...decision, decision: word });
      return 'interaction' in mapped && [word, mapped.interaction.eventType, mapped.interaction.eventValue];
    });
    expect(types).toEqual([
      ['posted', 'POSTED', 2],
      ['skipped', 'SKIP', -0.5],
      ['rejected', 'REJECT', -1],
    ]);
    expect(mapFromDecision(decision)).toMatchObject({ interaction: { itemId: decision.mediaItemId, userId: ALICE } });
  });

  test('that was undone, or made for all cards at once, is none', () => {
    expect(mapFromDecision({ ...decision, undoneAt: AT })).toEqual({ withdrawn: true });
    expect(mapFromDecision({ ...decision, source: 'approve_all' })).toEqual({ withdrawn: true });
  });

  test('of nobody is skipped', () => {
    expect(mapFromDecision({ ...decision, userId: null })).toEqual({ skipped: 'no_person' });
  });
});

test('a reaction speaks for its item, also one that nobody knows yet, but for the few that speak against it', () => {
  const types = ['👍', '❤', 'custom_emoji:5368324170671202286', 'paid', '👎', '💩'].map((reaction) => {
    const row = { id: randomUUID(), userId: ALICE, itemId: 'a', reaction, createdAt: AT, withdrawnAt: null };
    const mapped = mapFromReaction(row);
    return 'interaction' in mapped && [mapped.interaction.eventType, mapped.interaction.eventValue];
  });
  const [good, bad] = [
    ['REACTION', 1.5],
    ['NEGATIVE_REACTION', -1],
  ];
  expect(types).toEqual([good, good, good, good, bad, bad]);
});

test("types have seed 003's weights, an unknown one weighs 1, and flag_content is FLAG", () => {
  expect(EVENT_TYPES.map((type) => `${type} ${weightOf(type)}`)).toEqual([
    'FUNDRAISE 3',
    'DONATE 3',
    'UPVOTE 2',
    'SHARE 2',
    'POSTED 2',
    'BOOKMARK 1.8',
    'DOWNLOAD 1.5',
    'COMMENT 1.5',
    'REACTION 1.5',
    'CLICK 1',
    'SCROLL_IMPRESSION 0.7',
    'VIEW 0.5',
    'INITIAL_IMPRESSION 0.3',
    'HIDE -0.5',
    'SKIP -0.5',
    'NOT_INTERESTED -0.8',
    'DOWNVOTE -1',
    'REJECT -1',
    'NEGATIVE_REACTION -1',
    'FLAG -2.5',
  ]);
  expect(weightOf('NEVER_HEARD_OF')).toBe(1);
  expect(['flag_content', 'Flag', 'upvote'].map(eventTypeNamed)).toEqual(['FLAG', 'FLAG', 'UPVOTE']);
});

/** People whose external ids are written in every way, beside one who has none. */
const people = await db
  .insert(users)
  .values([{ externalId: '42' }, { externalId: '007' }, { externalId: 'abc' }, { externalId: '000' }, {}])
  .returning({ id: users.id, externalId: users.externalId });
const chatId = await addChat(db);
const media = await addMedia(db, 2);
const cards = await addCards(
  db,
  Array.from({ length: 12 }, (_, index) => media[index % 2] ?? ''),
);

const userId = fc.option(fc.constantFrom(...people.map(({ id }) => id)));
const externalUserId = fc.option(
  fc.constantFrom('', '42', '00042', '7', '007', 'abc', 'ABC', '0abc', '0', '000', '9', '009', 'nobody', ' '),
);
const itemId = fc.option(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('', '1', 'doc-1', 'with "quotes", commas\nand lines', 'é'.repeat(1000)) },
    fc.constantFrom('é'.repeat(999), 'é'.repeat(1001)),
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  ),
);
/** Some minutes around midnights, so that days meet and times are equal. */
const moment = fc
  .integer({ min: -200, max: 200 })
  .map((minutes) => new Date(Date.UTC(2026, 10, 20) + minutes * 10 * 60_000));
const maybeMoment = fc.option(moment, { freq: 4 });
const id = fc.uuid({ version: 7 });

const upvoteRows = fc.uniqueArray(
  fc.record({ id, userId, externalUserId, itemId, createdAt: moment, withdrawnAt: maybeMoment }),
  {
    maxLength: 12,
    // As the table's own keys.
    selector: ({ id, userId, externalUserId, itemId }) =>
      itemId === null ? id : JSON.stringify([userId ?? externalUserId ?? id, itemId]),
  },
);
const decisionRows = fc.array(
  fc.record({
    id,
    userId,
    decision: fc.constantFrom(...DECISIONS),
    source: fc.constantFrom(...DECISION_SOURCES),
    decidedAt: moment,
    undoneAt: maybeMoment,
  }),
  { maxLength: cards.length },
);
const reactionRows = fc.uniqueArray(
  fc.record({
    id,
    userId,
    itemId,
    messageId: fc.nat(3),
    reaction: fc.constantFrom(...NEGATIVE_REACTIONS, '👍', '🦄', 'custom_emoji:1', 'paid'),
    createdAt: moment,
    withdrawnAt: maybeMoment,
  }),
  { maxLength: 12, selector: (row) => JSON.stringify([row.userId ?? row.id, row.messageId, row.reaction]) },
);

type Expected = { id: string; at: Date; mapped: Mapped };

/** The key of people in SQL is told from `linkedUserId` here, in plain words: numbers as numbers, everything else as it is. */
function linkedUser(externalUserId: string | null): string | null {
  const same = (a: string, b: string) => (/^\d+$/.test(a) && /^\d+$/.test(b) ? Number(a) === Number(b) : a === b);
  if (!externalUserId) return null;
  return people.find(({ externalId }) => externalId !== null && same(externalId, externalUserId))?.id ?? null;
}

/** Fills a source's table with generated rows and says what each of them maps to. */
const FILL: Readonly<Record<SourceName, { rows: fc.Arbitrary<() => Promise<Expected[]>> }>> = {
  upvotes: {
    rows: upvoteRows.map((rows) => async () => {
      if (rows.length > 0) await db.insert(upvotes).values(rows);
      return rows.map((row) => {
        const linkedUserId = linkedUser(row.externalUserId);
        return { id: row.id, at: row.createdAt, mapped: mapFromUpvote({ ...row, linkedUserId }) };
      });
    }),
  },
  decisions: {
    rows: decisionRows.map((rows) => async () => {
      const made = rows.map((row, index) => ({
        ...row,
        queueItemId: cards[index] ?? '',
        chatId,
        mediaItemId: media[index % 2] ?? '',
      }));
      if (made.length > 0) await db.insert(decisions).values(made);
      return made.map((row) => ({ id: row.id, at: row.decidedAt, mapped: mapFromDecision(row) }));
    }),
  },
  reactions: {
    rows: reactionRows.map((rows) => async () => {
      if (rows.length > 0) await db.insert(reactions).values(rows.map((row) => ({ ...row, chatId })));
      return rows.map((row: ReactionRow) => ({ id: row.id, at: row.createdAt, mapped: mapFromReaction(row) }));
    }),
  },
};

/** What the table must hold: the first, by time, of each person, item and type, or of each UTC day. */
function firstOfEach(rows: readonly ItemInteraction[]): ItemInteraction[] {
  const seen = new Set<string>();
  return rows.filter(({ userId, externalUserId, itemId, eventType, occurredAt }) => {
    const day = ONE_TIME_EVENT_TYPES.some((type) => type === eventType) ? '' : occurredAt.toISOString().slice(0, 10);
    const key = JSON.stringify([userId, externalUserId, itemId, eventType, day]);
    return !seen.has(key) && seen.add(key);
  });
}

const order = (a: { at: Date; id: string }, b: { at: Date; id: string }) =>
  a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1);

async function empty(...tables: SQL[]): Promise<void> {
  for (const table of tables) await db.execute(sql`delete from ${table}`);
}

test.each(SOURCE_NAMES)('the import of %s makes of each row what its mapper makes of it', async (source) => {
  const service = createImportService({ itemInteractions: createItemInteractionRepository(database.database) });
  await fc.assert(
    fc
      .asyncProperty(FILL[source].rows, fc.integer({ min: 1, max: 13 }), async (fill, batchSize) => {
        const rows = (await fill()).toSorted(order);
        const mapped = rows.flatMap(({ mapped }) => ('interaction' in mapped ? [mapped.interaction] : []));
        const signal = new AbortController().signal;

        const result = await service.import({ sources: [source], range: EVERYTHING, batchSize }, { signal });
        const stored = await db.select().from(itemInteractions).orderBy(asc(itemInteractions.id));
        const plain = stored.map(({ id, uniqueOn, syncedAt, impression, recommendationId, ...row }) => row);
        const expected = firstOfEach(mapped);
        expect(plain).toEqual(expected);
        expect(result).toMatchObject({
          processed: rows.filter(({ mapped }) => !('withdrawn' in mapped)).length,
          created: expected.length,
          present: mapped.length - expected.length,
        });
        for (const reason of SKIP_REASONS) {
          const ids = rows.flatMap(({ id, mapped }) => ('skipped' in mapped && mapped.skipped === reason ? [id] : []));
          const said = result.sources[0]?.reasons.find((entry) => entry.reason === reason);
          expect(said ?? { rows: 0, ids: [] }).toMatchObject({ rows: ids.length, ids: ids.slice(0, 5) });
        }
      })
      .afterEach(() => empty(sql`item_interactions`, sql`upvotes`, sql`decisions`, sql`reactions`)),
    { numRuns: 40 },
  );
});
