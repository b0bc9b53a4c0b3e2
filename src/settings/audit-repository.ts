import type { Executor } from '../db/client.ts';
import { auditLog } from '../db/schema/index.ts';

/** Everything that `audit_log` tells of. */
export type AuditAction =
  | 'invitation_created'
  | 'invitation_used'
  | 'invitation_withdrawn'
  | 'role_changed'
  | 'member_removed'
  | 'member_restored'
  | 'setting_changed'
  | 'item_unrejected'
  | 'overdue_settled'
  | 'queue_reset'
  | 'job_paused'
  | 'job_resumed'
  | 'job_requested'
  | 'person_forgotten';

/** One change: who (null: the operator), what, about whom, and how it was before and is after. Never a code or a secret. */
export type AuditEntry = {
  at: Date;
  actorId: string | null;
  action: AuditAction;
  userId?: string;
  chatId?: number;
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
};

/** Writes the rows through `executor`, the transaction of the change itself: both are there, or neither is. */
export async function recordChanges(executor: Executor, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length > 0) await executor.insert(auditLog).values([...entries]);
}
