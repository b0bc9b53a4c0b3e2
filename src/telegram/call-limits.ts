import { InputFile, type Transformer } from 'grammy';

/** How long calls may take, in milliseconds. */
export type CallLimits = {
  /** Everything that Telegram answers at once. */
  readonly callMs: number;
  /** Beyond the time for which a long poll asks Telegram to wait. */
  readonly pollGraceMs: number;
};

/**
 * Telegram answers within a second or two. A call that it leaves alone for longer met a dead link or a Telegram in
 * trouble; whoever waits for it waits in vain, and behind a handler all the others do too.
 */
const CALL_LIMITS: CallLimits = { callMs: 12_000, pollGraceMs: 5_000 };

/** The methods by which files go up. With a file in them only the client's own limit holds: a slow line takes its time. */
const UPLOADS: ReadonlySet<string> = new Set([
  'sendPhoto',
  'sendVideo',
  'sendAnimation',
  'sendDocument',
  'editMessageMedia',
]);

/**
 * Gives every call its own limit (`api.config.use`, before what records answers). A call that exceeds it fails with
 * grammY's HttpError, `unknown_outcome` in telegram-errors.ts: Telegram may have carried it out. What happens then:
 *
 * - `getUpdates`: nothing is confirmed by it. grammY asks again three seconds later, for the same updates. It ends with
 *   any other call that exceeds its limit: that one shows that the link is dead, while a poll may still seem to wait.
 * - `getChatMember`: asked again within bounds (membership-service.ts); then what was last known holds, and without that
 *   the person is asked to tap again.
 * - `answerCallbackQuery`: left at that (answer-tap.ts). Nobody looks at that toast any more, and the tap stands.
 * - the edit of a card: the sweep does it again in five seconds; a card that shows its row already is "not modified".
 * - the send of a card: two minutes later it is sent once more, labelled as a repeat (delivery-service.ts).
 * - `sendMessage` and other edits in a handler: not repeated, for a repeat might be the second one. The error boundary
 *   records the update as failed and says so. In a durable job: the job's next attempt.
 * - `deleteMessage`, `sendChatAction`, menus: left at that; nothing depends on them.
 */
export function limitCalls(limits: CallLimits = CALL_LIMITS): Transformer {
  const polls = new Set<AbortController>();

  return async (call, method, payload, signal) => {
    if (UPLOADS.has(method) && holdsFile(payload)) return call(method, payload, signal);
    const isPoll = method === 'getUpdates';
    const late = new AbortController();
    const giveUp = () => late.abort();
    const timer = setTimeout(
      () => {
        giveUp();
        for (const poll of polls) poll.abort();
      },
      isPoll ? pollSeconds(payload) * 1000 + limits.pollGraceMs : limits.callMs,
    );
    if (isPoll) polls.add(late);
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp);
    try {
      return await call(method, payload, asGrammySignal(late.signal));
    } finally {
      clearTimeout(timer);
      polls.delete(late);
      signal?.removeEventListener('abort', giveUp);
    }
  };
}

function pollSeconds(payload: object): number {
  return 'timeout' in payload && typeof payload.timeout === 'number' ? payload.timeout : 0;
}

/** In the payload itself, or in the medium of `editMessageMedia`. */
function holdsFile(payload: object): boolean {
  return Object.values(payload).some(
    (value) =>
      value instanceof InputFile ||
      (typeof value === 'object' && value !== null && Object.values(value).some((part) => part instanceof InputFile)),
  );
}

/** grammY's type is that of a polyfill; Node's own signal is what it gets and needs. */
function asGrammySignal(signal: AbortSignal) {
  return signal as Parameters<Transformer>[3];
}
