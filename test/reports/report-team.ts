import type { Db } from '../../src/db/client.ts';
import type { Decision } from '../../src/db/schema/index.ts';
import { decisions, mediaItems, queueItems, users } from '../../src/db/schema/index.ts';
import type { JobOutcome } from '../../src/lib/job-run.ts';
import type { Team } from '../support/team.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Friday 20 November 2026, 09:00 in Berlin: when the daily report about Thursday is due. */
export const NINE = new Date('2026-11-20T08:00:00Z');

let cards = 0;

/** A card of a team chat that arrived then and, with a decision, was settled then by somebody. Returns its id. */
export async function addCard(
  db: Db,
  card: {
    chatId: number;
    sentAt: Date;
    decision?: Decision;
    decidedAt?: Date;
    by?: string;
    reason?: string;
    category?: string;
    mediaItemId?: string;
    undoneBy?: string;
    status?: 'cancelled';
  },
): Promise<{ queueItemId: string; mediaItemId: string }> {
  cards += 1;
  const { chatId, sentAt, decision, decidedAt = sentAt, by, undoneBy } = card;
  const own = { fileName: `card ${cards}.jpg`, category: card.category ?? null, telegramFileId: `file ${cards}` };
  const [medium] = card.mediaItemId ? [{ id: card.mediaItemId }] : await db.insert(mediaItems).values(own).returning();
  const mediaItemId = medium?.id ?? '';
  const status = undoneBy ? 'delivered' : (card.status ?? decision ?? 'delivered');
  const [item] = await db
    .insert(queueItems)
    .values({
      chatId,
      mediaItemId,
      scheduledFor: sentAt,
      sentAt,
      waitingSince: sentAt,
      messageId: 90_000 + cards,
      status,
    })
    .returning();
  const queueItemId = item?.id ?? '';
  if (decision) {
    await db.insert(decisions).values({
      queueItemId,
      chatId,
      mediaItemId,
      userId: by ?? null,
      decision,
      decidedAt,
      reason: card.reason ?? null,
      waitedMs: decidedAt.getTime() - sentAt.getTime(),
      ...(undoneBy ? { undoneAt: decidedAt, undoneBy } : {}),
    });
  }
  return { queueItemId, mediaItemId };
}

/** `users.id` of a person of the cast, who is made known when the bot has not met them. */
export async function idOf(team: Team, person: { id: number; user: { first_name: string } }): Promise<string> {
  const known = await team.services.users.byTelegramId(person.id);
  if (known) return known.id;
  const values = { telegramUserId: person.id, firstName: person.user.first_name, role: 'member' as const };
  const [row] = await team.test.db.insert(users).values(values).returning();
  return row?.id ?? '';
}

/** What the clock does for the team's chat, at `now` (the team's clock is set to it) for the slot. */
export function runReport(
  team: Team,
  report: 'daily' | 'weekly',
  { slot = NINE, now = slot, chatId = team.group.id }: { slot?: Date; now?: Date; chatId?: number } = {},
): Promise<JobOutcome> {
  team.clock.set(now);
  const job = report === 'daily' ? team.services.dailyDigest : team.services.weeklyTeamReport;
  const isLate = now.getTime() - slot.getTime() > 60_000;
  const signal = new AbortController().signal;
  return job({ job: `${report}:${chatId}`, slot, chatId, isLate, now, signal });
}
