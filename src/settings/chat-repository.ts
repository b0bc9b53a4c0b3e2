import { and, eq, isNotNull, or, sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { Database } from '../db/client.ts';
import { chats, decisions, queueItems } from '../db/schema/index.ts';

/** A group in which the bot works, with its settings. `windowStart`/`windowEnd` are local times `HH:MM:SS`. */
export type Chat = typeof chats.$inferSelect;

export type ChatRepository = ReturnType<typeof createChatRepository>;

/**
 * Every update asks for its chat, so answers are remembered for this long; changes made through this repository are
 * seen at once, changes by another process after this many milliseconds.
 */
const REMEMBERED_MS = 10_000;

/** The allowed groups and their settings. */
export function createChatRepository({ db }: Database) {
  const remembered = new LRUCache<number, { chat: Chat | undefined }>({ max: 500, ttl: REMEMBERED_MS });

  return {
    /**
     * The chat with this Telegram id, active or not; undefined when the bot was never let in. The id that a supergroup
     * had before it became one finds it too: buttons of old cards and TEAM_CHAT_ID still name it.
     */
    async byId(id: number): Promise<Chat | undefined> {
      const known = remembered.get(id);
      if (known) return known.chat;
      const [chat] = await db
        .select()
        .from(chats)
        .where(or(eq(chats.id, id), eq(chats.migratedFrom, id)));
      if (!chat || chat.id === id) remembered.set(id, { chat });
      return chat;
    },

    /** The groups in which the bot works at present, the oldest first. */
    active(): Promise<Chat[]> {
      return db.select().from(chats).where(eq(chats.isActive, true)).orderBy(chats.createdAt, chats.id);
    },

    /** Whether guests may use the bot at all: an admin has opened a group to them in which it works. */
    async isOpenToGuests(): Promise<boolean> {
      const [open] = await db
        .select({ id: chats.id })
        .from(chats)
        .where(and(eq(chats.isActive, true), eq(chats.isOpenToGuests, true)))
        .limit(1);
      return open !== undefined;
    },

    /**
     * Lets the bot into a group (again). Settings of a group that was there before are kept: `timeZone` and
     * `isOpenToGuests` are only for new ones. An empty title keeps the known one.
     */
    async admit(chat: {
      id: number;
      title: string;
      type: string;
      timeZone: string;
      isOpenToGuests?: boolean;
      addedBy: string | null;
    }): Promise<Chat> {
      const [row] = await db
        .insert(chats)
        .values(chat)
        .onConflictDoUpdate({
          target: chats.id,
          set: {
            isActive: true,
            type: chat.type,
            title: sql`coalesce(nullif(excluded.title, ''), ${chats.title})`,
          },
        })
        .returning();
      remembered.delete(chat.id);
      if (!row) throw new Error('an upsert returned no row');
      return row;
    },

    /** The bot is no longer in the group: nothing is delivered, nobody may decide. Plan and history stay. */
    async deactivate(id: number): Promise<void> {
      await db.update(chats).set({ isActive: false }).where(eq(chats.id, id));
      remembered.delete(id);
    },

    /** The next question about this chat is read anew: its row was changed by another repository. */
    forget(id: number): void {
      remembered.delete(id);
    },

    /** Keeps the title that people see current. */
    async rename(id: number, title: string): Promise<void> {
      await db
        .update(chats)
        .set({ title })
        .where(and(eq(chats.id, id), sql`${chats.title} <> ${title}`));
      remembered.delete(id);
    },

    /**
     * Telegram turned the group into a supergroup with a new id: rewrites it everywhere, once. Returns false when that
     * was done already (the error and the service message both bring the news).
     */
    async migrate(from: number, to: number): Promise<boolean> {
      const moved = await db.transaction(async (tx) => {
        const [known] = await tx.select({ id: chats.id }).from(chats).where(eq(chats.id, to));
        if (known) return false;
        const rows = await tx
          .update(chats)
          // Whoever brings the news from there is in it, even if Telegram called the old group left before.
          .set({ id: to, migratedFrom: from, type: 'supergroup', isActive: true })
          .where(eq(chats.id, from))
          .returning({ id: chats.id });
        if (rows.length === 0) return false;
        await tx.update(decisions).set({ chatId: to }).where(eq(decisions.chatId, from));
        // Message ids begin anew in the supergroup: an edit would hit another card. What was shown stays as it is.
        await tx
          .update(queueItems)
          .set({ messageId: null, renderedVersion: queueItems.version, renderAgainAt: null })
          .where(and(eq(queueItems.chatId, to), isNotNull(queueItems.messageId)));
        return true;
      });
      remembered.clear();
      return moved;
    },
  };
}
