import { randomUUID } from 'node:crypto';
import { Api } from 'grammy';
import type { Database, Db } from '../../src/db/client.ts';
import { chats, mediaItems, queueItems, type Role, users } from '../../src/db/schema/index.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Tap } from '../../src/queue/decision-repository.ts';
import { CLAIM } from '../../src/queue/decision-statements.ts';
import type { TapAction } from '../../src/queue/tap-result.ts';
import { createServices, type Services } from '../../src/services.ts';
import { NOON } from './team.ts';

/** The team chat of tests that need no Telegram. */
export const TEAM_CHAT = -1001234567890;

const NOWHERE = 'http://127.0.0.1:1';

/** The services of a process of its own, over its own pool; without `api` Telegram is out of reach. */
export function servicesOver(
  database: Database,
  clock: Clock = { now: () => NOON },
  api: Api = new Api('1:nobody', { apiRoot: NOWHERE }),
): Services {
  return createServices({
    database,
    reports: database,
    api,
    apiRoot: NOWHERE,
    token: '1:nobody',
    clock,
    // A given clock is moved by hand, and no time passes but its own.
    monotonicMs: () => clock.now().getTime(),
    logger: silentLogger(),
    adminTelegramIds: [],
    teamChatId: undefined,
    adminChatId: undefined,
    timeZone: 'UTC',
    readSpace: async () => ({ free: 50e9, total: 100e9 }),
    version: 'test',
    isEmbedded: true,
    // Nobody exports anything over these services.
    target: { url: 'postgres://127.0.0.1:1/nowhere' },
    dataDir: '/nonexistent',
  });
}

let people = 0;

/** Somebody who was admitted with this role. Returns the id. */
export async function addPerson(db: Db, firstName: string, role: Role = 'member'): Promise<string> {
  people += 1;
  const person = { firstName, role, telegramUserId: 5000 + people, dateJoined: NOON };
  const [row] = await db.insert(users).values(person).returning({ id: users.id });
  return row?.id ?? '';
}

export async function addChat(db: Db, id = TEAM_CHAT): Promise<number> {
  await db.insert(chats).values({ id, title: 'Team' });
  return id;
}

/** Media in the library, `more` is the same for all of them. Returns the ids, in order. */
export async function addMedia(
  db: Db,
  count: number,
  more: Partial<typeof mediaItems.$inferInsert> = {},
): Promise<string[]> {
  const items = Array.from({ length: count }, (_, index) => ({
    fileName: `picture ${index + 1}.jpg`,
    telegramFileId: `file-${randomUUID()}`,
    ...more,
  }));
  return (await db.insert(mediaItems).values(items).returning({ id: mediaItems.id })).map(({ id }) => id);
}

/** Cards that wait in a chat for a decision, one for each of the media. Returns the ids, in order. */
export async function addCards(db: Db, mediaIds: readonly string[], chatId = TEAM_CHAT): Promise<string[]> {
  const items = mediaIds.map((mediaItemId, index) => ({
    chatId,
    mediaItemId,
    scheduledFor: NOON,
    status: 'delivered' as const,
    messageId: 9001 + index,
    sentAt: NOON,
  }));
  return (await db.insert(queueItems).values(items).returning({ id: queueItems.id })).map(({ id }) => id);
}

/** A tap as the handler hands it on. Without `key` it is a tap of its own. */
export function tapOn(
  queueItemId: string,
  action: TapAction,
  by: { userId: string; now?: Date; chatId?: number; key?: string },
): Tap {
  const { userId, now = NOON, chatId = TEAM_CHAT, key = `1:cb:${randomUUID()}` } = by;
  return {
    queueItemId,
    chatId,
    userId,
    now,
    interaction: {
      type: 'callback',
      name: action === 'claim' ? CLAIM : action,
      userId,
      chatId,
      messageId: 1,
      deliveryKey: key,
      createdAt: now,
      elapsedMs: () => 5,
      context: { queue_item_id: queueItemId },
      outcome: 'done',
      isRecorded: false,
    },
  };
}
