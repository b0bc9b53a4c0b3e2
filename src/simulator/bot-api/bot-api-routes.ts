import { setTimeout as sleep } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { loopbackOnly, nodeBindings } from '../loopback-guard.ts';
import type { World } from '../world/world.ts';
import { BotApiError } from './bot-api-error.ts';
import type { BotApiAnswer, CallHistory } from './call-history.ts';
import type { Fault, Faults } from './faults.ts';
import { findMethod } from './method-table.ts';
import { type Payload, readPayload } from './request-payload.ts';
import type { UpdateDelivery } from './update-delivery.ts';

export type BotApi = {
  world: World;
  token: string;
  delivery: UpdateDelivery;
  faults: Faults;
  history: CallHistory;
};

const UNAUTHORIZED: BotApiAnswer = { ok: false, error_code: 401, description: 'Unauthorized' };
const NOT_FOUND: BotApiAnswer = { ok: false, error_code: 404, description: 'Not Found' };
const NOTHING_DONE: BotApiAnswer = { ok: false, error_code: 0, description: 'connection cut, nothing done' };
const NEVER = new AbortController().signal;

/** `/bot<token>/<method>` and `/file/bot<token>/<path>`, for this machine only. */
export function botApiRoutes(api: BotApi): Hono {
  const routes = new Hono();
  routes.all('/:bot{bot[^/]+}/:method', loopbackOnly, (context) => answerCall(api, context));
  routes.get('/file/:bot{bot[^/]+}/:path{.+}', loopbackOnly, (context) => {
    if (context.req.param('bot') !== `bot${api.token}`) return respond(UNAUTHORIZED);
    const file = api.world.files.atPath(context.req.param('path'));
    const bytes = file && api.world.files.bytes(file);
    if (file === undefined || bytes === undefined) return respond(NOT_FOUND);
    return new Response(new Uint8Array(bytes), {
      headers: { 'content-type': file.mimeType || 'application/octet-stream' },
    });
  });
  return routes;
}

/** A call: token, payload, armed fault, the method itself, history, answer. */
async function answerCall(api: BotApi, context: Context): Promise<Response> {
  const startedAt = Date.now();
  if (context.req.param('bot') !== `bot${api.token}`) return respond(UNAUTHORIZED);
  const found = findMethod(context.req.param('method') ?? '');
  const method = found?.name ?? context.req.param('method') ?? '';
  let payload: Payload = {};
  let fault: Fault | undefined;
  const carryOut = async (): Promise<BotApiAnswer> => {
    payload = await readPayload(context.req.raw);
    fault = api.faults.meet(method, payload);
    if (fault !== undefined && 'error' in fault) {
      const { code, description, parameters } = fault.error;
      return { ok: false, error_code: code, description, ...(parameters && { parameters }) };
    }
    if (fault !== undefined && 'delayMs' in fault) await sleep(fault.delayMs, undefined, { ref: false });
    if (fault !== undefined && 'cut' in fault && fault.cut === 'before') return NOTHING_DONE;
    if (found === undefined) return NOT_FOUND;
    const gone = method === 'getUpdates' ? connectionSignal(context) : NEVER;
    const result = await found.run({ world: api.world, delivery: api.delivery, gone }, payload);
    return { ok: true, result };
  };

  const answer = await carryOut().catch(refusal);
  const cut = fault !== undefined && 'cut' in fault ? fault.cut : undefined;
  api.history.add({
    method,
    payload,
    at: api.world.clock.now(),
    startedAt,
    answeredAt: Date.now(),
    answer,
    ...(cut && { cut }),
  });
  api.world.changes.emit({ kind: 'call', method });
  if (cut !== undefined) {
    nodeBindings(context).incoming?.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  return respond(answer);
}

function refusal(error: unknown): BotApiAnswer {
  if (error instanceof BotApiError) {
    const { code, message, parameters } = error;
    return { ok: false, error_code: code, description: message, ...(parameters && { parameters }) };
  }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ok: false, error_code: 500, description: `Internal Server Error: ${words}` };
}

/** Aborts when the client hangs up before it has its answer. */
function connectionSignal(context: Context): AbortSignal {
  const controller = new AbortController();
  const { outgoing } = nodeBindings(context);
  outgoing?.once('close', () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  return controller.signal;
}

function respond(answer: BotApiAnswer): Response {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const retryAfter = answer.ok ? undefined : answer.parameters?.retry_after;
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  return new Response(JSON.stringify(answer), { status: answer.ok ? 200 : answer.error_code, headers });
}
