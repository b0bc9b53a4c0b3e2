import { isIP } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Lets only this machine in: the socket comes from a loopback address, no proxy has forwarded the request, and it names
 * a loopback host (which stops DNS rebinding). Everything else is answered 403.
 */
export const loopbackOnly: MiddlewareHandler = async (context, next) => {
  if (!isFromThisMachine(context)) return context.text('Forbidden: the simulator serves this machine only', 403);
  return next();
};

/**
 * Refuses requests that another site's page makes a browser send. Programs, which send neither header, pass.
 */
export const sameOriginOnly: MiddlewareHandler = async (context, next) => {
  const site = context.req.header('sec-fetch-site');
  const origin = context.req.header('origin');
  const own = new URL(context.req.url).host;
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  const foreignOrigin = origin !== undefined && URL.parse(origin)?.host !== own;
  if (foreignSite || foreignOrigin) return context.text('Forbidden: this request comes from another site', 403);
  return next();
};

function isFromThisMachine(context: Context): boolean {
  const { incoming } = nodeBindings(context);
  if (incoming === undefined || !isLoopbackAddress(incoming.socket.remoteAddress ?? '')) return false;
  for (const name in incoming.headers) {
    if (name === 'forwarded' || name === 'via' || name.startsWith('x-forwarded-') || name === 'x-real-ip') return false;
  }
  return LOOPBACK_HOST.test(incoming.headers.host ?? '');
}

function isLoopbackAddress(address: string): boolean {
  if (address === '::1') return true;
  const plain = address.replace(/^::ffff:/, '');
  return isIP(plain) === 4 && plain.startsWith('127.');
}

/** Node's request and response below Hono's; nothing when no socket carries the request. */
export function nodeBindings(context: Context): Partial<HttpBindings> {
  const bindings: Partial<HttpBindings> | undefined = context.env;
  return bindings ?? {};
}
