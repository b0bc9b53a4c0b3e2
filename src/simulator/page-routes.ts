import { Hono } from 'hono';
import { loopbackOnly, type NodeEnv } from './loopback-guard.ts';
import type { Simulator } from './simulator-interface.ts';

/** The page, its JSON and its events. */
export function pageRoutes(_telegram: Simulator): Hono<NodeEnv> {
  const routes = new Hono<NodeEnv>();
  routes.get('/', loopbackOnly, (context) => context.text('soon'));
  return routes;
}
