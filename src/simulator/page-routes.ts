import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Hono } from 'hono';
import { z } from 'zod';
import { loopbackOnly, sameOriginOnly } from './loopback-guard.ts';
import type { PageEvents } from './page-events.ts';
import { fileRequest, pressRequest, sendRequest, whoAndWhere } from './page-requests.ts';
import { chatOf, chatsView, commandsView, messagesView, peopleView } from './page-view.ts';
import type { MediaKind, Simulator } from './simulator-interface.ts';

const PAGE_FOLDER = join(import.meta.dirname, 'page');
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};
/** Nothing from outside the machine, and no script in a file that somebody sends. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const SHOWN_INLINE = /^(image\/(png|jpeg|gif|webp)|video\/(mp4|webm|quicktime))$/;

/** The page at `/`, and its files, JSON and events under `/simulator/`. For this machine and the page itself only. */
export function pageRoutes(telegram: Simulator, events: PageEvents): Hono {
  const routes = new Hono();
  routes.use('/', loopbackOnly);
  routes.use('/simulator/*', loopbackOnly, sameOriginOnly);
  routes.get('/', () => staticFile('index.html'));
  routes.get('/simulator/page/:name{[a-z-]+\\.(?:css|js|svg)}', (context) => staticFile(context.req.param('name')));

  routes.get('/simulator/people', (context) =>
    context.json({ bot: telegram.bot, people: peopleView(telegram), now: telegram.clock.now() }),
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
  routes.get('/simulator/files/:id', (context) => storedFile(telegram, context.req.param('id')));

  routes.post('/simulator/send', async (context) => {
    const { person, chat, text, replyTo } = sendRequest.parse(await context.req.json());
    const message = telegram.person(person).send({ id: chat }, text, inReply(chat, replyTo));
    return context.json({ messageId: message.message_id });
  });
  routes.post('/simulator/file', async (context) => {
    const { person, chat, replyTo, caption, asDocument, file } = fileRequest.parse(await context.req.parseBody());
    const message = telegram.person(person).sendMedia(
      { id: chat },
      {
        kind: asDocument ? 'document' : mediaKind(file.type),
        bytes: new Uint8Array(await file.arrayBuffer()),
        fileName: file.name,
        mimeType: file.type,
        caption,
        ...inReply(chat, replyTo),
      },
    );
    return context.json({ messageId: message.message_id });
  });
  routes.post('/simulator/press', async (context) => {
    const { person, chat, messageId, data, tap } = pressRequest.parse(await context.req.json());
    chatOf(telegram, person, chat);
    const answer = telegram.person(person).tap({ id: chat }, data, { messageId });
    void answer.then((words) => events.tellAnswer(tap, words));
    return context.json({ tap }, 202);
  });
  routes.onError((error, context) => {
    const sentence = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    return context.json({ error: sentence }, 400);
  });
  return routes;
}

function inReply(chat: number, messageId: number | undefined) {
  return messageId === undefined ? {} : { replyTo: { chat: { id: chat }, message_id: messageId } };
}

/** How a messenger sends a file of this type unless told to send it as it is. */
function mediaKind(type: string): MediaKind {
  if (type === 'image/gif') return 'animation';
  if (/^image\/(png|jpeg|webp)$/.test(type)) return 'photo';
  return type.startsWith('video/') ? 'video' : 'document';
}

async function staticFile(name: string): Promise<Response> {
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain';
  const headers = { 'content-type': type, 'cache-control': 'no-cache', 'content-security-policy': POLICY };
  return new Response(await readFile(join(PAGE_FOLDER, name)), { headers });
}

/** Pictures and videos are shown; everything else is a download, so that nothing that was sent runs as a page. */
function storedFile(telegram: Simulator, id: string): Response {
  const file = telegram.files.get(id);
  const bytes = file && telegram.files.bytes(file);
  if (file === undefined || bytes === undefined) return new Response('Not Found', { status: 404 });
  const type = file.mimeType ?? '';
  const inline = SHOWN_INLINE.test(type);
  const name = encodeURIComponent(file.fileName ?? 'file');
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': inline ? type : 'application/octet-stream',
      'content-disposition': inline ? 'inline' : `attachment; filename*=UTF-8''${name}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=86400, immutable',
    },
  });
}
