import type { Call } from './bot-api/call-history.ts';
import { type FaultWord, faultWord } from './bot-api/faults.ts';
import { callSummary } from './call-summary.ts';
import { clippedJson } from './clipped-json.ts';

/** A call of the bot as the page shows it: JSON of a bounded size, whatever was sent. */
export type CallView = {
  sequence: number;
  method: string;
  /** The simulator's time at which it was answered. */
  at: string;
  /** How long the bot waited, in real milliseconds. */
  ms: number;
  /** The bot got a good answer. */
  ok: boolean;
  /** The HTTP status; 0 when the connection was cut. */
  code: number;
  /** One line for people. */
  summary: string;
  payload: unknown;
  /** The whole answer of the Bot API. */
  answer: unknown;
  fault?: FaultWord;
};

/** `undefined` for long polls that brought nothing: there is one every half a minute. */
export function callView(call: Call): CallView | undefined {
  const { sequence, method, payload, at, startedAt, answeredAt, answer, cut, fault } = call;
  const broughtNothing = answer.ok && Array.isArray(answer.result) && answer.result.length === 0;
  if (method === 'getUpdates' && broughtNothing && cut === undefined) return undefined;
  return {
    sequence,
    method,
    at: at.toISOString(),
    ms: answeredAt - startedAt,
    ok: answer.ok && cut === undefined,
    code: codeOf(call),
    summary: callSummary(call),
    payload: clippedJson(payload),
    answer: clippedJson(answer),
    ...(fault && { fault: faultWord(fault) }),
  };
}

function codeOf({ answer, cut }: Call): number {
  if (cut !== undefined) return 0;
  return answer.ok ? 200 : answer.error_code;
}
