import { type SQL, sql } from 'drizzle-orm';

/**
 * There is something to send: a file that Telegram has, or one in a folder that was there when it was last looked for.
 * Whoever deletes a file from the folder does not want to see it again, so it is not offered from Telegram either.
 */
const HAS_FILE: SQL = sql`(m.telegram_file_id is not null or m.path is not null)
    and (m.path is null or m.file_modified_at is not null)`;

/**
 * Which media may be queued in a chat: active, with a file, not locked (a permanent lock has no end), not in the chat's plan and not
 * waiting there for a decision. One predicate for everything that selects, over `media_items m`.
 */
export function isEligible(chatId: SQL, now: SQL): SQL {
  return sql`m.is_active and ${HAS_FILE}
    and not exists (select from media_locks l where l.media_item_id = m.id and l.replaced_by is null
                    and (l.locked_until is null or l.locked_until > ${now}))
    and not exists (select from queue_items w where w.media_item_id = m.id and w.chat_id = ${chatId}
                    and w.status in ('pending', 'sending', 'delivered'))`;
}

/** Never posted first, then longest ago, then by chance. */
export const SELECTION_ORDER: SQL = sql`m.last_posted_at nulls first, m.times_posted, random()`;
