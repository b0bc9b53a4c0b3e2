import type { ResponseParameters } from 'grammy/types';
import type { Payload } from './request-payload.ts';

/** What goes wrong with a call. `cut: 'after'` does what was asked and then destroys the connection. */
export type Fault =
  | { error: { code: number; description: string; parameters?: ResponseParameters } }
  | { delayMs: number }
  | { cut: 'before' | 'after' };

export type FaultOptions = {
  /** How many calls it hits; 1 unless given. */
  times?: number;
  /** Only calls for which this holds. */
  where?: (payload: Payload, method: string) => boolean;
};

/** A fault that waits for calls; `left` says how many more it hits. */
export type ArmedFault = { id: number; method: string; fault: Fault; left: number };

export type Faults = ReturnType<typeof createFaults>;

/**
 * Armed faults. A call meets the oldest one that matches it; `'*'` matches every method, getUpdates too.
 * `onChange` is called whenever the list has changed, also when one is used up.
 */
export function createFaults(onChange: () => void) {
  let armed: (ArmedFault & { where: NonNullable<FaultOptions['where']> })[] = [];
  let lastId = 0;
  return {
    arm(method: string, fault: Fault, options: FaultOptions = {}) {
      lastId += 1;
      armed.push({ id: lastId, method, fault, left: options.times ?? 1, where: options.where ?? (() => true) });
      onChange();
    },
    disarm() {
      if (armed.length === 0) return;
      armed = [];
      onChange();
    },
    /** Oldest first. */
    armed: (): ArmedFault[] => armed.map(({ id, method, fault, left }) => ({ id, method, fault, left })),
    /** The fault that this call meets, used up once. */
    meet(method: string, payload: Payload): Fault | undefined {
      if (armed.length === 0) return undefined;
      const hit = armed.find(
        (candidate) => (candidate.method === '*' || candidate.method === method) && candidate.where(payload, method),
      );
      if (hit === undefined) return undefined;
      hit.left -= 1;
      if (hit.left <= 0) armed = armed.filter((candidate) => candidate !== hit);
      onChange();
      return hit.fault;
    },
  };
}

export type FaultWord = 'cut before' | 'cut after' | 'slow' | 'error';

/** What kind of fault this is, in a word or two. */
export function faultWord(fault: Fault): FaultWord {
  if ('cut' in fault) return `cut ${fault.cut}`;
  return 'error' in fault ? 'error' : 'slow';
}
