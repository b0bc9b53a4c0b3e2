import { badRequest } from './bot-api-error.ts';

/** A file part of a multipart request. */
export type Upload = { fileName: string; mimeType: string; bytes: Uint8Array };
/** What a request says; `attach://` references are already replaced by the uploads themselves. */
export type Payload = Record<string, unknown>;

/** Telegram takes these as JSON text, which is how forms carry them, or as they are in a JSON body. */
const JSON_PARAMETERS = new Set([
  ...['reply_markup', 'entities', 'caption_entities', 'media', 'reply_parameters', 'link_preview_options'],
  ...['allowed_updates', 'commands', 'scope', 'reaction', 'message_ids'],
]);

/**
 * Reads query string and body (JSON, urlencoded or multipart) into one payload.
 * Throws a `BotApiError` for a body that cannot be parsed.
 */
export async function readPayload(request: Request): Promise<Payload> {
  const query = request.url.indexOf('?');
  const payload: Payload = query === -1 ? {} : Object.fromEntries(new URLSearchParams(request.url.slice(query + 1)));
  const type = request.headers.get('content-type') ?? '';
  if (type.startsWith('application/json')) Object.assign(payload, await jsonBody(request));
  else if (type.startsWith('application/x-www-form-urlencoded')) {
    Object.assign(payload, Object.fromEntries(new URLSearchParams(await request.text())));
  } else if (type.startsWith('multipart/form-data')) return withUploads(payload, await formData(request, type));
  return parseJsonParameters(payload);
}

async function jsonBody(request: Request): Promise<object> {
  const text = await request.text();
  if (text === '') return {};
  const body = parseJson(text, 'request body');
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest("can't parse request body");
  return body;
}

async function formData(request: Request, type: string): Promise<FormData> {
  const body = await request.arrayBuffer();
  try {
    return await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw badRequest("can't parse multipart body");
  }
}

async function withUploads(payload: Payload, form: FormData): Promise<Payload> {
  const uploads = new Map<string, Upload>();
  for (const [name, value] of form) {
    if (typeof value === 'string') payload[name] = value;
    else {
      const bytes = new Uint8Array(await value.arrayBuffer());
      uploads.set(name, { fileName: value.name, mimeType: value.type, bytes });
    }
  }
  const parsed = parseJsonParameters(payload);
  const referenced = new Set<string>();
  for (const [name, value] of Object.entries(parsed)) parsed[name] = attach(value, uploads, referenced);
  for (const [name, upload] of uploads) if (!referenced.has(name)) parsed[name] ??= upload;
  return parsed;
}

function parseJsonParameters(payload: Payload): Payload {
  for (const [name, value] of Object.entries(payload)) {
    if (JSON_PARAMETERS.has(name) && typeof value === 'string' && value !== '') payload[name] = parseJson(value, name);
  }
  return payload;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`can't parse ${what} JSON object`);
  }
}

/** Replaces `attach://name` by the upload of that name, however deep it stands. */
function attach(value: unknown, uploads: Map<string, Upload>, referenced: Set<string>): unknown {
  if (typeof value === 'string' && value.startsWith('attach://')) {
    const name = value.slice('attach://'.length);
    const upload = uploads.get(name);
    if (upload === undefined) return value;
    referenced.add(name);
    return upload;
  }
  if (Array.isArray(value)) return value.map((item) => attach(item, uploads, referenced));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, attach(item, uploads, referenced)]));
  }
  return value;
}

/** A plain object that came from outside. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a parameter is a file of this request. */
export function isUpload(value: unknown): value is Upload {
  return isRecord(value) && value.bytes instanceof Uint8Array;
}
