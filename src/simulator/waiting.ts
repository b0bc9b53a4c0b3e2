import type { Message } from 'grammy/types';
import type { Call, CallHistory } from './bot-api/call-history.ts';
import type { ChatRef, WaitForCallOptions } from './simulator-interface.ts';
import { chatRecord, type World } from './world/world.ts';

const DEFAULT_TIMEOUT_MS = 5000;

export type Waiting = ReturnType<typeof createWaiting>;

/**
 * Waiting without sleeping: a check runs at once and again after every call and change, until it gives a value.
 * Rejects after `timeoutMs` of real time, saying what was waited for and what happened last.
 */
export function createWaiting(world: World, history: CallHistory) {
  const waitFor = <T>(
    check: () => T | undefined | false,
    options: { timeoutMs?: number; describe?: string } = {},
  ): Promise<T> => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, describe = check.toString() } = options;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      try {
        const value = check();
        if (value !== undefined && value !== false) resolve(value);
      } catch (error) {
        reject(error);
      }
    };
    const stop = world.changes.on(look);
    const timer = setTimeout(() => {
      const waited = `Waited ${timeoutMs} ms for: ${describe}`;
      const pending = world.updates.size === 0 ? '' : `\n${world.updates.size} updates are not confirmed.`;
      reject(new Error(`${waited}${pending}\nThe last calls were:\n${history.summary(8)}`));
    }, timeoutMs);
    look();
    return promise.finally(() => {
      stop();
      clearTimeout(timer);
    });
  };

  return {
    waitFor,
    /** The first call of this method (after the one with the sequence number `after`) that matches. */
    waitForCall(method: string, predicate: (call: Call) => boolean = () => true, options: WaitForCallOptions = {}) {
      const { after = 0, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
      const matches = (call: Call) => call.sequence > after && call.method === method && predicate(call);
      return waitFor(() => history.calls.find(matches), { timeoutMs, describe: `a call of ${method} ${predicate}` });
    },
    /** The newest message of the chat that matches. */
    waitForMessage(chat: ChatRef, predicate: (message: Message) => boolean, options: { timeoutMs?: number } = {}) {
      const newest = () =>
        [...chatRecord(world, chat).messages.values()].reverse().find(({ message }) => predicate(message))?.message;
      return waitFor<Message>(newest, { ...options, describe: `a message in chat ${chat.id} ${predicate}` });
    },
    /** Until no update waits for the bot any more. */
    async idle(options: { timeoutMs?: number } = {}) {
      await waitFor(() => world.updates.size === 0, { ...options, describe: 'all updates to be confirmed' });
    },
  };
}
