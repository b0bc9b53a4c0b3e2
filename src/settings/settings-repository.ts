import { desc, eq, inArray } from 'drizzle-orm';
import type { Database, Executor, Transaction } from '../db/client.ts';
import { auditLog, chats } from '../db/schema/index.ts';
import type { InteractionDraft } from '../telegram/bot-context.ts';
import { recordChanges } from './audit-repository.ts';
import type { Chat } from './chat-repository.ts';

/** What a change is about and who makes it; `by` null: the operator in the terminal. */
export type ChangeBy = { chatId: number; by: string | null; now: Date; interaction?: InteractionDraft | undefined };

/** What is written, found out under the lock of the chat's row. `write` undefined: nothing changes. */
export type Planned = {
  /** The field in the audit row. */
  key: string;
  before: unknown;
  after: unknown;
  write: ((tx: Transaction) => Promise<Chat>) | undefined;
};

/** How many planned posts a change moved, and when the next one comes. */
export type MovedPlan = { moved: number; next: Date | undefined };

export type ChangeResult = { chat: Chat; before: unknown; after: unknown } & (
  | { kind: 'changed'; plan: MovedPlan | undefined }
  /** It was so already: nothing was written. */
  | { kind: 'unchanged' }
  /** This tap or message has made its change before (it was delivered again). */
  | { kind: 'repeated' }
);

/** One row of the audit log, as the menu's history shows it. */
export type AuditRow = Pick<typeof auditLog.$inferSelect, 'at' | 'actorId' | 'action' | 'before' | 'after'>;

export type SettingsRepository = ReturnType<typeof createSettingsRepository>;

/** Changes of settings, each one transaction. */
export function createSettingsRepository(
  { db }: Pick<Database, 'db'>,
  dependencies: {
    /** Writes the interaction of the tap or message; undefined when it is there already. */
    record: (draft: InteractionDraft, executor: Executor) => Promise<unknown>;
    /** Moves the planned posts of a chat onto the slots of its settings. */
    reslot: (tx: Transaction, chatId: number, now: Date) => Promise<MovedPlan>;
  },
) {
  const { record, reslot } = dependencies;

  return {
    /**
     * Locks the chat's row, asks `decide` what to write, and writes setting, audit row, interaction and moved plan
     * together: when it throws, nothing has changed. Two people at once come one after the other, so each audit row tells
     * the true value before. Throws what `decide` throws, and fails with a lock timeout when the row is held too long.
     */
    change(
      change: ChangeBy,
      decide: (chat: Chat, tx: Transaction) => Promise<Planned>,
      { movesPlan }: { movesPlan: boolean },
    ): Promise<ChangeResult> {
      const { chatId, by, now, interaction } = change;
      return db.transaction(async (tx) => {
        const [chat] = await tx.select().from(chats).where(eq(chats.id, chatId)).for('update');
        if (!chat) throw new Error(`there is no chat ${chatId}`);
        const { key, before, after, write } = await decide(chat, tx);
        if (!write) return { kind: 'unchanged', chat, before, after };
        if (interaction && !(await record(interaction, tx))) return { kind: 'repeated', chat, before, after };
        const changed = await write(tx);
        await recordChanges(tx, [
          {
            at: now,
            actorId: by,
            action: 'setting_changed',
            chatId: chat.id,
            before: { [key]: before },
            after: { [key]: after },
          },
        ]);
        const plan = movesPlan ? await reslot(tx, chat.id, now) : undefined;
        return { kind: 'changed', chat: changed, before, after, plan };
      });
    },

    /** Writes columns of a chat; for `write` of a change. */
    async update(tx: Executor, chatId: number, patch: Partial<Chat>): Promise<Chat> {
      const [chat] = await tx.update(chats).set(patch).where(eq(chats.id, chatId)).returning();
      if (!chat) throw new Error(`there is no chat ${chatId}`);
      return chat;
    },

    /** What was changed about a chat, the newest first; also under the id that it had before it was a supergroup. */
    history({ id, migratedFrom }: Pick<Chat, 'id' | 'migratedFrom'>, limit: number): Promise<AuditRow[]> {
      const { at, actorId, action, before, after } = auditLog;
      return db
        .select({ at, actorId, action, before, after })
        .from(auditLog)
        .where(inArray(auditLog.chatId, migratedFrom === null ? [id] : [id, migratedFrom]))
        .orderBy(desc(auditLog.at), desc(auditLog.id))
        .limit(limit);
    },
  };
}
