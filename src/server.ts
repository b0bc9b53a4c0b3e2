import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { PersonError } from './lib/errors.ts';
import { redactText } from './lib/redact.ts';
import type { HealthReport } from './operations/health.ts';

export type HttpServer = {
  /** `http://127.0.0.1:8080`: where this machine reaches it. */
  origin: string;
  /** Answers what is being asked, then closes; after five seconds it cuts. May be called again. */
  stop(): Promise<void>;
};

/** Slow or idle sockets are closed early: a Pi has few to give (platform-facts 5.1). */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const STOP_DEADLINE_MS = 5_000;

/**
 * The HTTP routes: `/healthz` (200 while everything works, 503 with what does not), `/readyz` (200 once started), and
 * whatever the process mounts besides (the simulator).
 */
export function createRoutes(options: {
  health: () => Promise<HealthReport>;
  isReady: () => boolean;
  mounted?: Hono;
}): Hono {
  const routes = new Hono();
  routes.get('/healthz', async (c) => {
    const report = await options.health();
    return c.json({ status: report.isHealthy ? 'ok' : 'unhealthy', ...report.checks }, report.isHealthy ? 200 : 503);
  });
  routes.get('/readyz', (c) => c.json({ ready: options.isReady() }, options.isReady() ? 200 : 503));
  if (options.mounted) routes.route('/', options.mounted);
  return routes;
}

/** Listens. Throws PersonError when the port is taken or may not be used, with what to do. */
export async function startServer(routes: Hono, address: { host: string; port: number }): Promise<HttpServer> {
  const server: ServerType = createAdaptorServer({
    fetch: routes.fetch,
    serverOptions: { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, address)));
    server.listen(address.port, address.host, resolve);
  });
  const bound: AddressInfo | string | null = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : address.port;
  let stopped: Promise<void> | undefined;
  return {
    origin: `http://${address.host === '0.0.0.0' || address.host === '::' ? '127.0.0.1' : address.host}:${port}`,
    stop() {
      stopped ??= close(server);
      return stopped;
    },
  };
}

function listenError(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  if (error.code === 'EADDRINUSE') {
    return new PersonError(
      `Port ${port} is in use: is Storyline running already? Stop the other program, or choose another port with PORT.`,
    );
  }
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL') {
    return new PersonError(`Cannot listen on ${host}:${port} (${error.code}). Choose others with HOST and PORT.`);
  }
  return new Error(redactText(error.message, []), { cause: error });
}

/** Keep-alive sockets without a request would hold `close` for seconds, so they are closed again and again. */
async function close(server: ServerType): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  if (!('closeIdleConnections' in server)) return closed;
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  const deadline = setTimeout(() => server.closeAllConnections(), STOP_DEADLINE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
