import type { SettableClock } from '../settable-clock.ts';
import type { Changes } from './changes.ts';
import { CALLBACK_QUERY_LIFETIME_MS } from './update-queue.ts';

/** What the bot said to a tap: a toast (`text`), a dialog (`show_alert`) or just the end of waiting. */
export type TapAnswer = { text?: string; show_alert?: boolean; url?: string };

type OpenQuery = { expiresAt: number; settle: (answer: TapAnswer | 'expired') => void };

export type CallbackQueries = ReturnType<typeof createCallbackQueries>;

/** The taps that wait for an answer. Each is answered once, within 150 s of the simulator's clock. */
export function createCallbackQueries(options: { clock: SettableClock; changes: Changes }) {
  const { clock, changes } = options;
  const open = new Map<string, OpenQuery>();
  let nextId = BigInt(Math.floor(Math.random() * 1e12)) * 1_000_000n + 1n;

  const settle = (id: string, answer: TapAnswer | 'expired') => {
    const query = open.get(id);
    open.delete(id);
    query?.settle(answer);
    changes.emit({ kind: 'answer', queryId: id });
  };
  clock.onChange(() => {
    const now = clock.now().getTime();
    for (const [id, query] of [...open]) if (query.expiresAt <= now) settle(id, 'expired');
  });

  return {
    /** Begins to wait for the bot's answer to a new tap. */
    begin(): { id: string; answer: Promise<TapAnswer | 'expired'> } {
      const id = String(nextId++);
      const { promise, resolve } = Promise.withResolvers<TapAnswer | 'expired'>();
      open.set(id, { expiresAt: clock.now().getTime() + CALLBACK_QUERY_LIFETIME_MS, settle: resolve });
      return { id, answer: promise };
    },
    /** False when the query is unknown, expired or already answered. */
    answer(id: string, answer: TapAnswer): boolean {
      const query = open.get(id);
      if (query === undefined || query.expiresAt <= clock.now().getTime()) return false;
      settle(id, answer);
      return true;
    },
    /** Nobody will answer any more: the simulator stops. */
    expireAll() {
      for (const id of [...open.keys()]) settle(id, 'expired');
    },
  };
}
