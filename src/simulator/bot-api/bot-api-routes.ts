import { setTimeout as sleep } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { loopbackOnly, nodeBindings, sameOriginOnly } from '../loopback-guard.ts';
import { type BotApi, NOT_FOUND, refusal, respond, UNAUTHORIZED } from './bot-api-answer.ts';
import type { BotApiAnswer } from './call-history.ts';
import type { Fault } from './faults.ts';
import { answerDownload } from './file-download.ts';
import { findMethod } from './method-table.ts';
import { type Payload, readPayload } from './request-payload.ts';

const NOTHING_DONE: BotApiAnswer = { ok: false, error_code: 0, description: 'connection cut, nothing done' };
const NEVER = new AbortController().signal;

/** `/bot<token>/<method>` and `/file/bot<token>/<path>`, for this machine only. */
export function botApiRoutes(api: BotApi): Hono {
  const routes = new Hono();
  routes.use('/:bot{bot[^/]+}/*', loopbackOnly, sameOriginOnly);
  routes.use('/file/*', loopbackOnly, sameOriginOnly);
  routes.all('/:bot{bot[^/]+}/:method', (context) => answerCall(api, context));
  routes.get('/file/:bot{bot[^/]+}/:path{.+}', (context) => answerDownload(api, context));
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
  const { sequence } = api.history.add({
    method,
    payload,
    at: api.world.clock.now(),
    startedAt,
    answeredAt: Date.now(),
    answer,
    ...(cut && { cut }),
    ...(fault && { fault }),
  });
  api.world.changes.emit({ kind: 'call', method, sequence });
  if (cut !== undefined) {
    nodeBindings(context).incoming?.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  return respond(answer);
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
