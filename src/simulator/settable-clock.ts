import type { Clock } from '../lib/clock.ts';

/** A clock that can be moved. Listeners hear of every move; of a ticking clock also once a second. */
export type SettableClock = Clock & {
  readonly ticking: boolean;
  /** How far it is ahead of the machine's clock, in milliseconds; negative when it is behind. */
  readonly offsetMs: number;
  set(date: Date): void;
  advance(milliseconds: number): void;
  /** Back to the machine's time. */
  reset(): void;
  /**
   * Calls `listener` whenever the time has changed; `moved` tells a jump from a second that went by.
   * Returns the way to stop that.
   */
  onChange(listener: (moved: boolean) => void): () => void;
};

/**
 * The simulator's clock. Frozen unless `ticking`: tests move it by hand, and nothing happens by itself.
 * Ticking is the machine's time plus an offset that `set` and `advance` change.
 */
export function createSettableClock(options: { start?: Date; ticking?: boolean } = {}): SettableClock {
  const ticking = options.ticking ?? false;
  const machineTime = () => (ticking ? Date.now() : 0);
  const noOffset = () => (ticking ? 0 : Date.now());
  let offset = options.start === undefined ? noOffset() : options.start.getTime() - machineTime();
  const listeners = new Set<(moved: boolean) => void>();
  let ticker: NodeJS.Timeout | undefined;

  const now = () => new Date(machineTime() + offset);
  const tell = (moved: boolean) => {
    for (const listener of [...listeners]) listener(moved);
  };
  const moveTo = (newOffset: number) => {
    if (Number.isNaN(new Date(machineTime() + newOffset).getTime()))
      throw new RangeError('The clock can only be set to a valid date');
    offset = newOffset;
    tell(true);
  };

  return {
    ticking,
    now,
    get offsetMs() {
      return ticking ? offset : offset - Date.now();
    },
    set: (date) => moveTo(date.getTime() - machineTime()),
    advance: (milliseconds) => moveTo(offset + milliseconds),
    reset: () => moveTo(noOffset()),
    onChange(listener) {
      listeners.add(listener);
      if (ticking && ticker === undefined) ticker = setInterval(() => tell(false), 1000).unref();
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
