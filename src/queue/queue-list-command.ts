import type { Database } from '../db/client.ts';
import { createChatRepository } from '../settings/chat-repository.ts';
import { dayAndTime } from '../telegram/local-time.ts';
import { createQueueRepository } from './queue-repository.ts';

const MOST = 1000;

/** `storyline queue list`: the plan of every active chat, in its zone; with `--json` one object per chat and line. */
export async function listQueue(
  terminal: { database: Database; print: (line: string) => void },
  options: { json?: boolean },
): Promise<void> {
  const queue = createQueueRepository(terminal.database);
  for (const chat of await createChatRepository(terminal.database).active()) {
    const upcoming = await queue.upcoming(chat.id, { limit: MOST, offset: 0 });
    const now = new Date();
    const waiting = await queue.waiting(chat.id, MOST, now);
    if (options.json) {
      terminal.print(
        JSON.stringify({ chat_id: chat.id, title: chat.title, time_zone: chat.timeZone, upcoming, waiting }),
      );
      continue;
    }
    terminal.print(
      `${chat.title || chat.id}: ${upcoming.length} planned, ${waiting.length} waiting (${chat.timeZone})`,
    );
    for (const item of upcoming)
      terminal.print(`  ${dayAndTime(item.scheduledFor, chat.timeZone, now)}  ${item.label}`);
    for (const card of waiting) {
      terminal.print(`  waits since ${card.sentAt ? dayAndTime(card.sentAt, chat.timeZone, now) : '?'}  ${card.label}`);
    }
  }
}
