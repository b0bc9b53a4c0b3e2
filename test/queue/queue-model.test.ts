import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { Api } from 'grammy';
import { afterAll, expect, test } from 'vitest';
import { chats, mediaItems } from '../../src/db/schema/index.ts';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { addPerson, servicesOver } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { picture } from '../support/picture.ts';
import { NOON } from '../support/team.ts';
import { createQueueState, queueSteps, type RealQueue } from './queue-model.ts';

const MEDIA = 12;
const clock = createSettableClock({ start: NOON });
const telegram = await startSimulator({ clock });
const database = await testDatabase();
const { db } = database;
afterAll(async () => {
  await telegram.stop();
  await database.close();
});

const people: string[] = [];
for (const name of ['Alice', 'Bob', 'Dana'])
  people.push(await addPerson(db, name, name === 'Alice' ? 'admin' : 'member'));
const alice = telegram.createPerson({ first_name: 'Alice' });
const group = telegram.createGroup({ title: 'Team', members: [alice], botIsAdministrator: true });
await db.insert(chats).values({ id: group.id, title: 'Team', timeZone: 'Europe/Berlin' });
const files = Array.from({ length: MEDIA }, (_, index) => {
  const { photo } = alice.sendMedia(alice.privateChat, { kind: 'photo', bytes: picture(9000 + index) });
  return { fileName: `picture ${index}.jpg`, telegramFileId: photo?.at(-1)?.file_id ?? '' };
});

const api = new Api(telegram.token, { apiRoot: telegram.apiRoot });
const restart = () => servicesOver(database.database, clock, api);

/** An empty queue at noon, and a process that has just started. */
async function freshQueue(): Promise<RealQueue> {
  await db.execute(
    sql`truncate media_items, queue_items, decisions, media_locks, user_interactions, audit_log cascade`,
  );
  await db
    .update(chats)
    .set({ isPaused: false, pausedAt: null, jitterMinutes: 30, postsPerDay: 3, repostLockDays: 30, skipLockDays: 45 });
  const rows = await db.insert(mediaItems).values(files).returning({ id: mediaItems.id });
  clock.set(NOON);
  return {
    db,
    services: restart(),
    restart,
    setClock: (now) => clock.set(now),
    chatId: group.id,
    people,
    media: rows.map(({ id }) => id),
  };
}

test('whatever people, the clock and restarts do to it, the queue obeys its rules after every step', {
  timeout: 120_000,
}, async () => {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.commands(queueSteps(people.length, MEDIA), { maxCommands: 60, size: 'max' }),
      async (commands) => {
        const real = await freshQueue();
        await fc.asyncModelRun(() => ({ model: createQueueState(NOON), real }), commands);
        steps += [...commands].length;
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: 40_000 },
  );
  // A run that never gets anywhere would pass, too.
  expect(steps).toBeGreaterThan(200);
});
