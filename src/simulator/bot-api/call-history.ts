import type { ResponseParameters } from 'grammy/types';
import type { Fault } from './faults.ts';
import type { Payload } from './request-payload.ts';

export type BotApiAnswer =
  | { ok: true; result: unknown }
  | { ok: false; error_code: number; description: string; parameters?: ResponseParameters };

/** One call of the Bot API, written down when it was answered. */
export type Call = {
  sequence: number;
  method: string;
  payload: Payload;
  /** The simulator's time at which it was answered. */
  at: Date;
  /** Real times, in milliseconds since 1970: when it came in and when it was answered. */
  startedAt: number;
  answeredAt: number;
  /** What was answered, or, when the connection was cut, would have been (error_code 0 if nothing was done). */
  answer: BotApiAnswer;
  cut?: 'before' | 'after';
  /** The armed fault that it met. */
  fault?: Fault;
};

export type CallHistory = ReturnType<typeof createCallHistory>;

/** The calls of the bot, in the order in which they were answered. With `keep: false` only the newest is remembered. */
export function createCallHistory(options: { keep: boolean }) {
  const calls: Call[] = [];
  let sequence = 0;
  return {
    calls,
    add(call: Omit<Call, 'sequence'>): Call {
      const numbered = { sequence: ++sequence, ...call };
      if (!options.keep) calls.length = 0;
      calls.push(numbered);
      return numbered;
    },
    /** The last few calls as one line each, for error messages. */
    summary(count: number): string {
      const lines = calls.slice(-count).map(({ method, payload, answer }) => {
        const outcome = answer.ok ? 'ok' : `${answer.error_code} ${answer.description}`;
        const words = payload.text ?? payload.caption ?? payload.callback_query_id ?? '';
        return `  ${method}(${String(words).slice(0, 60)}) -> ${outcome}`;
      });
      return lines.length === 0 ? '  no calls' : lines.join('\n');
    },
  };
}
