import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { categoryMix, chats, mediaItems, mediaLocks, queueItems } from '../../src/db/schema/index.ts';
import { createCategoryMixRepository } from '../../src/media/category-mix-repository.ts';
import { createKeepPlanJob } from '../../src/queue/keep-plan-job.ts';
import { createMediaChoice } from '../../src/queue/media-choice-repository.ts';
import { createPlanRepository, rescheduleOverdueIn } from '../../src/queue/plan-repository.ts';
import { localDay, slotsOfDay, windowOf } from '../../src/queue/slots.ts';
import type { Chat } from '../../src/settings/chat-repository.ts';
import { addMedia, servicesOver, TEAM_CHAT } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { NOON } from '../support/team.ts';

const HOUR = 3_600_000;
const database = await testDatabase();
const { db } = database;
afterAll(database.close);
const { plan, queue, media } = servicesOver(database.database);

beforeEach(async () => {
  await db.execute(
    sql`truncate chats, media_items, queue_items, decisions, media_locks, category_mix, audit_log cascade`,
  );
  await db.insert(chats).values({ id: TEAM_CHAT, title: 'Team', timeZone: 'Europe/Berlin', jitterMinutes: 0 });
});

const set = (changes: Partial<Chat>) => db.update(chats).set(changes).where(eq(chats.id, TEAM_CHAT));
async function team(): Promise<Chat> {
  const [chat] = await db.select().from(chats).where(eq(chats.id, TEAM_CHAT));
  if (!chat) throw new Error('no chat');
  return chat;
}
const hours = (count: number) => new Date(NOON.getTime() + count * HOUR);
const pending = () =>
  db
    .select({
      id: queueItems.id,
      media: queueItems.mediaItemId,
      at: queueItems.scheduledFor,
      category: mediaItems.category,
    })
    .from(queueItems)
    .innerJoin(mediaItems, eq(mediaItems.id, queueItems.mediaItemId))
    .where(eq(queueItems.status, 'pending'))
    .orderBy(queueItems.scheduledFor);
/** The times of the plan in Berlin: `20 14:00`. */
async function times(timeZone = 'Europe/Berlin'): Promise<string[]> {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, day: '2-digit', hour: '2-digit', minute: '2-digit' });
  return (await pending()).map(({ at }) => format.format(at).replace(', ', ' '));
}
async function setMix(ratios: Record<string, number>, validFrom = NOON): Promise<void> {
  await db
    .insert(categoryMix)
    .values(Object.entries(ratios).map(([category, ratio]) => ({ chatId: TEAM_CHAT, category, ratio, validFrom })));
}

describe('planning', () => {
  test('fills every slot of the days ahead, and says until when', async () => {
    await addMedia(db, 30);
    expect(await plan.extend(TEAM_CHAT, 7, NOON)).toEqual({
      planned: 21,
      byCategory: [{ category: null, count: 21 }],
      empty: 0,
      ranOut: [],
      until: new Date('2026-11-27T01:00:00Z'),
    });
    const planned = await times();
    expect(planned.slice(0, 4)).toEqual(['20 14:00', '20 18:00', '20 22:00', '21 14:00']);
    expect(planned.at(-1)).toBe('26 22:00');
    expect(new Set((await pending()).map((one) => one.media)).size).toBe(21);
  });

  test('the same days twice adds nothing; more days go on after what is planned', async () => {
    await addMedia(db, 40);
    await plan.extend(TEAM_CHAT, 7, NOON);
    const before = await pending();
    expect(await plan.extend(TEAM_CHAT, 7, NOON)).toMatchObject({ planned: 0, empty: 0 });
    expect(await plan.extend(TEAM_CHAT, 9, NOON)).toMatchObject({ planned: 6 });
    expect((await pending()).slice(0, 21)).toEqual(before);
    expect((await times()).at(-1)).toBe('28 22:00');
  });

  test('with jitter, too, the same days twice adds nothing, and every post is in its window', async () => {
    await set({ jitterMinutes: 30 });
    await addMedia(db, 40);
    await plan.extend(TEAM_CHAT, 7, NOON);
    const before = await pending();
    expect(await plan.extend(TEAM_CHAT, 7, hours(1))).toMatchObject({ planned: 0 });
    expect(await pending()).toEqual(before);
    expect(new Set(before.map(({ at }) => at.getTime())).size).toBe(21);
    expect((await times()).every((at) => !/ (0[2-9]|1[0-3]):/.test(at))).toBe(true);
  });

  test('two at once do not plan twice', async () => {
    await addMedia(db, 60);
    // On a busy machine two plans take longer than the 300 ms for which anybody waits for another's lock.
    const { plan: patient } = servicesOver(database.open({ lockTimeoutMs: 10_000 }));
    const results = await Promise.all([7, 7, 7].map((days) => patient.extend(TEAM_CHAT, days, NOON)));
    expect(results.map(({ planned }) => planned).sort((a, b) => a - b)).toEqual([0, 0, 21]);
    expect(await pending()).toHaveLength(21);
  });

  test('fills gaps and leaves what is planned where it is; what was uploaded holds its slot', async () => {
    const ids = await addMedia(db, 30);
    const upload = ids[29] ?? '';
    const slot = await queue.enqueue({ chat: await team(), mediaItemId: upload, userId: null, now: NOON });
    await plan.extend(TEAM_CHAT, 2, NOON);
    const [, gap] = await pending();
    await db
      .update(queueItems)
      .set({ status: 'cancelled' })
      .where(eq(queueItems.id, gap?.id ?? ''));
    expect(await plan.extend(TEAM_CHAT, 2, NOON)).toMatchObject({ planned: 1 });
    expect(await times()).toEqual(['20 14:00', '20 18:00', '20 22:00', '21 14:00', '21 18:00', '21 22:00']);
    expect((await pending())[0]).toMatchObject({ media: upload, at: slot });
  });

  test('with too little in the library the last slots stay empty, and it says until when something is planned', async () => {
    await addMedia(db, 4);
    expect(await plan.extend(TEAM_CHAT, 2, NOON)).toMatchObject({
      planned: 4,
      empty: 2,
      until: new Date('2026-11-21T13:00:00Z'),
    });
    expect(await times()).toEqual(['20 14:00', '20 18:00', '20 22:00', '21 14:00']);
    expect(await plan.extend(TEAM_CHAT, 2, NOON)).toMatchObject({ planned: 0, empty: 2 });
  });

  test('with nothing in the library nothing is planned, and there is no until', async () => {
    expect(await plan.extend(TEAM_CHAT, 1, NOON)).toMatchObject({ planned: 0, empty: 3, until: null });
  });

  test('30 days of 50 posts from a library of 20 000 are planned within ten seconds', { timeout: 30_000 }, async () => {
    await db.execute(sql`
      insert into media_items (file_name, telegram_file_id, sha256, category)
      select 'n ' || n, 'file ' || n, md5(n::text), (array['nature', 'people', 'food'])[n % 3 + 1]
      from generate_series(1, 20000) n`);
    await db.execute(sql`
      insert into media_locks (media_item_id, reason, locked_until)
      select id, 'recent_post', '2027-01-01' from media_items limit 10000`);
    await set({ postsPerDay: 50 });
    await setMix({ nature: 0.5, people: 0.3, food: 0.2 });
    const begun = performance.now();
    expect(await plan.extend(TEAM_CHAT, 30, NOON)).toMatchObject({ planned: 1500, empty: 0 });
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

describe('selection', () => {
  test('takes what was never posted first, then what was posted longest ago', async () => {
    const [recent = '', older = '', never = ''] = await addMedia(db, 3);
    await db
      .update(mediaItems)
      .set({ lastPostedAt: hours(-900), timesPosted: 1 })
      .where(eq(mediaItems.id, recent));
    await db
      .update(mediaItems)
      .set({ lastPostedAt: hours(-2000), timesPosted: 4 })
      .where(eq(mediaItems.id, older));
    await plan.extend(TEAM_CHAT, 1, NOON);
    expect((await pending()).map((one) => one.media)).toEqual([never, older, recent]);
  });

  test('takes nothing that is switched off, locked, for ever or for a time, or queued in this chat', async () => {
    const [off = '', forEver = '', resting = '', rested = '', waiting = '', elsewhere = ''] = await addMedia(db, 6);
    await db.update(mediaItems).set({ isActive: false }).where(eq(mediaItems.id, off));
    await db.insert(mediaLocks).values([
      { mediaItemId: forEver, reason: 'permanent_reject' },
      { mediaItemId: resting, reason: 'skip', lockedUntil: hours(1) },
      { mediaItemId: rested, reason: 'skip', lockedUntil: NOON },
    ]);
    await db.insert(chats).values({ id: -2, title: 'Other' });
    await db.insert(queueItems).values([
      { chatId: TEAM_CHAT, mediaItemId: waiting, status: 'delivered', scheduledFor: hours(-48) },
      { chatId: -2, mediaItemId: elsewhere, scheduledFor: hours(2) },
    ]);
    expect(await plan.extend(TEAM_CHAT, 1, NOON)).toMatchObject({ planned: 2, empty: 1 });
    const inThisChat = (await db.select().from(queueItems)).filter((one) => one.chatId === TEAM_CHAT);
    expect(new Set(inThisChat.map((one) => one.mediaItemId))).toEqual(new Set([waiting, rested, elsewhere]));
  });

  test('takes nothing whose content was rejected or is queued under another item', async () => {
    const [oldRejected = ''] = await addMedia(db, 1, { sha256: 'a', isActive: false });
    const [oldQueued = ''] = await addMedia(db, 1, { sha256: 'b', isActive: false });
    const [oldFree = ''] = await addMedia(db, 1, { sha256: 'c', isActive: false });
    await addMedia(db, 1, { sha256: 'a' });
    await addMedia(db, 1, { sha256: 'b' });
    const [free = ''] = await addMedia(db, 1, { sha256: 'c' });
    await db.insert(mediaLocks).values({ mediaItemId: oldRejected, reason: 'permanent_reject' });
    await db
      .insert(queueItems)
      .values({ chatId: TEAM_CHAT, mediaItemId: oldQueued, status: 'delivered', scheduledFor: hours(-48) });
    expect(oldFree).not.toBe('');
    expect(await plan.extend(TEAM_CHAT, 1, NOON)).toMatchObject({ planned: 1 });
    expect((await pending()).map((one) => one.media)).toEqual([free]);
  });

  test('a ranking goes before the library’s own order', async () => {
    const names = ['dull', 'good', 'best'];
    for (const fileName of names) await addMedia(db, 1, { fileName });
    const choose = createMediaChoice({
      mix: createCategoryMixRepository(database.database),
      ranking: (chatId) =>
        sql`case when ${chatId} = ${TEAM_CHAT} then length(m.file_name) - (m.file_name = 'dull')::int end`,
    });
    const ranked = createPlanRepository(database.database, { choose });
    await db
      .update(mediaItems)
      .set({ lastPostedAt: hours(-2000) })
      .where(eq(mediaItems.fileName, 'best'));
    await ranked.extend(TEAM_CHAT, 1, NOON);
    const items = await Promise.all((await pending()).map((one) => media.byId(one.media)));
    // "good" and "best" are equally long, and one of them was never posted.
    expect(items.map((item) => item?.fileName)).toEqual(['good', 'best', 'dull']);
  });
});

describe('a category mix', () => {
  test('is planned by its ratios, mixed evenly', async () => {
    await addMedia(db, 30, { category: 'nature' });
    await addMedia(db, 30, { category: 'people' });
    await setMix({ nature: 0.7, people: 0.3 });
    expect(await plan.extend(TEAM_CHAT, 7, NOON)).toMatchObject({
      byCategory: [
        { category: 'nature', count: 15 },
        { category: 'people', count: 6 },
      ],
      ranOut: [],
    });
    const order = (await pending()).map(({ category }) => category?.[0]).join('');
    expect(order).toBe('npnnnpnnpnnnpnnpnnnpn');
  });

  test('counts what is planned already and what was posted since it holds, so days of one post even out', async () => {
    await addMedia(db, 30, { category: 'nature' });
    await addMedia(db, 30, { category: 'people' });
    await set({ postsPerDay: 1 });
    await setMix({ nature: 0.7, people: 0.3 });
    for (let day = 0; day < 10; day += 1) {
      const now = hours(24 * day);
      await plan.extend(TEAM_CHAT, 1, now);
      await db.update(queueItems).set({ status: 'posted' }).where(eq(queueItems.status, 'pending'));
    }
    const rows = await db.select().from(queueItems).innerJoin(mediaItems, eq(mediaItems.id, queueItems.mediaItemId));
    expect(rows.filter((row) => row.media_items.category === 'people')).toHaveLength(3);
  });

  test('what was posted before the mix was changed does not count', async () => {
    const old = await addMedia(db, 10, { category: 'people' });
    await addMedia(db, 20, { category: 'people' });
    await addMedia(db, 30, { category: 'nature' });
    await db.insert(queueItems).values(
      old.map((mediaItemId) => ({
        chatId: TEAM_CHAT,
        mediaItemId,
        status: 'posted' as const,
        scheduledFor: hours(-30),
      })),
    );
    await setMix({ nature: 0.5, people: 0.5 });
    const { byCategory } = await plan.extend(TEAM_CHAT, 2, NOON);
    expect(byCategory.map(({ count }) => count)).toEqual([3, 3]);
  });

  test('falls back to any category where one has run out, and names it', async () => {
    await addMedia(db, 20, { category: 'nature' });
    await addMedia(db, 1, { category: 'people' });
    await addMedia(db, 1, { category: 'food' });
    await setMix({ nature: 0.5, people: 0.5 });
    const extension = await plan.extend(TEAM_CHAT, 2, NOON);
    expect(extension).toMatchObject({ planned: 6, empty: 0, ranOut: ['people'] });
    expect(extension.byCategory.find(({ category }) => category === 'people')?.count).toBe(1);
  });

  test('a category without any medium left is no hole in the plan when the others do not suffice either', async () => {
    await addMedia(db, 2, { category: 'nature' });
    await setMix({ nature: 0.5, people: 0.5 });
    expect(await plan.extend(TEAM_CHAT, 1, NOON)).toMatchObject({ planned: 2, empty: 1, ranOut: ['people'] });
    expect(await times()).toEqual(['20 14:00', '20 18:00']);
  });
});

describe('changed settings', () => {
  test('move what is planned onto the new slots, in order', async () => {
    await addMedia(db, 30);
    await plan.extend(TEAM_CHAT, 2, NOON);
    const before = (await pending()).map(({ id }) => id);
    await set({ postsPerDay: 2, windowStart: '09:00', windowEnd: '21:00' });
    expect(await plan.reslot(TEAM_CHAT, NOON)).toEqual({ moved: 6, next: new Date('2026-11-20T14:00:00Z') });
    expect((await pending()).map(({ id }) => id)).toEqual(before);
    expect(await times()).toEqual(['20 15:00', '21 09:00', '21 15:00', '22 09:00', '22 15:00', '23 09:00']);
    expect(await plan.reslot(TEAM_CHAT, NOON)).toMatchObject({ moved: 0 });
  });

  test('and back again end at the same times, jitter included', async () => {
    await set({ jitterMinutes: 30 });
    await addMedia(db, 30);
    await plan.extend(TEAM_CHAT, 3, NOON);
    const before = await pending();
    await set({ jitterMinutes: 5, postsPerDay: 7 });
    await plan.reslot(TEAM_CHAT, NOON);
    expect(await pending()).not.toEqual(before);
    await set({ jitterMinutes: 30, postsPerDay: 3 });
    await plan.reslot(TEAM_CHAT, NOON);
    expect(await pending()).toEqual(before);
  });

  test('leave what is due as it is', async () => {
    await addMedia(db, 30);
    await plan.extend(TEAM_CHAT, 2, NOON);
    const [first] = await pending();
    await set({ windowStart: '10:00', windowEnd: '22:00' });
    const now = hours(2.5);
    expect(await plan.reslot(TEAM_CHAT, now)).toMatchObject({ next: first?.at });
    // What is due holds the slot of 14:00 (12:00 to 16:00), in which it lies.
    expect(await times()).toEqual(['20 14:00', '20 18:00', '21 10:00', '21 14:00', '21 18:00', '22 10:00']);
  });

  test('do not post again in the place of what went out a moment ago', async () => {
    await addMedia(db, 30);
    await plan.extend(TEAM_CHAT, 1, NOON);
    const jittered = { ...(await team()), jitterMinutes: 30 };
    // A day on which the jitter puts the first slot later than the even place in which the first post went out.
    const day = Array.from({ length: 60 }, (_, days) => localDay(NOON, 'Europe/Berlin').add({ days })).find(
      (one) => (slotsOfDay(one, jittered)[0]?.at ?? NOON) > new Date(windowOf(one, jittered).start.getTime() + 600_000),
    );
    if (!day) throw new Error('no such day');
    const start = windowOf(day, jittered).start;
    await db.execute(
      sql`update queue_items set scheduled_for = scheduled_for + ${`${(start.getTime() - hours(2).getTime()) / 1000} s`}::interval`,
    );
    const sent = new Date(start.getTime() + 3_000);
    await db
      .update(queueItems)
      .set({ status: 'delivered', sendingSince: sent, sentAt: sent })
      .where(eq(queueItems.scheduledFor, start));
    await set({ jitterMinutes: 30 });
    await plan.reslot(TEAM_CHAT, new Date(start.getTime() + 10_000));
    const [, second, third] = slotsOfDay(day, jittered);
    expect((await pending()).map(({ at }) => at)).toEqual([second?.at, third?.at]);
  });

  test('C11: a zone changed at noon gives the next slots in the new zone, none lost or doubled', async () => {
    await set({ jitterMinutes: 30 });
    await addMedia(db, 60);
    await plan.extend(TEAM_CHAT, 7, hours(-24));
    const sent = (await pending()).filter(({ at }) => at <= NOON).length;
    await db
      .update(queueItems)
      .set({ status: 'posted', sendingSince: NOON })
      .where(sql`scheduled_for <= ${NOON.toISOString()}`);
    const before = (await pending()).map(({ id }) => id);
    for (const timeZone of ['America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia']) {
      await set({ timeZone });
      await plan.reslot(TEAM_CHAT, NOON);
      const now = await pending();
      expect(now.map(({ id }) => id)).toEqual(before);
      expect(now).toHaveLength(21 - sent);
      const instants = now.map(({ at }) => at.getTime());
      expect(instants).toEqual([...new Set(instants)].sort((a, b) => a - b));
      expect(instants.every((at) => at > NOON.getTime())).toBe(true);
      expect((await times(timeZone)).every((at) => !/ (0[2-9]|1[0-3]):/.test(at))).toBe(true);
    }
  });

  test('moving overdue posts keeps the order, and what comes later stays unless its slot is needed', async () => {
    await addMedia(db, 30);
    await plan.extend(TEAM_CHAT, 3, NOON);
    const before = (await pending()).map(({ id }) => id);
    const now = hours(6.5);
    const result = await db.transaction((tx) => rescheduleOverdueIn(tx, TEAM_CHAT, now));
    expect(result.next).toEqual(new Date('2026-11-20T21:00:00Z'));
    expect((await pending()).map(({ id }) => id)).toEqual(before);
    expect((await times()).slice(0, 4)).toEqual(['20 22:00', '21 14:00', '21 18:00', '21 22:00']);
    expect(await times()).toHaveLength(9);
    // A free day in between takes the push up: what is behind it stays.
    await db
      .delete(queueItems)
      .where(sql`scheduled_for >= '2026-11-21T00:00Z' and scheduled_for < '2026-11-22T23:00Z'`);
    const [first, ...rest] = await pending();
    await db
      .update(queueItems)
      .set({ scheduledFor: hours(6) })
      .where(eq(queueItems.id, first?.id ?? ''));
    expect(await db.transaction((tx) => rescheduleOverdueIn(tx, TEAM_CHAT, now))).toMatchObject({ moved: 1 });
    expect((await pending()).slice(1)).toEqual(rest);
  });
});

test('the plan is kept as long as the chat wants, but not of paused chats, and not when it is held', async () => {
  await addMedia(db, 60);
  const keepPlan = (now: Date) => servicesOver(database.database, { now: () => now }).keepPlan();
  expect(await keepPlan(NOON)).toBe(21);
  expect(await keepPlan(hours(9.9))).toBe(0);
  // Today's last slot has passed: Saturday's window is the first one now, and next Friday's is missing.
  expect(await keepPlan(hours(10.1))).toBe(3);
  expect(await keepPlan(hours(33.9))).toBe(0);
  await set({ isPaused: true, pausedAt: NOON });
  expect(await keepPlan(hours(72))).toBe(0);
  await set({ isPaused: false, pausedAt: null, planDays: 30 });
  expect(await keepPlan(hours(72))).toBeGreaterThan(0);
  const held = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const holding = database.open().db.transaction(async (tx) => {
    await tx.execute(sql`select from chats for update`);
    taken.resolve();
    await held.promise;
  });
  await taken.promise;
  expect(await keepPlan(hours(72 + 24 * 8))).toBe(0);
  held.resolve();
  await holding;
});

test('a plan that cannot be extended because of a bug does not pass as one that is held', async () => {
  const broken = createKeepPlanJob({
    plan: { extend: () => Promise.reject(new Error('a bug')) },
    chats: servicesOver(database.database).chats,
    clock: { now: () => NOON },
    logger: servicesOver(database.database).logger,
  });
  await expect(broken()).rejects.toThrow('a bug');
});
