import { Hono } from 'hono';
import type { PageEvents } from './page-events.ts';
import {
  albumRequest,
  deleteRequest,
  editRequest,
  fileRequest,
  forwardRequest,
  pressRequest,
  reactRequest,
  readRequest,
  sendRequest,
} from './page-requests.ts';
import { chatOf } from './page-view.ts';
import type { AlbumFile, MediaKind, MessageRef, Simulator } from './simulator-interface.ts';

/** What a person does in a chat of theirs, below `/simulator/`. */
export function chatRoutes(telegram: Simulator, events: PageEvents): Hono {
  const routes = new Hono();

  routes.post('/send', async (context) => {
    const { person, chat, text, replyTo } = sendRequest.parse(await context.req.json());
    const message = telegram.person(person).send({ id: chat }, text, inReply(chat, replyTo));
    return context.json({ messageId: message.message_id });
  });
  routes.post('/file', async (context) => {
    const { person, chat, replyTo, caption, asDocument, file } = fileRequest.parse(await context.req.parseBody());
    const media = { ...(await mediaOf(file, asDocument)), caption, ...inReply(chat, replyTo) };
    const message = telegram.person(person).sendMedia({ id: chat }, media);
    return context.json({ messageId: message.message_id });
  });
  routes.post('/album', async (context) => {
    const body = await context.req.parseBody({ all: true });
    const { person, chat, replyTo, caption, asDocument, file } = albumRequest.parse(body);
    const files = await Promise.all(file.map((part) => mediaOf(part, asDocument)));
    const messages = telegram.person(person).sendAlbum({ id: chat }, files, { caption, ...inReply(chat, replyTo) });
    return context.json({ messageIds: messages.map(({ message_id }) => message_id) });
  });
  routes.post('/press', async (context) => {
    const { person, chat, messageId, data, tap } = pressRequest.parse(await context.req.json());
    chatOf(telegram, person, chat);
    const answer = telegram.person(person).tap({ id: chat }, data, { messageId });
    void answer.then((words) => events.tellAnswer(tap, words));
    return context.json({ tap }, 202);
  });
  routes.post('/read', async (context) => {
    const { person, chat, messageId } = readRequest.parse(await context.req.json());
    chatOf(telegram, person, chat);
    telegram.markRead(telegram.person(person), reference(chat, messageId));
    return context.json({});
  });
  routes.post('/edit', async (context) => {
    const { person, chat, messageId, text } = editRequest.parse(await context.req.json());
    telegram.person(person).edit(reference(chat, messageId), text);
    return context.json({});
  });
  routes.post('/react', async (context) => {
    const { person, chat, messageId, emoji } = reactRequest.parse(await context.req.json());
    telegram.person(person).react(reference(chat, messageId), emoji);
    return context.json({});
  });
  routes.post('/forward', async (context) => {
    const { person, chat, messageId, to } = forwardRequest.parse(await context.req.json());
    chatOf(telegram, person, chat);
    const message = telegram.person(person).forward(reference(chat, messageId), { id: to });
    return context.json({ messageId: message.message_id });
  });
  routes.post('/delete', async (context) => {
    const { person, chat, messageId } = deleteRequest.parse(await context.req.json());
    telegram.person(person).delete(reference(chat, messageId));
    return context.json({});
  });
  return routes;
}

function reference(chat: number, messageId: number): MessageRef {
  return { chat: { id: chat }, message_id: messageId };
}

function inReply(chat: number, messageId: number | undefined): { replyTo?: MessageRef } {
  return messageId === undefined ? {} : { replyTo: reference(chat, messageId) };
}

async function mediaOf(file: File, asDocument: boolean): Promise<AlbumFile> {
  return {
    kind: asDocument ? 'document' : mediaKind(file.type),
    bytes: new Uint8Array(await file.arrayBuffer()),
    fileName: file.name,
    mimeType: file.type,
  };
}

/** How a messenger sends a file of this type unless told to send it as it is. */
function mediaKind(type: string): MediaKind {
  if (type === 'image/gif') return 'animation';
  if (/^image\/(png|jpeg|webp)$/.test(type)) return 'photo';
  return type.startsWith('video/') ? 'video' : 'document';
}
