import type { World } from '../world/world.ts';
import { BotApiError } from './bot-api-error.ts';
import type { BotApiAnswer, CallHistory } from './call-history.ts';
import type { Faults } from './faults.ts';
import type { UpdateDelivery } from './update-delivery.ts';

/** What a request is answered from. */
export type BotApi = {
  world: World;
  token: string;
  delivery: UpdateDelivery;
  faults: Faults;
  history: CallHistory;
};

export const UNAUTHORIZED: BotApiAnswer = { ok: false, error_code: 401, description: 'Unauthorized' };
export const NOT_FOUND: BotApiAnswer = { ok: false, error_code: 404, description: 'Not Found' };

/** An answer on its way: the HTTP status is the error code, a flood wait also stands in `Retry-After`. */
export function respond(answer: BotApiAnswer): Response {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const retryAfter = answer.ok ? undefined : answer.parameters?.retry_after;
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  return new Response(JSON.stringify(answer), { status: answer.ok ? 200 : answer.error_code, headers });
}

/** What a thrown error is answered with; anything but a `BotApiError` is a bug of the simulator (500). */
export function refusal(error: unknown): BotApiAnswer {
  if (error instanceof BotApiError) {
    const { code, message, parameters } = error;
    return { ok: false, error_code: code, description: message, ...(parameters && { parameters }) };
  }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ok: false, error_code: 500, description: `Internal Server Error: ${words}` };
}
