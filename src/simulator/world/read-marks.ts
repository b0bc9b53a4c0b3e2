import type { ChatRecord, World } from './world.ts';

/**
 * The person has read everything up to this message. A mark never goes back, and never beyond the newest message:
 * what comes later is unread.
 */
export function markRead(world: World, record: ChatRecord, userId: number, messageId: number): void {
  let newest = 0;
  for (const id of record.messages.keys()) newest = id;
  const mark = Math.min(messageId, newest);
  if (mark <= (record.readUpTo.get(userId) ?? 0)) return;
  record.readUpTo.set(userId, mark);
  world.changes.emit({ kind: 'read', personId: userId, chatId: record.chat.id });
}

/** How many messages of others came after the person's mark. */
export function unreadCount(record: ChatRecord, userId: number): number {
  const mark = record.readUpTo.get(userId) ?? 0;
  let count = 0;
  for (const [id, { message }] of record.messages) if (id > mark && message.from.id !== userId) count += 1;
  return count;
}
