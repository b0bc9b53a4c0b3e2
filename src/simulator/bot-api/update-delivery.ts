import type { Update } from 'grammy/types';
import type { World } from '../world/world.ts';
import { type BotApiError, conflict } from './bot-api-error.ts';
import { createWebhookDelivery, type WebhookDelivery, type WebhookSettings } from './webhook-delivery.ts';

export type PollRequest = {
  offset: number | undefined;
  limit: number;
  timeoutSeconds: number;
  gone: AbortSignal;
};

export type UpdateDelivery = {
  /** Answers at once when updates wait, else when one arrives or the timeout is over. Throws 409 as Telegram does. */
  poll(request: PollRequest): Promise<Update[]>;
  setWebhook(settings: WebhookSettings | undefined): void;
  readonly webhook: WebhookSettings | undefined;
  readonly lastWebhookError: WebhookDelivery['lastError'];
  stop(): void;
};

const OTHER_POLLER = 'terminated by other getUpdates request; make sure that only one bot instance is running';
const WEBHOOK_SET =
  "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

/**
 * Who receives the updates: one long poll at a time, or a webhook. A second getUpdates ends the first one with 409.
 * (Telegram also makes the second one wait up to 3 s; the simulator does not.)
 */
export function createUpdateDelivery(world: World): UpdateDelivery {
  let waiting: { end: (reason: BotApiError | 'over') => void } | undefined;
  let webhook: WebhookDelivery | undefined;

  return {
    async poll({ offset, limit, timeoutSeconds, gone }) {
      if (webhook !== undefined) throw conflict(WEBHOOK_SET);
      waiting?.end(conflict(OTHER_POLLER));
      const ready = world.updates.take(offset, limit);
      if (ready.length > 0 || timeoutSeconds <= 0 || gone.aborted) return ready;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const mine = { end: (reason: BotApiError | 'over') => (reason === 'over' ? resolve() : reject(reason)) };
      waiting = mine;
      const timer = setTimeout(resolve, timeoutSeconds * 1000);
      const stopListening = world.updates.onAdded(resolve);
      gone.addEventListener('abort', () => resolve(), { once: true });
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        stopListening();
        if (waiting === mine) waiting = undefined;
      }
      return gone.aborted ? [] : world.updates.take(undefined, limit);
    },
    setWebhook(settings) {
      webhook?.stop();
      webhook = settings === undefined ? undefined : createWebhookDelivery(world, settings);
      if (settings !== undefined) waiting?.end(conflict('terminated by setWebhook request'));
    },
    get webhook() {
      return webhook?.settings;
    },
    get lastWebhookError() {
      return webhook?.lastError;
    },
    stop() {
      webhook?.stop();
      waiting?.end('over');
    },
  };
}
