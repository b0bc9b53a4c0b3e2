import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';

export type LoopbackServer = { port: number; stop(): Promise<void> };

/** Serves routes on 127.0.0.1; port 0 chooses a free one. Rejects when the port is taken. */
export async function listenOnLoopback(routes: Hono, port: number): Promise<LoopbackServer> {
  const server = createAdaptorServer({ fetch: routes.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port');
  return {
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
