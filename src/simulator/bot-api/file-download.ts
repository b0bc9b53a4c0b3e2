import { setTimeout as sleep } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import { nodeBindings } from '../loopback-guard.ts';
import { type BotApi, NOT_FOUND, respond, UNAUTHORIZED } from './bot-api-answer.ts';

/** The name under which tests arm faults for downloads, which are no method of the Bot API. */
const DOWNLOAD = 'downloadFile';

/** `/file/bot<token>/<path>`: the bytes of a file, where `getFile` has said. */
export async function answerDownload(api: BotApi, context: Context): Promise<Response> {
  if (context.req.param('bot') !== `bot${api.token}`) return respond(UNAUTHORIZED);
  const path = context.req.param('path') ?? '';
  const fault = api.faults.meet(DOWNLOAD, { file_path: path });
  if (fault !== undefined && 'error' in fault) {
    const { code, description } = fault.error;
    return respond({ ok: false, error_code: code, description });
  }
  if (fault !== undefined && 'delayMs' in fault) await sleep(fault.delayMs, undefined, { ref: false });
  if (fault !== undefined && 'cut' in fault) {
    nodeBindings(context).incoming?.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  const file = api.world.files.atPath(path);
  const bytes = file && api.world.files.bytes(file);
  if (file === undefined || bytes === undefined) return respond(NOT_FOUND);
  const headers = { 'content-type': file.mimeType ?? 'application/octet-stream' };
  return new Response(new Uint8Array(bytes), { headers });
}
