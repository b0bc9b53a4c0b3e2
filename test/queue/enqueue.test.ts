import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mediaItems, queueItems } from '../../src/db/schema/index.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.stop());

async function medium(fileName: string): Promise<string> {
  const [row] = await team.test.db
    .insert(mediaItems)
    .values({ kind: 'photo', fileName, telegramFileId: fileName, telegramFileUniqueId: fileName })
    .returning();
  return row?.id ?? '';
}

async function enqueue(mediaItemId: string): Promise<Date> {
  const chat = await team.services.chats.byId(team.group.id);
  if (!chat) throw new Error('no chat');
  return team.services.queue.enqueue({ chat, mediaItemId, userId: null, now: NOON });
}

// Found by test/faults: the job that takes an upload in adds it to the library first and plans it afterwards.
test.each(['sending', 'delivered'] as const)(
  'an upload that /next took from the library before it was planned is not planned a second time (%s)',
  async (status) => {
    const id = await medium(`faster-${status}`);
    await team.test.db
      .insert(queueItems)
      .values({ chatId: team.group.id, mediaItemId: id, scheduledFor: NOON, status });
    expect(await enqueue(id)).toEqual(NOON);
    expect(await team.test.db.$count(queueItems, eq(queueItems.mediaItemId, id))).toBe(1);
  },
);

test('two runs of a job at once plan their picture once', async () => {
  const id = await medium('twice');
  const [one, other] = await Promise.all([enqueue(id), enqueue(id)]);
  expect(one).toEqual(other);
  expect(await team.test.db.$count(queueItems, eq(queueItems.mediaItemId, id))).toBe(1);
});

test('what was posted before may be planned again', async () => {
  const id = await medium('again');
  await team.test.db
    .insert(queueItems)
    .values({ chatId: team.group.id, mediaItemId: id, scheduledFor: NOON, status: 'posted' });
  expect((await enqueue(id)).getTime()).toBeGreaterThan(NOON.getTime());
});
