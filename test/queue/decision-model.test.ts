import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { isChange, type TapAction } from '../../src/queue/tap-result.ts';
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
    'posted' as const,
    'undo' as const,
    'undo' as const,
    'confirm_reject' as const,
    'claim' as const,
    'claim' as const,
  ),
  card: fc.nat(MEDIA_OF.length - 1),
  by: fc.nat(people.length - 1),
  want: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 12 }),
  /** Mostly at once, sometimes after the undo button's minute, the question's day or a lock's month. */
  after: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 5_000 }) },
    fc.constantFrom(59_999, 60_000, 599_999, 600_000, 86_399_999, 86_400_000, 30 * 86_400_000),
  ),
});

/** How many people must press Posted, and now and then another number from a step on. */
const needed = fc.integer({ min: 1, max: 3 });

/** Sequences that chance finds too rarely, tapped by the admin a second apart. */
function story(taps: string) {
  return taps.split(', ').map((tap) => {
    const [name, card] = tap.split(' ');
    const action: TapAction = CARD_ACTIONS.find((known) => known === name) ?? 'undo';
    return { action, card: Number(card), by: 0, after: 1000, want: undefined };
  });
}
const REJECTED_TWICE =
  'skip 0, undo 0, posted 0, reject 1, confirm_reject 1, undo 0, reject 0, confirm_reject 0, undo 1, undo 0, skip 1';

const idList = (ids: readonly string[]) => sql`${`{${ids.join(',')}}`}::uuid[]`;

function want(people: number) {
  return db.execute(sql`update chats set approvals_needed = ${people}`);
}

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
  const rows = await db.execute<{ id: string; votes: number[]; claimer: number | null; handling: number | null }>(sql`
    select q.id, (select coalesce(jsonb_agg(array_position(${idList(people)}, a.user_id) - 1 order by 1), '[]')
                  from approvals a where a.queue_item_id = q.id) as votes,
           case when q.claimed_at > ${now.toISOString()}::timestamptz - interval '10 minutes'
             then array_position(${idList(people)}, q.claimed_by) - 1 end as claimer
    from queue_items q`);
  for (const [index, id] of cards.entries()) {
    const row = rows.find((one) => one.id === id);
    expect(row?.votes.toSorted()).toEqual(model.votes(index));
    expect(row?.claimer ?? undefined).toBe(model.claim(index, now.getTime()));
  }
  const times = await db.execute<{ ms: number | null }>(sql`select handling_ms as ms from decisions order by id`);
  expect(times.map(({ ms }) => ms)).toEqual(model.handlingTimes());
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
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), needed, async (steps, atFirst) => {
      await db.execute(sql`truncate media_items, queue_items, decisions, media_locks, user_interactions cascade`);
      const mediaIds = await addMedia(db, 2);
      const cards = await addCards(
        db,
        MEDIA_OF.map((index) => mediaIds[index] ?? ''),
      );
      const model = createModel(MEDIA_OF, atFirst);
      await want(atFirst);
      let now = NOON;
      for (const { action, card, by, after, want: wanted } of steps) {
        if (wanted !== undefined) {
          await want(wanted);
          model.want(wanted);
        }
        now = new Date(now.getTime() + after);
        const tap = tapOn(cards[card] ?? '', action, { userId: people[by] ?? '', now });
        const result = await decisions.tap(action, tap, { isAdmin: by === 0 });
        expect(isChange(result)).toBe(model.tap(action, card, by, now.getTime()));
        expect(tap.interaction.isRecorded).toBe(isChange(result));
      }
      await compare(model, cards, mediaIds, now);
    }),
    {
      numRuns: 100,
      examples: [
        [story('posted 0, posted 1, undo 0, undo 1'), 1],
        [story(REJECTED_TWICE), 1],
      ],
    },
  );
});
