import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { chats, decisions, mediaItems, queueItems, userInteractions, users } from '../../src/db/schema/index.ts';
import { createActivityRepository } from '../../src/interactions/activity-repository.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const CHATS = [-1001, -1002] as const;
const PEOPLE = [randomUUID(), randomUUID(), randomUUID()] as const;
const DAY = 86_400_000;
const NOW = new Date('2026-11-20T12:00:00Z').getTime();

let base: TestDatabase;
let activity: ReturnType<typeof createActivityRepository>;
let item: { id: string; mediaItemId: string };
beforeAll(async () => {
  base = await testDatabase();
  activity = createActivityRepository(base.database);
  await base.db.insert(users).values(PEOPLE.map((id, index) => ({ id, telegramUserId: index + 1 })));
  await base.db.insert(chats).values(CHATS.map((id) => ({ id })));
  const [media] = await base.db.insert(mediaItems).values({}).returning();
  const [queued] = await base.db
    .insert(queueItems)
    .values({ chatId: CHATS[0], mediaItemId: media?.id ?? '' })
    .returning();
  if (!queued) throw new Error('no queue item');
  item = queued;
});
afterEach(async () => {
  await base.db.delete(userInteractions);
  await base.db.delete(decisions);
});
afterAll(() => base.close());

type Row = {
  person: number;
  type: 'command' | 'callback' | 'message';
  name: string;
  chat: number;
  at: number;
  outcome: string | null;
  undone: boolean;
};

const row: fc.Arbitrary<Row> = fc.record({
  person: fc.nat(2),
  type: fc.constantFrom('command', 'callback', 'message'),
  name: fc.constantFrom('/queue', '/stats', 'posted', 'skip', 'confirm_reject', 'reject', 'upload'),
  chat: fc.nat(1),
  // Around a change of clocks in New York and over the ends of the window.
  at: fc.integer({ min: NOW - 30 * DAY, max: NOW + DAY }),
  outcome: fc.constantFrom('done', null, 'noop', 'denied', 'failed', 'vote'),
  undone: fc.boolean(),
});

function dateIn(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}
function hourIn(at: number, timeZone: string): number {
  return Number(new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }).format(at));
}
function count<T>(rows: readonly T[], key: (row: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of rows) counts[key(each)] = (counts[key(each)] ?? 0) + 1;
  return counts;
}

async function insert(rows: readonly Row[]): Promise<void> {
  await base.db.delete(userInteractions);
  const values = rows.map((each) => ({
    userId: PEOPLE[each.person] ?? null,
    interactionType: each.type,
    interactionName: each.name,
    telegramChatId: CHATS[each.chat] ?? null,
    createdAt: new Date(each.at),
    context: {
      ...(each.outcome === null ? {} : { outcome: each.outcome }),
      ...(each.undone ? { undone_at: 'then' } : {}),
    },
  }));
  // The bot's own messages belong to nobody and count nowhere.
  const own = {
    interactionType: 'bot_response' as const,
    interactionName: 'text_reply',
    createdAt: new Date(NOW - 1000),
  };
  await base.db.insert(userInteractions).values([...values, own]);
}

const window = { since: new Date(NOW - 25 * DAY), until: new Date(NOW) };
const isCounted = (each: Row) =>
  each.at >= window.since.getTime() &&
  each.at < window.until.getTime() &&
  !each.undone &&
  (each.outcome ?? 'done') === 'done';

test.each(['UTC', 'Asia/Kolkata', 'America/New_York', 'Australia/Lord_Howe'])(
  'the team’s figures are those of a count by hand, in %s',
  async (timeZone) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), fc.boolean(), async (rows, inOneChat) => {
        await insert(rows);
        const mine = rows.filter((each) => isCounted(each) && (!inOneChat || each.chat === 0));
        const figures = await activity.getTeamActivity({ ...window, timeZone }, inOneChat ? [CHATS[0]] : undefined);
        expect(figures).toMatchObject({
          total_interactions: mine.length,
          active_users: new Set(mine.map(({ person }) => person)).size,
          interactions_by_user: count(mine, ({ person }) => PEOPLE[person] ?? ''),
          interactions_by_type: count(mine, ({ type }) => type),
          interactions_by_name: count(mine, ({ name }) => name),
        });
        const perDay = count(mine, ({ at }) => dateIn(at, timeZone));
        const days = new Set<string>();
        for (let at = window.since.getTime(); at < window.until.getTime(); at += 900_000)
          days.add(dateIn(at, timeZone));
        expect(figures.daily_activity).toEqual([...days].map((date) => ({ date, count: perDay[date] ?? 0 })));
      }),
      { numRuns: 10 },
    );
  },
);

test.each(['UTC', 'Asia/Kolkata', 'America/New_York'])(
  'a person’s figures are those of a count by hand, in %s',
  async (timeZone) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
        await insert(rows);
        const mine = rows.filter((each) => isCounted(each) && each.person === 0);
        const taps = count(
          mine.filter(({ type }) => type === 'callback'),
          ({ name }) => name,
        );
        const hours = count(mine, ({ at }) => String(hourIn(at, timeZone)));
        const most = Math.max(0, ...Object.values(hours));
        const busiest = Object.keys(hours)
          .map(Number)
          .filter((hour) => hours[hour] === most)
          .sort((a, b) => a - b)[0];
        expect(await activity.getUserStats(PEOPLE[0], { ...window, timeZone })).toEqual({
          total_interactions: mine.length,
          posts_marked: taps.posted ?? 0,
          posts_skipped: taps.skip ?? 0,
          posts_rejected: taps.confirm_reject ?? 0,
          commands_used: count(
            mine.filter(({ type }) => type === 'command'),
            ({ name }) => name,
          ),
          most_active_hour: busiest ?? null,
        });
      }),
      { numRuns: 10 },
    );
  },
);

const decided = fc.record({
  person: fc.nat(2),
  chat: fc.nat(1),
  decision: fc.constantFrom('posted' as const, 'skipped' as const, 'rejected' as const),
  at: fc.integer({ min: NOW - 30 * DAY, max: NOW + DAY }),
  waitedMs: fc.option(fc.nat(100_000_000)),
});

/** percentile_cont, by hand. */
function percentile(sorted: readonly number[], share: number): number | null {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low === undefined || high === undefined ? null : low + (high - low) * (place - Math.floor(place));
}

test('decisions are those of a count by hand, undone ones left out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(decided, { maxLength: 40 }),
      fc.constantFrom('all', 'chat', 'person'),
      async (rows, about) => {
        await base.db.delete(decisions);
        if (rows.length > 0) {
          // One queue item has one decision that stands; these stand for many, so all but the last are of items of their own.
          const items = await base.db
            .insert(queueItems)
            .values(rows.map(({ chat }) => ({ chatId: CHATS[chat] ?? 0, mediaItemId: item.mediaItemId })))
            .returning({ id: queueItems.id });
          const values = rows.map((each, index) => ({
            queueItemId: items[index]?.id ?? '',
            chatId: CHATS[each.chat] ?? 0,
            mediaItemId: item.mediaItemId,
            userId: PEOPLE[each.person] ?? null,
            decision: each.decision,
            decidedAt: new Date(each.at),
            waitedMs: each.waitedMs,
          }));
          const undone = values.map((each) => ({ ...each, undoneAt: new Date(NOW) }));
          await base.db.insert(decisions).values([...values, ...undone]);
        }
        const mine = rows.filter(
          ({ at, chat, person }) =>
            at >= window.since.getTime() &&
            at < window.until.getTime() &&
            (about !== 'chat' || chat === 0) &&
            (about !== 'person' || person === 0),
        );
        const figures = await activity.getContentDecisions(window, {
          ...(about === 'chat' ? { chatIds: [CHATS[0]] } : {}),
          ...(about === 'person' ? { userId: PEOPLE[0] } : {}),
        });
        const of = (decision: string) => mine.filter((each) => each.decision === decision).length;
        const share = (decision: string) => (mine.length === 0 ? 0 : (of(decision) / mine.length) * 100);
        expect(figures).toMatchObject({
          total_decisions: mine.length,
          posted: of('posted'),
          skipped: of('skipped'),
          rejected: of('rejected'),
        });
        expect(Math.abs(figures.posted_percentage - share('posted'))).toBeLessThanOrEqual(0.0501);
        expect(Math.abs(figures.skip_percentage - share('skipped'))).toBeLessThanOrEqual(0.0501);
        expect(Math.abs(figures.rejection_rate - share('rejected'))).toBeLessThanOrEqual(0.0501);
        const waited = mine.flatMap(({ waitedMs }) => (waitedMs === null ? [] : [waitedMs])).sort((a, b) => a - b);
        for (const [figure, share] of [
          [figures.median_seconds_to_decision, 0.5],
          [figures.p90_seconds_to_decision, 0.9],
        ] as const) {
          const byHand = percentile(waited, share);
          if (byHand === null) expect(figure).toBeNull();
          else expect(figure).toBeCloseTo(byHand / 1000, 5);
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('rows of another program, with no more than it must say, are counted like ours', async () => {
  const [external] = await base.db
    .insert(queueItems)
    .values({ chatId: CHATS[1], mediaItemId: item.mediaItemId, status: 'posted' })
    .returning();
  await base.db.execute(`insert into decisions (queue_item_id, user_id, decision, decided_at)
    values ('${external?.id}', '${PEOPLE[0]}', 'posted', '${new Date(NOW - 1000).toISOString()}')`);
  await base.db.execute(`insert into user_interactions (user_id, interaction_type, interaction_name, created_at)
    values ('${PEOPLE[0]}', 'callback', 'posted', '${new Date(NOW - 1000).toISOString()}')`);
  expect(await activity.getContentDecisions(window, { chatIds: [CHATS[1]] })).toMatchObject({
    total_decisions: 1,
    posted: 1,
  });
  expect(await activity.getUserStats(PEOPLE[0], { ...window, timeZone: 'UTC' })).toMatchObject({ posts_marked: 1 });
});
