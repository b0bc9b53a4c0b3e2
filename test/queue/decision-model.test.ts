import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { CARD_ACTIONS } from '../../src/telegram/callback-data.ts';
import { addCards, addChat, addMedia, addPerson, servicesOver, tapOn } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { NOON } from '../support/team.ts';
import { createModel, type Model } from './decision-model.ts';

const database = await testDatabase();
const { db } = database;
const { decisions, media, interactions } = servicesOver(database.database);
const people = [await addPerson(db, 'Alice', 'admin'), await addPerson(db, 'Bob'), await addPerson(db, 'Dana')];
await addChat(db);
afterAll(database.close);

/** Two cards show the first medium, as cards in two chats may; one shows the second. */
const MEDIA_OF = [0, 0, 1];

const step = fc.record({
  // Decisions and their undoing more often: what they leave behind is what can go wrong.
  action: fc.constantFrom(
    ...CARD_ACTIONS,
    'posted' as const,
    'undo' as const,
    'undo' as const,
    'confirm_reject' as const,
  ),
  card: fc.nat(MEDIA_OF.length - 1),
  by: fc.nat(people.length - 1),
  /** Mostly at once, sometimes after the undo button's minute, the question's day or a lock's month. */
  after: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 5_000 }) },
    fc.constantFrom(59_999, 60_000, 86_399_999, 86_400_000, 30 * 86_400_000),
  ),
});

/** Sequences that chance finds too rarely, tapped by the admin a second apart. */
function story(taps: string) {
  return taps.split(', ').map((tap) => {
    const [name, card] = tap.split(' ');
    const action = CARD_ACTIONS.find((known) => known === name) ?? 'undo';
    return { action, card: Number(card), by: 0, after: 1000 };
  });
}
const REJECTED_TWICE =
  'skip 0, undo 0, posted 0, reject 1, confirm_reject 1, undo 0, reject 0, confirm_reject 0, undo 1, undo 0, skip 1';

async function compare(model: Model, cards: readonly string[], mediaIds: readonly string[], now: Date): Promise<void> {
  const statuses = await db.execute<{ id: string; status: string }>(sql`select id, status from queue_items`);
  for (const [index, id] of cards.entries()) {
    expect(statuses.find((row) => row.id === id)?.status).toBe(model.status(index));
  }
  for (const [index, id] of mediaIds.entries()) {
    const item = await media.byId(id);
    expect(item?.timesPosted).toBe(model.timesPosted(index));
    expect(item?.lastPostedAt?.getTime() ?? 0).toBe(model.lastPostedAt(index));
    const locked = await media.lockedUntil(id, now);
    const until = locked === 'for ever' ? Number.POSITIVE_INFINITY : (locked?.getTime() ?? 0);
    expect(until).toBe(model.lockedUntil(index, now.getTime()));
  }
  const question = { now, days: 3650, timeZone: 'UTC' };
  expect(await interactions.getContentDecisions(question)).toMatchObject(model.figures());
  for (const [index, id] of people.entries()) {
    const {
      posts_marked: posted,
      posts_skipped: skipped,
      posts_rejected: rejected,
    } = await interactions.getUserStats(id, question);
    expect({ posted, skipped, rejected }).toEqual(model.figures(index));
  }
}

test('whatever is tapped by whom and when: cards, counters, locks and figures are what the rules say', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      await db.execute(sql`truncate media_items, queue_items, decisions, media_locks, user_interactions cascade`);
      const mediaIds = await addMedia(db, 2);
      const cards = await addCards(
        db,
        MEDIA_OF.map((index) => mediaIds[index] ?? ''),
      );
      const model = createModel(MEDIA_OF);
      let now = NOON;
      for (const { action, card, by, after } of steps) {
        now = new Date(now.getTime() + after);
        const tap = tapOn(cards[card] ?? '', action, { userId: people[by] ?? '', now });
        const result = await decisions.tap(action, tap, { isAdmin: by === 0 });
        expect(result.kind === 'changed').toBe(model.tap(action, card, by, now.getTime()));
        expect(tap.interaction.isRecorded).toBe(result.kind === 'changed');
      }
      await compare(model, cards, mediaIds, now);
    }),
    { numRuns: 60, examples: [[story('posted 0, posted 1, undo 0, undo 1')], [story(REJECTED_TWICE)]] },
  );
});
