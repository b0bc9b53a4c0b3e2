import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  categoryMix,
  chats,
  type Decision,
  decisions,
  mediaItems,
  mediaLocks,
  queueItems,
  userInteractions,
} from '../../src/db/schema/index.ts';
import { createReportFiguresRepository } from '../../src/reports/report-figures-repository.ts';
import { localDate, periodEnding } from '../../src/reports/report-periods.ts';
import { ownView } from '../../src/reports/report-view.ts';
import type { Services } from '../../src/services.ts';
import type { BotContext } from '../../src/telegram/bot-context.ts';
import { addChat, addPerson, servicesOver, TEAM_CHAT } from '../support/cards.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { addCard, DAY, HOUR } from './report-team.ts';

const OTHER_CHAT = -1009;
/** Midnight of a Monday in UTC, so that the last seven days are the last seven whole days. */
const NOW = new Date('2026-11-16T00:00:00Z');
const MINUTE = 60_000;

let base: TestDatabase;
let services: Services;
let figures: ReturnType<typeof createReportFiguresRepository>;
let people: string[];
beforeAll(async () => {
  base = await testDatabase();
  services = servicesOver(base.database, { now: () => NOW });
  figures = createReportFiguresRepository(base.database);
  await addChat(base.db);
  await addChat(base.db, OTHER_CHAT);
  people = [];
  for (const name of ['Bob', 'Dana', 'Eve']) people.push(await addPerson(base.db, name));
});
afterEach(empty);
afterAll(() => base.close());

async function empty() {
  for (const table of [mediaLocks, decisions, userInteractions, queueItems, mediaItems, categoryMix]) {
    await base.db.delete(table);
  }
}

type RandomCard = {
  chat: number;
  arrived: number;
  waited: number;
  decision: Decision | undefined;
  by: number;
  undone: boolean;
};
const card: fc.Arbitrary<RandomCard> = fc.record({
  chat: fc.nat(1),
  // In minutes before now.
  arrived: fc.integer({ min: 1, max: 16 * 24 * 60 }),
  waited: fc.nat(3000),
  decision: fc.constantFrom('posted', 'skipped', 'rejected', undefined),
  by: fc.nat(2),
  undone: fc.boolean(),
});

async function insert(cards: readonly RandomCard[]) {
  await empty();
  for (const { chat, arrived, waited, decision, by, undone } of cards) {
    const sentAt = new Date(NOW.getTime() - arrived * MINUTE);
    await addCard(base.db, {
      chatId: chat === 0 ? TEAM_CHAT : OTHER_CHAT,
      sentAt,
      decidedAt: new Date(sentAt.getTime() + waited * MINUTE),
      by: people[by] ?? '',
      ...(decision ? { decision } : {}),
      ...(undone ? { undoneBy: people[(by + 1) % 3] ?? '' } : {}),
    });
  }
}

/** /team as an admin asks it in the group, or in private. */
function teamText(inGroup: boolean, days: number) {
  const team = inGroup ? { id: TEAM_CHAT, title: 'Team', timeZone: 'UTC' } : undefined;
  // Exactly now belongs to /team and not to the days before it.
  const ctx = { receivedAt: new Date(NOW.getTime() - 1), team } as unknown as BotContext;
  return services.figures.ofTeam(ctx, days);
}

test('the numbers of /team and of the report are the same, on whatever data', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(card, { maxLength: 12 }), fc.boolean(), async (cards, inGroup) => {
      await insert(cards);
      const team = await teamText(inGroup, 7);
      const { show } = await services.reportReader.read(
        ownView('weekly', inGroup ? TEAM_CHAT : 'all', '2026-11-15'),
        NOW,
      );
      const report = show();
      const said = (label: string) => Number(new RegExp(`${label} +(\\d+)`).exec(report.text.text)?.[1] ?? 0);
      const inTeam = (label: string) => Number(new RegExp(`${label} (\\d+)`).exec(team.text.text)?.[1] ?? 0);
      expect([said('Decided'), said('Posted'), said('Skipped'), said('Rejected')]).toEqual([
        inTeam('Decisions'),
        inTeam('Posted'),
        inTeam('Skipped'),
        inTeam('Rejected'),
      ]);
      const byName = (of: readonly { name: string }[] = []) => of.toSorted((a, b) => a.name.localeCompare(b.name));
      expect(byName(report.picture.people)).toEqual(byName(team.picture.people));
      // Seven daily reports are the weekly one.
      const days = [];
      for (let back = 0; back < 7; back += 1) {
        const end = localDate(NOW, 'UTC')
          .subtract({ days: back + 1 })
          .toString();
        const { picture } = (
          await services.reportReader.read(ownView('daily', inGroup ? TEAM_CHAT : 'all', end), NOW)
        ).show();
        days.unshift(picture.days.at(-1));
      }
      expect(days).toEqual(report.picture.days);
    }),
    { numRuns: 6 },
  );
});

test('the cards that waited at a moment are those that had arrived and were settled later or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(card, { maxLength: 25 }),
      fc.integer({ min: 0, max: 15 * 24 * 60 }),
      async (cards, back) => {
        await insert(cards);
        const at = NOW.getTime() - back * MINUTE;
        const waiting = cards.filter(({ arrived, waited, decision, undone }) => {
          const sentAt = NOW.getTime() - arrived * MINUTE;
          const isOpen = decision === undefined || undone;
          // What is decided in the future of the present has not happened yet, whatever its row says.
          const decidedAt = sentAt + waited * MINUTE;
          return sentAt < at && (isOpen || (decidedAt >= at && decidedAt <= NOW.getTime()));
        });
        expect(await figures.getWaiting(new Date(at), NOW, undefined)).toEqual({
          count: waiting.length,
          oldest:
            waiting.length === 0
              ? null
              : new Date(Math.min(...waiting.map(({ arrived }) => NOW.getTime() - arrived * MINUTE))),
        });
        const here = waiting.filter(({ chat }) => chat === 0).length;
        expect((await figures.getWaiting(new Date(at), NOW, [TEAM_CHAT])).count).toBe(here);
      },
    ),
    { numRuns: 10 },
  );
});

test('a card that left the queue undecided waited until the chat’s patience was over', async () => {
  const sentAt = new Date(NOW.getTime() - 5 * DAY);
  await addCard(base.db, { chatId: TEAM_CHAT, sentAt, status: 'cancelled' });
  const counts = [];
  for (const hours of [-1, 1, 47, 49]) {
    counts.push((await figures.getWaiting(new Date(sentAt.getTime() + hours * HOUR), NOW, [TEAM_CHAT])).count);
  }
  expect(counts).toEqual([0, 1, 1, 0]);
});

test.each([
  ['UTC', [18]],
  ['Asia/Kolkata', [23]],
  ['America/New_York', [13]],
])('hours are those in which cards arrived, in %s', async (timeZone, hours) => {
  const sentAt = new Date('2026-11-12T18:05:00Z');
  for (const [decision, waited] of [
    ['posted', 3 * HOUR],
    ['rejected', 20 * HOUR],
    ['posted', 0],
  ] as const) {
    await addCard(base.db, { chatId: TEAM_CHAT, sentAt, decision, decidedAt: new Date(sentAt.getTime() + waited) });
  }
  const window = { since: new Date(NOW.getTime() - 7 * DAY), until: NOW, timeZone };
  expect(await figures.getArrivalHours(window, [TEAM_CHAT])).toEqual(
    hours.map((hour) => ({ hour, posted: 2, decided: 3 })),
  );
  expect(await figures.getArrivalHours(window, [OTHER_CHAT])).toEqual([]);
});

const week = () => periodEnding('2026-11-15', 7, 'UTC');

test('a rejection that was asked for and not confirmed is abandoned; presses on one card are one', async () => {
  const [bob] = people;
  const at = new Date(NOW.getTime() - DAY);
  const press = (queueItemId: string, when: Date, more: object = {}) =>
    base.db.insert(userInteractions).values({
      userId: bob ?? '',
      interactionType: 'callback',
      interactionName: 'reject',
      telegramChatId: TEAM_CHAT,
      createdAt: when,
      context: { queue_item_id: queueItemId, ...more },
    });
  const confirmed = await addCard(base.db, { chatId: TEAM_CHAT, sentAt: at, decidedAt: at, decision: 'rejected' });
  const undone = await addCard(base.db, {
    chatId: TEAM_CHAT,
    sentAt: at,
    decidedAt: at,
    decision: 'rejected',
    undoneBy: bob ?? '',
  });
  const posted = await addCard(base.db, { chatId: TEAM_CHAT, sentAt: at, decidedAt: at, decision: 'posted' });
  const open = await addCard(base.db, { chatId: TEAM_CHAT, sentAt: at });
  const before = new Date(at.getTime() - MINUTE);
  for (const { queueItemId } of [confirmed, undone, posted, open, open]) await press(queueItemId, before);
  await press(open.queueItemId, before, { outcome: 'denied' });
  await press('no id of ours', before);
  expect(await figures.getRejections(week(), [TEAM_CHAT])).toEqual({ asked: 4, abandoned: 2 });
  expect(await figures.getRejections(week(), [OTHER_CHAT])).toEqual({ asked: 0, abandoned: 0 });
});

test('disagreement is what somebody else took back, and what one rejected and another one did not', async () => {
  const [bob = '', dana = ''] = people;
  const at = new Date(NOW.getTime() - DAY);
  const long = new Date(NOW.getTime() - 30 * DAY);
  const add = (more: Partial<Parameters<typeof addCard>[1]>) =>
    addCard(base.db, { chatId: TEAM_CHAT, sentAt: at, ...more });
  await add({ decision: 'posted', by: bob, undoneBy: dana });
  await add({ decision: 'posted', by: bob, undoneBy: bob });
  const { mediaItemId } = await add({ decision: 'posted', by: bob, sentAt: long });
  await add({ decision: 'rejected', by: dana, mediaItemId });
  const skipped = await add({ decision: 'skipped', by: bob, sentAt: long });
  await add({ decision: 'posted', by: dana, mediaItemId: skipped.mediaItemId });
  const own = await add({ decision: 'posted', by: bob, sentAt: long });
  await add({ decision: 'rejected', by: bob, mediaItemId: own.mediaItemId });
  expect(await figures.getDisagreement(week(), [TEAM_CHAT])).toEqual({ undone: 1, verdicts: 1 });
  expect(await figures.getDisagreement(week(), [OTHER_CHAT])).toEqual({ undone: 0, verdicts: 0 });
});

test('dead content lies in the library for over 30 days, was never posted and is not planned', async () => {
  const old = new Date(NOW.getTime() - 31 * DAY);
  const media = await base.db
    .insert(mediaItems)
    .values([
      { fileName: 'dead.jpg', createdAt: old },
      { fileName: 'older.jpg', createdAt: new Date(old.getTime() - DAY) },
      { fileName: 'young.jpg', createdAt: new Date(NOW.getTime() - 29 * DAY) },
      { fileName: 'posted.jpg', createdAt: old, timesPosted: 1, lastPostedAt: old },
      { fileName: 'gone.jpg', createdAt: old, isActive: false },
      { fileName: 'planned.jpg', createdAt: old },
      { fileName: 'rejected.jpg', createdAt: old },
    ])
    .returning({ id: mediaItems.id });
  await base.db.insert(queueItems).values({ chatId: TEAM_CHAT, mediaItemId: media[5]?.id ?? '', scheduledFor: NOW });
  await base.db.insert(mediaLocks).values({ mediaItemId: media[6]?.id ?? '', reason: 'permanent_reject' });
  expect(await figures.getDeadContent(NOW, [TEAM_CHAT])).toEqual({
    count: 2,
    label: 'older.jpg',
    since: new Date(old.getTime() - DAY),
  });
  expect((await figures.getDeadContent(NOW, [OTHER_CHAT])).count).toBe(3);
});

test('posts per category stand against the mix that held at the end of the time', async () => {
  const changed = new Date(NOW.getTime() - 10 * DAY);
  await base.db.insert(categoryMix).values([
    { chatId: TEAM_CHAT, category: 'nature', ratio: 1, validFrom: new Date(0), validTo: changed },
    { chatId: TEAM_CHAT, category: 'nature', ratio: 0.7, validFrom: changed },
    { chatId: TEAM_CHAT, category: 'people', ratio: 0.3, validFrom: changed },
  ]);
  const sentAt = new Date(NOW.getTime() - DAY);
  for (const category of ['nature', 'quotes'])
    await addCard(base.db, { chatId: TEAM_CHAT, sentAt, decision: 'posted', category });
  await addCard(base.db, { chatId: TEAM_CHAT, sentAt, decision: 'skipped', category: 'people' });
  expect(await figures.getCategoryPosts(week(), TEAM_CHAT)).toEqual([
    { category: 'nature', wanted: 0.7, posted: 1 },
    { category: 'people', wanted: 0.3, posted: 0 },
    { category: 'quotes', wanted: 0, posted: 1 },
  ]);
  expect(
    await figures.getCategoryPosts({ since: new Date(0), until: new Date(changed.getTime() - DAY) }, TEAM_CHAT),
  ).toEqual([{ category: 'nature', wanted: 1, posted: 0 }]);
  expect(await figures.getCategoryPosts(week(), OTHER_CHAT)).toEqual([]);
});

test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'])(
  'a day of a report is the local one in %s, whatever the clocks do on it',
  async (timeZone) => {
    await base.db.update(chats).set({ timeZone });
    services.chats.forget(TEAM_CHAT);
    const days = {
      'Europe/Berlin': '2026-10-25',
      'America/New_York': '2026-11-01',
      'Australia/Lord_Howe': '2026-10-04',
    };
    const end = days[timeZone as keyof typeof days];
    const { since, until } = periodEnding(end, 1, timeZone);
    for (const at of [since.getTime() - 1, since.getTime(), until.getTime() - 1, until.getTime()]) {
      await addCard(base.db, { chatId: TEAM_CHAT, sentAt: new Date(at), decision: 'posted' });
    }
    const { show } = await services.reportReader.read(ownView('daily', TEAM_CHAT, end), NOW);
    expect(show().text.text).toMatch(/Decided +2 +1 +0\n/);
    await base.db.update(chats).set({ timeZone: 'UTC' });
    services.chats.forget(TEAM_CHAT);
  },
);
