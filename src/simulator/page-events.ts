import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { CallLog } from './call-log.ts';
import type { CallView } from './call-view.ts';
import { type ClockView, clockView } from './clock-view.ts';
import { type ArmedFaultView, armedFaults } from './fault-menu.ts';
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
  | { kind: 'read'; person: number; chatId: number }
  | { kind: 'call'; call: CallView }
  | { kind: 'faults'; armed: ArmedFaultView[] }
  | ({ kind: 'clock' } & ClockView)
  | { kind: 'answer'; tap: string; answer: TapAnswer | 'expired' };

export type PageEvents = {
  /** Answers with a stream of events until the page goes away. */
  stream(context: Context): Response;
  /** Tells all pages what the bot said to a tap; the one that tapped knows its number. */
  tellAnswer(tap: string, answer: TapAnswer | 'expired'): void;
  closeAll(): void;
};

const ALIVE_EVERY_MS = 20_000;

/** The event streams of all open pages. Writes the calls down as they come, whether or not a page is open. */
export function createPageEvents(telegram: Simulator, calls: CallLog): PageEvents {
  const pages = new Set<{ tell: (event: PageEvent) => void; close: () => void }>();
  const tellAll = (event: PageEvent) => {
    for (const page of pages) page.tell(event);
  };
  telegram.changes.on((change) => {
    // A call is written down even when nobody looks; everything else is told only to those who do.
    if (change.kind !== 'call' && pages.size === 0) return;
    const event = change.kind === 'call' ? callEvent(telegram, calls, change.sequence) : pageEvent(telegram, change);
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

function callEvent(telegram: Simulator, calls: CallLog, sequence: number): PageEvent | undefined {
  const call = telegram.history.findLast((candidate) => candidate.sequence === sequence);
  const view = call && calls.add(call);
  return view && { kind: 'call', call: view };
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
    case 'read':
      return { kind: 'read', person: change.personId, chatId: change.chatId };
    case 'faults':
      return { kind: 'faults', armed: armedFaults(telegram) };
    case 'clock':
      return change.moved ? { kind: 'clock', ...clockView(telegram.clock) } : undefined;
    case 'chat':
    case 'person':
      return { kind: 'chats' };
    default:
      return undefined;
  }
}
