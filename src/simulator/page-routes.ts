import { Hono } from 'hono';
import { z } from 'zod';
import type { CallLog } from './call-log.ts';
import { chatRoutes } from './chat-routes.ts';
import { clockView } from './clock-view.ts';
import { loopbackOnly, sameOriginOnly } from './loopback-guard.ts';
import type { PageEvents } from './page-events.ts';
import { pageFiles } from './page-files.ts';
import { whoAndWhere } from './page-requests.ts';
import { chatsView, commandsView, messagesView, peopleView } from './page-view.ts';
import { panelRoutes } from './panel-routes.ts';
import { sentFile } from './sent-file.ts';
import type { Simulator } from './simulator-interface.ts';

/**
 * The page at `/`, and its files, JSON and events under `/simulator/`. For this machine and the page itself only.
 * What cannot be done is answered 400 with a sentence: `{"error": "..."}`.
 */
export function pageRoutes(telegram: Simulator, { events, calls }: { events: PageEvents; calls: CallLog }): Hono {
  const routes = new Hono();
  routes.use('/', loopbackOnly);
  routes.use('/simulator/*', loopbackOnly, sameOriginOnly);
  routes.onError((error, context) => {
    const sentence = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    return context.json({ error: sentence }, 400);
  });
  routes.route('/', pageFiles());

  routes.get('/simulator/people', (context) =>
    context.json({ bot: telegram.bot, people: peopleView(telegram), ...clockView(telegram.clock) }),
  );
  routes.get('/simulator/chats', (context) => context.json(chatsView(telegram, Number(context.req.query('person')))));
  routes.get('/simulator/messages', (context) => {
    const { person, chat } = whoAndWhere.parse(context.req.query());
    return context.json(messagesView(telegram, person, chat));
  });
  routes.get('/simulator/commands', (context) => {
    const { person, chat } = whoAndWhere.parse(context.req.query());
    return context.json(commandsView(telegram, person, chat));
  });
  routes.get('/simulator/events', (context) => events.stream(context));
  routes.get('/simulator/files/:id', (context) => sentFile(telegram, context.req.param('id')));
  routes.route('/simulator', chatRoutes(telegram, events));
  routes.route('/simulator', panelRoutes(telegram, calls));
  return routes;
}
