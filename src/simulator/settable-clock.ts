import type { Clock } from '../lib/clock.ts';

/** A clock that can be moved. Listeners hear of every move; of a ticking clock also once a second. */
export type SettableClock = Clock & {
  readonly ticking: boolean;
  set(date: Date): void;
  advance(milliseconds: number): void;
  /** Calls `listener` whenever the time has changed; returns the way to stop that. */
  onChange(listener: () => void): () => void;
};

/**
 * The simulator's clock. Frozen unless `ticking`: tests move it by hand, and nothing happens by itself.
 * Ticking is the machine's time plus an offset that `set` and `advance` change.
 */
export function createSettableClock(options: { start?: Date; ticking?: boolean } = {}): SettableClock {
  const ticking = options.ticking ?? false;
  const machineTime = () => (ticking ? Date.now() : 0);
  let offset = (options.start ?? new Date()).getTime() - machineTime();
  const listeners = new Set<() => void>();
  let ticker: NodeJS.Timeout | undefined;

  const now = () => new Date(machineTime() + offset);
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  const moveTo = (time: number) => {
    if (Number.isNaN(time)) throw new RangeError('The clock can only be set to a valid date');
    offset = time - machineTime();
    tell();
  };

  return {
    ticking,
    now,
    set: (date) => moveTo(date.getTime()),
    advance: (milliseconds) => moveTo(now().getTime() + milliseconds),
    onChange(listener) {
      listeners.add(listener);
      if (ticking && ticker === undefined) ticker = setInterval(tell, 1000).unref();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          clearInterval(ticker);
          ticker = undefined;
        }
      };
    },
  };
}
