import { Composer } from 'grammy';
import { materialLine } from '../queue/pool-messages.ts';
import type { PoolService } from '../queue/pool-service.ts';
import type { QueueRepository } from '../queue/queue-repository.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, note } from '../telegram/bot-context.ts';
import { duration, nearTime } from '../telegram/local-time.ts';
import { requireMember } from '../telegram/require-level.ts';
import { bold, lines } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { Alerts } from './alerts.ts';
import { alertLine } from './alerts-messages.ts';
import { type DiskSpace, spaceWords } from './disk-space.ts';

/** Alerts that are named one by one, so that the answer fits a phone. */
const MOST_ALERTS = 10;

/** `/status`: is it running, since when, on what, and what comes next (the seed's fields and a few more). */
export function statusHandlers(dependencies: {
  queue: Pick<QueueRepository, 'summary'>;
  pools: Pick<PoolService, 'healthOf'>;
  chats: Pick<ChatRepository, 'byId'>;
  disk: Pick<DiskSpace, 'read'>;
  alerts: Pick<Alerts, 'raised'>;
  /** e.g. `PostgreSQL 18.4, embedded`. */
  databaseName: () => Promise<string>;
  startedAt: Date;
  version: string;
  defaultTimeZone: string;
}): Composer<BotContext> {
  const { queue, pools, chats, disk, alerts, databaseName, startedAt, version, defaultTimeZone } = dependencies;
  const handlers = new Composer<BotContext>();

  handlers.filter(isCommand('status'), requireMember, async (ctx) => {
    const now = ctx.receivedAt;
    const [summary, database, space] = await Promise.all([queue.summary(ctx.team?.id), databaseName(), disk.read()]);
    const raised = ctx.access.level === 'admin' ? await alerts.raised() : [];
    const chat = ctx.team && (await chats.byId(ctx.team.id));
    const material = ctx.team && summary.mediaCount > 0 && (await pools.healthOf(ctx.team.id, now));
    const uptimeMs = now.getTime() - startedAt.getTime();
    const zone = ctx.team?.timeZone ?? defaultTimeZone;
    note(ctx, {
      queue_size: summary.pending,
      media_count: summary.mediaCount,
      uptime_hours: Math.round(uptimeMs / 36_000) / 100,
    });
    const wrong = raised.slice(0, MOST_ALERTS).map((alert) => alertLine(alert, zone, now));
    if (raised.length > wrong.length) wrong.push(`and ${raised.length - wrong.length} more`);
    const at = (date: Date | null, nothing: string) => (date ? nearTime(date, zone, now) : nothing);
    const text = lines(
      bold(chat?.pausedAt ? `⏸️ Paused since ${nearTime(chat.pausedAt, chat.timeZone, now)}` : '🟢 Running'),
      `Queue: ${summary.pending} planned, ${summary.waiting} waiting for a decision`,
      `Library: ${summary.mediaCount} media`,
      material ? `Material: ${materialLine(material)}` : undefined,
      `Next card: ${at(summary.nextAt, 'nothing planned')}`,
      `Last post: ${at(summary.lastPostedAt, 'never')}`,
      `Up: ${duration(uptimeMs)}`,
      `Disk: ${spaceWords(space)}`,
      `Database: ${database}`,
      `Version: ${version}`,
      `Times are ${zone}.`,
      ...(wrong.length === 0 ? [] : ['', bold(`🔔 ${wrong.length} to look after`), ...wrong]),
    );
    await ctx.reply(text.text, { entities: text.entities });
  });

  return handlers;
}
