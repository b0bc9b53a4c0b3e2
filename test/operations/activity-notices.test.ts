import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alerts as alertTable, chatMembers, chats, decisions, queueItems, users } from '../../src/db/schema/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createAlerts } from '../../src/operations/alerts.ts';
import { createAlertRepository } from '../../src/operations/alerts-repository.ts';
import { createUnusualActivityJob } from '../../src/operations/unusual-activity-job.ts';
import { createUnusualActivityRepository } from '../../src/operations/unusual-activity-repository.ts';
import { createChatRepository } from '../../src/settings/chat-repository.ts';
import type { Text } from '../../src/telegram/text.ts';
import { createUserRepository } from '../../src/users/user-repository.ts';
import { addCards, addChat, addMedia, addPerson, TEAM_CHAT } from '../support/cards.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { HOSTILE } from '../support/hostile.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Friday, ten past three in the afternoon in Berlin: the hour that is looked at is 14:00 to 15:00. */
const NOW = new Date('2026-11-20T14:10:00Z');

let database: TestDatabase;
let now: Date;
let read: Text[];
let bob: string;
let dana: string;
beforeEach(async () => {
  database = await testDatabase();
  now = NOW;
  read = [];
  await addChat(database.db);
  await set({ timeZone: 'Europe/Berlin', createdAt: new Date('2026-01-01T00:00:00Z') });
  bob = await addPerson(database.db, 'Bob');
  dana = await addPerson(database.db, 'Dana');
});
afterEach(() => database.close());

const set = (values: Partial<typeof chats.$inferInsert>) => database.db.update(chats).set(values);

/** One look of a process that has just started. */
async function look(at: Date = now): Promise<string[]> {
  now = at;
  const { database: whole } = database;
  const clock = { now: () => now };
  const notices = {
    tell: async (text: Text) => {
      read.push(text);
      return 'told' as const;
    },
    prepare: async () => {},
  };
  const alerts = createAlerts({
    alerts: createAlertRepository(whole),
    notices,
    timeZone: 'UTC',
    clock,
    logger: silentLogger(),
  });
  const job = createUnusualActivityJob({
    activity: createUnusualActivityRepository(whole),
    alerts,
    chats: createChatRepository(whole),
    users: createUserRepository(whole),
  });
  const before = read.length;
  const run = {
    job: 'watch-activity',
    slot: now,
    chatId: undefined,
    isLate: false,
    now,
    signal: new AbortController().signal,
  };
  expect(await job(run)).toMatchObject({ outcome: 'done' });
  await alerts.tellWaiting();
  return read.slice(before).map(({ text }) => text);
}

/** `count` interactions within the hour that begins then, in the team chat. */
async function act(userId: string, hour: Date, count: number, context = '{}'): Promise<void> {
  await database.db.execute(sql`
    insert into user_interactions (user_id, interaction_type, interaction_name, telegram_chat_id, context, created_at)
    select ${userId}, 'callback', 'posted', ${TEAM_CHAT}, ${context}::jsonb,
           ${hour.toISOString()}::timestamptz + make_interval(secs => n * 3599.0 / ${count})
    from generate_series(1, ${count}::int) n`);
}

/** Bob and Dana are usually about this busy at this hour of the week, as the clocks on the wall show it there. */
async function usually(hour: Date, count: number, timeZone = 'Europe/Berlin', weeks = 8): Promise<void> {
  await database.db.execute(sql`
    insert into user_interactions (user_id, interaction_type, interaction_name, telegram_chat_id, created_at)
    select who.id, 'callback', 'posted', ${TEAM_CHAT},
           (${hour.toISOString()}::timestamptz at time zone ${timeZone} - make_interval(weeks => week)) at time zone ${timeZone}
             + make_interval(hours => beside) + make_interval(mins => n)
    from generate_series(1, ${weeks}::int) week, generate_series(-1, 1) beside,
      (values (${bob}::uuid, ${Math.ceil(count / 2)}::int, 2), (${dana}::uuid, ${Math.floor(count / 2)}::int, 9)) who(id, count, every),
      lateral generate_series(1, who.count + case when week % who.every = 1 then 1 else 0 end) n`);
}

/** Cards that were decided, `apartMs` after each other, the last one then. Returns their ids. */
async function decide(userId: string, decision: 'posted' | 'rejected', last: Date, count: number, apartMs: number) {
  const cards = await addCards(database.db, await addMedia(database.db, count));
  await database.db.update(queueItems).set({ status: decision });
  const rows = cards.map((queueItemId, index) => ({
    queueItemId,
    chatId: TEAM_CHAT,
    mediaItemId: sql`(select media_item_id from queue_items where id = ${queueItemId})`,
    userId,
    decision,
    decidedAt: new Date(last.getTime() - (count - 1 - index) * apartMs),
  }));
  await database.db.insert(decisions).values(rows);
  return cards;
}

const HOURS: readonly (readonly [string, string])[] = [
  ['Europe/Berlin', '2026-11-20T14:00:00Z'],
  // Clocks went back on 1 November here, so half of the weeks lie an hour off in UTC.
  ['America/New_York', '2026-11-20T14:00:00Z'],
  ['Asia/Kolkata', '2026-11-20T14:00:00Z'],
];

describe('a team that is busier than usual', () => {
  test.each(HOURS)('is told once, and once when it is as usual again, by the hours of %s', async (timeZone, end) => {
    await set({ timeZone, quietStart: '00:00', quietEnd: '00:00' });
    const hour = new Date(Date.parse(end) - HOUR);
    await usually(hour, 6, timeZone);
    await act(bob, hour, 30);
    await act(dana, hour, 4);
    const [told, ...more] = await look(new Date(Date.parse(end) + 10 * MINUTE));
    expect(more).toEqual([]);
    expect(told).toContain('📈 Team: unusually busy\n34 interactions by 2 people, 30 by one of them, ');
    expect(told).toContain(`(${timeZone}).\nUsual at this hour of the week: 6.5, give or take 2.5 (from 8 weeks).`);
    expect(told).toContain('That is 10.8 times the usual spread; I speak from 5 on.');
    await act(bob, new Date(end), 40);
    expect(await look(new Date(Date.parse(end) + 70 * MINUTE))).toEqual([]);
    const [again] = await look(new Date(Date.parse(end) + 130 * MINUTE));
    expect(again).toMatch(/^✅ Team: as busy as usual again, 0 interactions, /);
    expect(await look(new Date(Date.parse(end) + 190 * MINUTE))).toEqual([]);
  });

  test('is told nothing before four weeks of history, nor when it is switched off', async () => {
    const hour = new Date('2026-11-20T13:00:00Z');
    await usually(hour, 6, 'Europe/Berlin', 3);
    await act(bob, hour, 60);
    expect(await look()).toEqual([]);
    await act(bob, new Date(hour.getTime() - 28 * DAY - HOUR), 1);
    await set({ unusualFrom: 0 });
    expect(await look()).toEqual([]);
    await set({ unusualFrom: 5 });
    expect(await look()).toHaveLength(1);
    // Switched off meanwhile: forgotten without a word.
    await set({ unusualFrom: 0 });
    expect(await look(new Date(NOW.getTime() + HOUR))).toEqual([]);
    expect(await database.db.select().from(alertTable)).toEqual([]);
  });

  test('is told nothing of what was undone, refused, or done in other chats', async () => {
    const hour = new Date('2026-11-20T13:00:00Z');
    await usually(hour, 6);
    await act(bob, hour, 30, '{"outcome": "denied"}');
    await act(bob, hour, 30, '{"undone_at": "2026-11-20T13:30:00Z"}');
    await database.db.execute(
      sql`update user_interactions set telegram_chat_id = -5 where not counts and context ? 'outcome'`,
    );
    expect(await look()).toEqual([]);
  });

  test('hears in quiet hours nothing, and when they end only what is still so', async () => {
    const hour = new Date('2026-11-20T23:00:00Z');
    await usually(hour, 6);
    await act(bob, hour, 60);
    await decide(dana, 'rejected', hour, 9, MINUTE);
    expect(await look(new Date('2026-11-21T00:10:00Z'))).toEqual([]);
    expect(await look(new Date('2026-11-21T01:10:00Z'))).toEqual([]);
    expect(await look(new Date('2026-11-21T06:10:00Z'))).toEqual([]);
    const told = await look(new Date('2026-11-21T07:10:00Z'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^🔔 Quiet hours are over:\n\n🚫 Team: many rejects\n9 of the last 9 decisions were rejects/,
    );
  });
});

describe('rejects', () => {
  test('in a burst are told once with links to the last cards, and once when they are few again', async () => {
    await decide(dana, 'posted', new Date(NOW.getTime() - 2 * HOUR), 3, MINUTE);
    const cards = await decide(bob, 'rejected', new Date(NOW.getTime() - 5 * MINUTE), 7, MINUTE);
    const [told] = await look();
    expect(told).toBe(
      '🚫 Team: many rejects\n7 of the last 10 decisions were rejects, by 1 person, today 14:59 to 15:05 (Europe/Berlin). ' +
        'I speak from 7 on.\nThe last ones: picture 7.jpg, picture 6.jpg, picture 5.jpg\n/unreject frees what was rejected by mistake.',
    );
    expect(read[0]?.entities.flatMap((entity) => (entity.type === 'text_link' ? [entity.url] : []))).toEqual([
      'https://t.me/c/1234567890/9007',
      'https://t.me/c/1234567890/9006',
      'https://t.me/c/1234567890/9005',
    ]);
    expect(cards).toHaveLength(7);
    expect(await look()).toEqual([]);
    await decide(dana, 'posted', new Date(NOW.getTime() + 10 * MINUTE), 7, MINUTE);
    expect(await look(new Date(NOW.getTime() + HOUR))).toEqual([
      '✅ Team: no longer many rejects (3 of the last 10 decisions).',
    ]);
  });

  test('of files with hostile names arrive with the names as they are', async () => {
    await decide(bob, 'rejected', NOW, 7, MINUTE);
    for (const name of HOSTILE.filter(({ length }) => length <= 40).slice(0, 3)) {
      await database.db.execute(sql`update media_items set file_name = ${name}`);
      await database.db.delete(alertTable);
      const [told] = await look();
      expect(told).toContain(`The last ones: ${name}, ${name}, ${name}\n`);
    }
  });
});

describe('a plan that nobody follows', () => {
  test('is told after twelve hours of posting time without a decision, with the cards that wait', async () => {
    await addCards(database.db, await addMedia(database.db, 2));
    await database.db.update(queueItems).set({ sentAt: new Date('2026-11-19T13:00:00Z') });
    await decide(bob, 'posted', new Date('2026-11-19T14:00:00Z'), 1, 0);
    await database.db
      .update(queueItems)
      .set({ status: 'delivered' })
      .where(sql`message_id <> 9001 or sent_at < '2026-11-20'`);
    expect(await look(new Date('2026-11-20T13:10:00Z'))).toEqual([]);
    expect(await look(new Date('2026-11-20T14:10:00Z'))).toEqual([
      '⏳ Team: nothing is posted\n2 cards wait for a decision.\nThe oldest is from Thu 19 Nov 14:00 (Europe/Berlin). ' +
        'For 12 h 10 min of posting time nobody has decided; I speak from 12 h on.\nWaiting longest: picture 1.jpg, picture 2.jpg',
    ]);
    expect(await look(new Date('2026-11-20T15:10:00Z'))).toEqual([]);
    await decide(dana, 'posted', new Date('2026-11-20T15:30:00Z'), 1, 0);
    expect(await look(new Date('2026-11-20T16:10:00Z'))).toEqual([expect.stringMatching(/^✅ Team: it goes on, /)]);
  });

  test('is told when planned posts do not come, and forgotten while the chat is paused', async () => {
    const [item = ''] = await addMedia(database.db, 1);
    const due = new Date('2026-11-19T13:00:00Z');
    await database.db.insert(queueItems).values({ chatId: TEAM_CHAT, mediaItemId: item, scheduledFor: due });
    const [told] = await look();
    expect(told).toContain('1 planned post did not come when due: /status says whether I run.\n');
    await set({ isPaused: true, pausedAt: NOW });
    expect(await look(new Date(NOW.getTime() + HOUR))).toEqual([]);
    expect(await database.db.select().from(alertTable)).toEqual([]);
  });

  test('that was switched off, or in which nothing waits, is no news', async () => {
    expect(await look()).toEqual([]);
    await addCards(database.db, await addMedia(database.db, 1));
    await database.db.update(queueItems).set({ sentAt: new Date(NOW.getTime() - 9 * DAY) });
    await set({ silentAfterHours: 0 });
    expect(await look()).toEqual([]);
  });
});

test('a flood of refused strangers is told once, and once when it is over; members do not count', async () => {
  const [mallory] = await database.db.insert(users).values({ telegramUserId: 666, firstName: 'Mallory' }).returning();
  const denied = '{"outcome": "denied"}';
  await act(bob, new Date(NOW.getTime() - HOUR), 40, denied);
  await act(mallory?.id ?? '', new Date(NOW.getTime() - HOUR), 19, denied);
  expect(await look()).toEqual([]);
  await act(mallory?.id ?? '', new Date(NOW.getTime() - HOUR), 3, denied);
  expect(await look()).toEqual([
    '🚪 Many strangers\nI refused 22 requests of 1 stranger within the last hour; I speak from 20 on.\n' +
      'Each gets one neutral sentence in ten minutes and learns nothing. Was a link to me published? /members shows who was let in.',
  ]);
  expect(await look(new Date(NOW.getTime() + 2 * HOUR))).toEqual([
    '✅ No longer many strangers: 0 refusals within the last hour.',
  ]);
});

describe('about one person', () => {
  const lately = new Date('2026-11-20T13:40:00Z');

  test('nothing is told until an admin switches that on', async () => {
    await decide(bob, 'posted', lately, 20, 1000);
    expect(await look()).toEqual([]);
    await set({ alertsAboutPeople: true });
    expect(await look()).toEqual([
      '⚡ Bob decides very fast\n19 decisions in Team came less than 3 s after the one before, today 14:39 to 14:40 (Europe/Berlin).\n' +
        'Decided then: picture 20.jpg, picture 19.jpg, picture 18.jpg',
    ]);
    expect(await look(new Date(NOW.getTime() + HOUR))).toEqual(['✅ Bob no longer decides that fast.']);
  });

  test('haste is told neither of /approveall nor of somebody who looks', async () => {
    await set({ alertsAboutPeople: true });
    await decide(bob, 'posted', lately, 20, 4000);
    await decide(dana, 'posted', lately, 20, 0);
    await database.db.update(decisions).set({ source: 'approve_all' }).where(sql`user_id = ${dana}`);
    expect(await look()).toEqual([]);
  });

  test('far more than usual is told with that person’s own figures', async () => {
    await set({ alertsAboutPeople: true, quietStart: '00:00', quietEnd: '00:00' });
    const hour = new Date('2026-11-20T13:00:00Z');
    await usually(hour, 30);
    await act(dana, hour, 60);
    const told = await look();
    expect(told).toHaveLength(2);
    expect(told[1] ?? told[0]).toContain(
      '📈 Dana is unusually busy\n60 interactions in Team, 14:00 to 15:00 (Europe/Berlin).',
    );
  });

  test('silence is told of a member who decided daily, once, and once when they are back', async () => {
    await set({ alertsAboutPeople: true });
    for (let day = 4; day <= 26; day += 1) await decide(bob, 'posted', new Date(NOW.getTime() - day * DAY), 1, 0);
    expect(await look()).toEqual([]);
    await decide(dana, 'posted', new Date(NOW.getTime() - DAY), 2, HOUR);
    expect(await look()).toEqual([
      '💤 Bob has fallen silent\nIn Team on 23 of 28 days, and not once in the last 3 (last Mon 16 Nov 15:10, Europe/Berlin). Others decided 2 cards meanwhile.',
    ]);
    expect(await look(new Date(NOW.getTime() + HOUR))).toEqual([]);
    await decide(bob, 'posted', new Date(NOW.getTime() + 90 * MINUTE), 1, 0);
    expect(await look(new Date(NOW.getTime() + 2 * HOUR))).toEqual(['✅ Bob decides again.']);
  });

  test('silence of somebody who left the chat, or decided now and then, is no news', async () => {
    await set({ alertsAboutPeople: true });
    for (let day = 4; day <= 26; day += 1) await decide(bob, 'posted', new Date(NOW.getTime() - day * DAY), 1, 0);
    await decide(dana, 'posted', new Date(NOW.getTime() - DAY), 2, HOUR);
    await database.db.insert(chatMembers).values({ chatId: TEAM_CHAT, userId: bob, isMember: false });
    expect(await look()).toEqual([]);
    await database.db.delete(chatMembers);
    await database.db.execute(
      sql`delete from decisions where user_id = ${bob} and decided_at > ${NOW.toISOString()}::timestamptz - interval '10 days'`,
    );
    expect(await look()).toEqual([]);
  });
});

test('alerts that are over are forgotten after ninety days, those that are not stay', async () => {
  await decide(bob, 'rejected', NOW, 9, MINUTE);
  await look();
  await database.db.delete(decisions);
  await look(new Date(NOW.getTime() + HOUR));
  await look(new Date(NOW.getTime() + 90 * DAY));
  expect(await database.db.select().from(alertTable)).toHaveLength(1);
  await look(new Date(NOW.getTime() + 91 * DAY));
  expect(await database.db.select().from(alertTable)).toEqual([]);
});

test('two processes that look at the same time tell once, and alerts of a chat that is gone are forgotten', async () => {
  await decide(bob, 'rejected', NOW, 9, MINUTE);
  const told = await Promise.all([look(), look()]);
  expect(new Set(told.flat()).size).toBe(1);
  expect(read).toHaveLength(1);
  await set({ isActive: false });
  expect(await look(new Date(NOW.getTime() + HOUR))).toEqual([]);
  expect(await database.db.select().from(alertTable)).toEqual([]);
});
