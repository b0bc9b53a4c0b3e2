import type { Update } from 'grammy/types';
import type { SettableClock } from '../settable-clock.ts';
import type { Changes } from './changes.ts';
import { authorOf } from './update-author.ts';

export type UpdateBody = Omit<Update, 'update_id'>;
export type PendingUpdate = { update: Update; expiresAt: number; mustDeliver: boolean };
export type UpdateQueueSnapshot = { nextUpdateId: number; allowed: string[] | null; pending: PendingUpdate[] };

/** A tap waits 150 s for the bot, everything else a day (platform-facts, section 1). */
export const CALLBACK_QUERY_LIFETIME_MS = 150_000;
const OTHER_LIFETIME_MS = 24 * 3_600_000;
/** What Telegram leaves out unless it is asked for by name. */
const NOT_BY_DEFAULT = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);
/** An offset further than this beyond the end of the queue is no offset (the Bot API server starts from the head). */
const OFFSET_SLACK = 10;

export type UpdateQueue = ReturnType<typeof createUpdateQueue>;

/**
 * The updates that wait for the bot, in the order in which they happened.
 * Confirming forgets an update; one that nobody fetches expires by the simulator's clock.
 */
export function createUpdateQueue(options: { clock: SettableClock; changes: Changes; keepLog: boolean }) {
  const { clock, changes } = options;
  let nextUpdateId = 100_000_000 + Math.floor(Math.random() * 800_000_000);
  let allowed: ReadonlySet<string> | undefined;
  let pending: PendingUpdate[] = [];
  let log: Update[] = [];
  /** By person, also when no log is kept. */
  let newest = new Map<number, Update>();
  const waiters = new Set<() => void>();

  const isAllowed = (kind: string) => (allowed === undefined ? !NOT_BY_DEFAULT.has(kind) : allowed.has(kind));
  const lifetime = (kind: string) => (kind === 'callback_query' ? CALLBACK_QUERY_LIFETIME_MS : OTHER_LIFETIME_MS);
  const enqueue = (update: Update, kind: string, mustDeliver: boolean) => {
    pending.push({ update, expiresAt: clock.now().getTime() + lifetime(kind), mustDeliver });
    if (!options.keepLog) log.length = 0;
    log.push(update);
    for (const wake of [...waiters]) wake();
    changes.emit({ kind: 'update' });
  };
  const kindOf = (body: UpdateBody) => Object.keys(body).find((key) => key !== 'update_id') ?? '';

  /** Forgets what the offset confirms: everything before the update with the id `offset - 1`. */
  const confirm = (offset: number) => {
    const last = pending.findIndex(({ update }) => update.update_id === offset - 1);
    let end = last + 1;
    if (last === -1 && offset <= nextUpdateId + OFFSET_SLACK) {
      while ((pending[end]?.update.update_id ?? Infinity) < offset) end++;
    }
    if (end === 0) return;
    pending = [...pending.slice(0, end).filter((entry) => entry.mustDeliver), ...pending.slice(end)];
    changes.emit({ kind: 'update' });
  };
  const dropExpired = () => {
    const now = clock.now().getTime();
    if (!pending.some((entry) => entry.expiresAt <= now)) return;
    pending = pending.filter((entry) => entry.expiresAt > now);
    changes.emit({ kind: 'update' });
  };
  clock.onChange(dropExpired);

  return {
    /** Queues an update; `undefined` when the bot has not asked for this kind. */
    add(body: UpdateBody): Update | undefined {
      const kind = kindOf(body);
      if (!isAllowed(kind)) return undefined;
      const update: Update = { update_id: nextUpdateId++, ...body };
      enqueue(update, kind, false);
      const author = authorOf(update);
      if (author !== undefined) newest.set(author, update);
      return update;
    },
    /** Queues an update again; with its old id it is delivered once even though an offset has passed it. */
    redeliver(update: Update, newId: boolean): Update {
      const again = newId ? { ...update, update_id: nextUpdateId++ } : update;
      enqueue(again, kindOf(again), !newId);
      return again;
    },
    /** getUpdates: confirms by `offset` (negative: keeps only the last ones), then returns what comes first. */
    take(offset: number | undefined, limit: number): Update[] {
      if (offset !== undefined && offset < 0) pending = pending.slice(offset);
      else if (offset !== undefined && offset > 0 && pending.length > 0) confirm(offset);
      const batch = pending.slice(0, limit);
      for (const entry of batch) entry.mustDeliver = false;
      return batch.map((entry) => entry.update);
    },
    /** Webhook: this update was accepted. */
    remove(update: Update) {
      pending = pending.filter((entry) => entry.update !== update);
      changes.emit({ kind: 'update' });
    },
    clear() {
      pending = [];
      changes.emit({ kind: 'update' });
    },
    waiting: (): readonly Update[] => pending.map((entry) => entry.update),
    get size() {
      return pending.length;
    },
    /** Calls `wake` at the next update; returns the way to stop that. */
    onAdded(wake: () => void): () => void {
      waiters.add(wake);
      return () => waiters.delete(wake);
    },
    get log(): readonly Update[] {
      return log;
    },
    /** The newest update that this person caused; `undefined` when there was none since the start. */
    newestOf: (personId: number): Update | undefined => newest.get(personId),
    get nextUpdateId() {
      return nextUpdateId;
    },
    set nextUpdateId(id: number) {
      nextUpdateId = id;
    },
    get allowed(): string[] | null {
      return allowed === undefined ? null : [...allowed];
    },
    /** Sticky, as at Telegram; an empty list means the defaults. */
    allow(kinds: readonly string[]) {
      allowed = kinds.length === 0 ? undefined : new Set(kinds);
    },
    snapshot: (): UpdateQueueSnapshot => ({
      nextUpdateId,
      allowed: allowed === undefined ? null : [...allowed],
      pending: pending.map((entry) => ({ ...entry })),
    }),
    restore(snapshot: UpdateQueueSnapshot) {
      nextUpdateId = snapshot.nextUpdateId;
      allowed = snapshot.allowed === null ? undefined : new Set(snapshot.allowed);
      pending = [...snapshot.pending];
      log = [];
      newest = new Map();
      dropExpired();
    },
  };
}
