import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chats, decisions, mediaItems, queueItems, users } from '../../src/db/schema/index.ts';
import { createActivityRepository } from '../../src/interactions/activity-repository.ts';
import { createDecisionTimesRepository } from '../../src/interactions/decision-times-repository.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const CHATS = [-1001, -1002] as const;
const PEOPLE = [randomUUID(), randomUUID()] as const;
const DAY = 86_400_000;
/** Eight days after the clocks went back in Berlin (25 October), seven before they do in New York (1 November). */
const UNTIL = new Date('2026-11-02T09:07:00Z');
const WINDOW = { since: new Date(UNTIL.getTime() - 30 * DAY), until: UNTIL };
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

let base: TestDatabase;
let times: ReturnType<typeof createDecisionTimesRepository>;
let mediaItemId: string;
beforeAll(async () => {
  base = await testDatabase();
  times = createDecisionTimesRepository(base.database);
  await base.db.insert(users).values(PEOPLE.map((id, index) => ({ id, telegramUserId: index + 1 })));
  await base.db.insert(chats).values(CHATS.map((id) => ({ id })));
  const [media] = await base.db.insert(mediaItems).values({}).returning();
  mediaItemId = media?.id ?? '';
});
afterAll(() => base.close());

type Row = { person: number; chat: number; decision: 'posted' | 'skipped' | 'rejected'; at: number; undone: boolean };

const row: fc.Arbitrary<Row> = fc.record({
  person: fc.nat(2),
  chat: fc.nat(1),
  decision: fc.constantFrom('posted', 'skipped', 'rejected'),
  // Over both ends of the window, and often on a full quarter-hour.
  at: fc.oneof(
    fc.integer({ min: WINDOW.since.getTime() - DAY, max: UNTIL.getTime() + DAY }),
    fc.integer({ min: -10, max: 31 * 96 }).map((quarter) => WINDOW.since.getTime() + quarter * 900_000),
    fc.constantFrom(WINDOW.since.getTime(), UNTIL.getTime(), UNTIL.getTime() - 1),
  ),
  undone: fc.boolean(),
});

async function insert(rows: readonly Row[]): Promise<void> {
  await base.db.delete(decisions);
  if (rows.length === 0) return;
  const items = await base.db
    .insert(queueItems)
    .values(rows.map(({ chat }) => ({ chatId: CHATS[chat] ?? 0, mediaItemId })))
    .returning({ id: queueItems.id });
  await base.db.insert(decisions).values(
    rows.map((each, index) => ({
      queueItemId: items[index]?.id ?? '',
      chatId: CHATS[each.chat] ?? 0,
      mediaItemId,
      userId: PEOPLE[each.person] ?? null,
      decision: each.decision,
      decidedAt: new Date(each.at),
      undoneAt: each.undone ? UNTIL : null,
    })),
  );
}

/** What a wall clock in the zone says. */
function local(at: number, timeZone: string): { date: string; weekday: number; hour: number } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  const date = `${of('year')}-${of('month')}-${of('day')}`;
  return { date, weekday: new Date(`${date}T12:00:00Z`).getUTCDay() || 7, hour: Number(of('hour')) };
}

test.each(ZONES)('decisions per day and per hour of the week are those of a count by hand, in %s', async (timeZone) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 40 }),
      fc.constantFrom('all', 'chat', 'person'),
      async (rows, about) => {
        await insert(rows);
        const mine = rows.filter(
          ({ at, undone, chat, person }) =>
            !undone &&
            at >= WINDOW.since.getTime() &&
            at < UNTIL.getTime() &&
            (about !== 'chat' || chat === 0) &&
            (about !== 'person' || person === 0),
        );
        const filter = {
          ...(about === 'chat' ? { chatIds: [CHATS[0]] } : {}),
          ...(about === 'person' ? { userId: PEOPLE[0] } : {}),
        };
        const found = await times.getDecisionTimes({ ...WINDOW, timeZone }, filter);

        const dates = new Set<string>();
        for (let at = WINDOW.since.getTime(); at < UNTIL.getTime(); at += 900_000) dates.add(local(at, timeZone).date);
        const count = (date: string, decision: string) =>
          mine.filter((each) => each.decision === decision && local(each.at, timeZone).date === date).length;
        expect(found.days).toEqual(
          [...dates].map((date) => ({
            date,
            posted: count(date, 'posted'),
            skipped: count(date, 'skipped'),
            rejected: count(date, 'rejected'),
          })),
        );

        const hours = new Map<string, { weekday: number; hour: number; count: number }>();
        for (const { at } of mine) {
          const { weekday, hour } = local(at, timeZone);
          const known = hours.get(`${weekday} ${hour}`);
          if (known) known.count += 1;
          else hours.set(`${weekday} ${hour}`, { weekday, hour, count: 1 });
        }
        const inOrder = [...hours.values()].sort((a, b) => a.weekday - b.weekday || a.hour - b.hour);
        expect(found.hours).toEqual(inOrder);
      },
    ),
    { numRuns: 12 },
  );
});

test('the sums of days, hours and people are those of the text', async () => {
  const activity = createActivityRepository(base.database);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.boolean(), async (rows, inOneChat) => {
      await insert(rows);
      const filter = inOneChat ? { chatIds: [CHATS[1]] } : {};
      const told = await activity.getContentDecisions(WINDOW, filter);
      const { days, hours } = await times.getDecisionTimes({ ...WINDOW, timeZone: 'Asia/Kathmandu' }, filter);
      const people = await times.getDecisionsByPerson({ ...WINDOW, timeZone: 'UTC' }, filter);
      for (const kind of ['posted', 'skipped', 'rejected'] as const) {
        expect(days.reduce((sum, day) => sum + day[kind], 0)).toBe(told[kind]);
        expect(people.reduce((sum, person) => sum + person[kind], 0)).toBe(told[kind]);
      }
      expect(hours.reduce((sum, { count }) => sum + count, 0)).toBe(told.total_decisions);
      const totals = people.map(({ posted, skipped, rejected }) => posted + skipped + rejected);
      expect(totals).toEqual([...totals].sort((a, b) => b - a));
      expect(new Set(people.map(({ userId }) => userId)).size).toBe(people.length);
    }),
    { numRuns: 15 },
  );
});
