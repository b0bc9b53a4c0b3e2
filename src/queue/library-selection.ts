import { type SQL, sql } from 'drizzle-orm';

/**
/**
 * There is something to send: a file that Telegram has, or one in a folder that was there when it was last looked for.
 * Whoever deletes a file from the folder does not want to see it again, so it is not offered from Telegram either.
 */
const HAS_FILE: SQL = sql`(m.telegram_file_id is not null or m.path is not null)
    and (m.path is null or m.file_modified_at is not null)`;

/**
 * Which media may be queued in a chat: active, with a file, not locked (a permanent lock has no end), not in the chat's
 * plan and not waiting there for a decision; nor may any of this hold for equal content, which an item that was switched
 * off and added anew has. One predicate for everything that selects, over `media_items m`.
 */
export function isEligible(chatId: SQL, now: SQL): SQL {
  const isInForce = sql`l.replaced_by is null and (l.locked_until is null or l.locked_until > ${now})`;
  const isQueued = sql`w.chat_id = ${chatId} and w.status in ('pending', 'sending', 'delivered')`;
  // Each alone, without an `or`, so that the server can hash the few that are locked or queued.
  return sql`m.is_active and ${HAS_FILE}
    and not exists (select from media_locks l where l.media_item_id = m.id and ${isInForce})
    and not exists (select from queue_items w where w.media_item_id = m.id and ${isQueued})
    and not exists (select from media_locks l join media_items e on e.id = l.media_item_id
                    where e.sha256 = m.sha256 and ${isInForce})
    and not exists (select from queue_items w join media_items e on e.id = w.media_item_id
                    where e.sha256 = m.sha256 and ${isQueued})`;
}

/**
 * What ranks the library before its own order does: an expression over `media_items m` in the chat, larger first, null
 * last. Without one the library's own order is all there is.
 */
export type Ranking = (chatId: number) => SQL;

/** Never posted first, then longest ago, then by chance; behind a ranking, if there is one. */
export function selectionOrder(chatId: number, ranking: Ranking | undefined): SQL {
  const own = sql`m.last_posted_at nulls first, m.times_posted, random()`;
  return ranking ? sql`${ranking(chatId)} desc nulls last, ${own}` : own;
}
