import { Composer } from 'grammy';
import type { QueueRepository } from '../queue/queue-repository.ts';
import { type BotContext, note } from '../telegram/bot-context.ts';
import { duration, nearTime } from '../telegram/local-time.ts';
import { requireMember } from '../telegram/require-level.ts';
import { bold, lines } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';

/** `/status`: is it running, since when, on what, and what comes next (the seed's fields and a few more). */
export function statusHandlers(dependencies: {
  queue: Pick<QueueRepository, 'summary'>;
  /** e.g. `PostgreSQL 18.4, embedded`. */
  databaseName: () => Promise<string>;
  startedAt: Date;
  version: string;
  defaultTimeZone: string;
}): Composer<BotContext> {
  const { queue, databaseName, startedAt, version, defaultTimeZone } = dependencies;
  const handlers = new Composer<BotContext>();

  handlers.filter(isCommand('status'), requireMember, async (ctx) => {
    const [summary, database] = await Promise.all([queue.summary(ctx.team?.id), databaseName()]);
    const now = ctx.receivedAt;
    const uptimeMs = now.getTime() - startedAt.getTime();
    const zone = ctx.team?.timeZone ?? defaultTimeZone;
    note(ctx, {
      queue_size: summary.pending,
      media_count: summary.mediaCount,
      uptime_hours: Math.round(uptimeMs / 36_000) / 100,
    });
    const at = (date: Date | null, nothing: string) => (date ? nearTime(date, zone, now) : nothing);
    const text = lines(
      bold('🟢 Running'),
      `Queue: ${summary.pending} planned, ${summary.waiting} waiting for a decision`,
      `Library: ${summary.mediaCount} media`,
      `Next card: ${at(summary.nextAt, 'nothing planned')}`,
      `Last post: ${at(summary.lastPostedAt, 'never')}`,
      `Up: ${duration(uptimeMs)}`,
      `Database: ${database}`,
      `Version: ${version}`,
      `Times are ${zone}.`,
    );
    await ctx.reply(text.text, { entities: text.entities });
  });

  return handlers;
}
