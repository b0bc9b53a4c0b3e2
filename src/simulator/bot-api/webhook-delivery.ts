import type { Update } from 'grammy/types';
import type { World } from '../world/world.ts';

export type WebhookSettings = { url: string; secretToken: string; maxConnections: number };
export type WebhookDelivery = {
  readonly settings: WebhookSettings;
  readonly lastError: { date: number; message: string } | undefined;
  stop(): void;
};

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5000;
const ANSWER_WITHIN_MS = 60_000;

/**
 * Posts updates to the bot's webhook: per chat in order and one at a time, so that a failing update holds up its own
 * chat only. Anything but 2xx is tried again, at first at once. (Telegram's back-off ends at 60-120 s, ours at 5 s.)
 */
export function createWebhookDelivery(world: World, settings: WebhookSettings): WebhookDelivery {
  const busyChats = new Set<number>();
  let stopped = false;
  let lastError: WebhookDelivery['lastError'];

  const post = async (update: Update): Promise<boolean> => {
    try {
      const response = await fetch(settings.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(settings.secretToken === '' ? {} : { 'x-telegram-bot-api-secret-token': settings.secretToken }),
        },
        body: JSON.stringify(update),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      await response.arrayBuffer();
      if (response.ok) return true;
      const message = `Wrong response from the webhook: ${response.status} ${response.statusText}`;
      lastError = { date: Math.floor(world.clock.now().getTime() / 1000), message };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      lastError = { date: Math.floor(world.clock.now().getTime() / 1000), message };
    }
    return false;
  };

  const deliver = async (update: Update, chatId: number) => {
    busyChats.add(chatId);
    let pause = 0;
    while (!stopped && world.updates.waiting().includes(update)) {
      if (await post(update)) {
        world.updates.remove(update);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, pause).unref());
      pause = Math.min(LONGEST_RETRY_MS, pause === 0 ? FIRST_RETRY_MS : pause * 2);
    }
    busyChats.delete(chatId);
    if (!stopped) pump();
  };

  const pump = () => {
    for (const update of world.updates.waiting()) {
      if (busyChats.size >= settings.maxConnections) return;
      const chatId = chatOf(update);
      if (!busyChats.has(chatId)) void deliver(update, chatId);
    }
  };
  const stopListening = world.updates.onAdded(pump);
  pump();

  return {
    settings,
    get lastError() {
      return lastError;
    },
    stop() {
      stopped = true;
      stopListening();
    },
  };
}

function chatOf(update: Update): number {
  const about = update.message ?? update.edited_message ?? update.my_chat_member ?? update.chat_member;
  return (about ?? update.message_reaction ?? update.callback_query?.message)?.chat.id ?? 0;
}
