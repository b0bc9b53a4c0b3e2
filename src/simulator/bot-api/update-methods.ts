import { badRequest } from './bot-api-error.ts';
import type { Method, MethodTable } from './method.ts';
import { flag, optionalInteger, optionalList, text } from './parameters.ts';
import type { Payload } from './request-payload.ts';

const LONGEST_POLL_SECONDS = 50;
const SECRET_TOKEN = /^[A-Za-z0-9_-]{0,256}$/;
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

function allowedUpdates(payload: Payload): string[] | undefined {
  return optionalList(payload, 'allowed_updates')?.filter((kind) => typeof kind === 'string');
}

const getUpdates: Method = ({ world, delivery, gone }, payload) => {
  const allowed = allowedUpdates(payload);
  if (allowed !== undefined) world.updates.allow(allowed);
  const limit = optionalInteger(payload, 'limit') ?? 100;
  const timeout = optionalInteger(payload, 'timeout') ?? 0;
  return delivery.poll({
    offset: optionalInteger(payload, 'offset'),
    limit: limit < 1 || limit > 100 ? 100 : limit,
    timeoutSeconds: Math.min(LONGEST_POLL_SECONDS, Math.max(0, timeout)),
    gone,
  });
};

const setWebhook: Method = ({ world, delivery }, payload) => {
  const url = text(payload, 'url');
  const allowed = allowedUpdates(payload);
  const secretToken = text(payload, 'secret_token');
  if (!SECRET_TOKEN.test(secretToken)) throw badRequest('secret token contains unallowed characters');
  const parsed = URL.parse(url);
  const usable = parsed?.protocol === 'https:' || (parsed !== null && LOOPBACK_HOSTS.has(parsed.hostname));
  if (url !== '' && !usable) throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
  if (allowed !== undefined) world.updates.allow(allowed);
  if (flag(payload, 'drop_pending_updates')) world.updates.clear();
  const maxConnections = optionalInteger(payload, 'max_connections') ?? 40;
  delivery.setWebhook(url === '' ? undefined : { url, secretToken, maxConnections });
  return true;
};

const deleteWebhook: Method = ({ world, delivery }, payload) => {
  if (flag(payload, 'drop_pending_updates')) world.updates.clear();
  delivery.setWebhook(undefined);
  return true;
};

const getWebhookInfo: Method = ({ world, delivery }) => {
  const failed = delivery.lastWebhookError;
  return {
    url: delivery.webhook?.url ?? '',
    has_custom_certificate: false,
    pending_update_count: world.updates.size,
    ...(delivery.webhook && { max_connections: delivery.webhook.maxConnections }),
    ...(failed && { last_error_date: failed.date, last_error_message: failed.message }),
    ...(world.updates.allowed && { allowed_updates: world.updates.allowed }),
  };
};

/** How the bot gets its updates. */
export const updateMethods: MethodTable = { getUpdates, setWebhook, deleteWebhook, getWebhookInfo };
