/** What just happened, for those who wait (tests) and those who watch (the page, the snapshot on disk). */
export type Change =
  | { kind: 'message'; chatId: number; messageId: number }
  | { kind: 'deleted'; chatId: number; messageId: number }
  | { kind: 'reaction'; chatId: number; messageId: number }
  | { kind: 'typing'; chatId: number; action: string }
  | { kind: 'chat'; chatId: number }
  | { kind: 'person'; personId: number }
  | { kind: 'commands' }
  | { kind: 'update' }
  | { kind: 'answer'; queryId: string }
  | { kind: 'read'; personId: number; chatId: number }
  | { kind: 'call'; method: string; sequence: number }
  | { kind: 'faults' }
  /** `moved`: a jump; otherwise a second went by. */
  | { kind: 'clock'; moved: boolean };

export type Changes = {
  emit(change: Change): void;
  /** Calls `listener` at once after every change; returns the way to stop that. A listener must not throw. */
  on(listener: (change: Change) => void): () => void;
};

/** One list of listeners. Costs nothing while nobody listens. */
export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  return {
    emit(change) {
      if (listeners.size === 0) return;
      for (const listener of [...listeners]) listener(change);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
