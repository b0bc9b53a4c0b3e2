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

export type Faults = ReturnType<typeof createFaults>;

/** Armed faults. A call meets the oldest one that matches it; `'*'` matches every method, getUpdates too. */
export function createFaults() {
  let armed: { method: string; fault: Fault; left: number; where: NonNullable<FaultOptions['where']> }[] = [];
  return {
    arm(method: string, fault: Fault, options: FaultOptions = {}) {
      armed.push({ method, fault, left: options.times ?? 1, where: options.where ?? (() => true) });
    },
    disarm() {
      armed = [];
    },
    /** The fault that this call meets, used up once. */
    meet(method: string, payload: Payload): Fault | undefined {
      if (armed.length === 0) return undefined;
      const hit = armed.find(
        (candidate) => (candidate.method === '*' || candidate.method === method) && candidate.where(payload, method),
      );
      if (hit === undefined) return undefined;
      hit.left -= 1;
      if (hit.left <= 0) armed = armed.filter((candidate) => candidate !== hit);
      return hit.fault;
    },
  };
}
