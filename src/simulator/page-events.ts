import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { messageView } from './page-view.ts';
import type { Simulator, TapAnswer } from './simulator-interface.ts';
import type { Change } from './world/changes.ts';

/** What the page hears: changes of messages with their content, the rest as a hint to ask again. */
type PageEvent =
  | { kind: 'message'; chatId: number; view: ReturnType<typeof messageView> }
  | { kind: 'deleted'; chatId: number; messageId: number }
  | { kind: 'typing'; chatId: number; action: string }
  | { kind: 'chats' }
  | { kind: 'commands' }
  | { kind: 'answer'; tap: string; answer: TapAnswer | 'expired' };

export type PageEvents = {
  /** Answers with a stream of events until the page goes away. */
  stream(context: Context): Response;
  /** Tells all pages what the bot said to a tap; the one that tapped knows its number. */
  tellAnswer(tap: string, answer: TapAnswer | 'expired'): void;
  closeAll(): void;
};

const ALIVE_EVERY_MS = 20_000;

/** The event streams of all open pages. */
export function createPageEvents(telegram: Simulator): PageEvents {
  const pages = new Set<{ tell: (event: PageEvent) => void; close: () => void }>();
  const tellAll = (event: PageEvent) => {
    for (const page of pages) page.tell(event);
  };
  telegram.changes.on((change) => {
    if (pages.size === 0) return;
    const event = pageEvent(telegram, change);
    if (event !== undefined) tellAll(event);
  });

  return {
    stream: (context) =>
      streamSSE(context, async (stream) => {
        const { promise: closed, resolve: close } = Promise.withResolvers<void>();
        const tell = (event: PageEvent) => void stream.writeSSE({ data: JSON.stringify(event) });
        const page = { tell, close };
        const alive = setInterval(() => void stream.write(': alive\n\n'), ALIVE_EVERY_MS);
        pages.add(page);
        stream.onAbort(close);
        tell({ kind: 'chats' });
        await closed;
        clearInterval(alive);
        pages.delete(page);
      }),
    tellAnswer: (tap, answer) => tellAll({ kind: 'answer', tap, answer }),
    closeAll() {
      for (const page of [...pages]) page.close();
    },
  };
}

function pageEvent(telegram: Simulator, change: Change): PageEvent | undefined {
  switch (change.kind) {
    case 'message':
    case 'reaction': {
      const stored = telegram.world.chats.get(change.chatId)?.messages.get(change.messageId);
      return stored && { kind: 'message', chatId: change.chatId, view: messageView(stored) };
    }
    case 'deleted':
    case 'typing':
    case 'commands':
      return change;
    case 'chat':
    case 'person':
      return { kind: 'chats' };
    default:
      return undefined;
  }
}
