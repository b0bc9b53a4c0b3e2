import type { Api } from 'grammy';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { CategoryMixRepository } from '../media/category-mix-repository.ts';
import type { Chat, ChatRepository } from '../settings/chat-repository.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import { nextPoolState, type PoolHealth, type PoolState, poolHealth } from './pool-health.ts';
import { poolMessage } from './pool-messages.ts';
import type { PoolRepository } from './pool-repository.ts';

export type PoolService = ReturnType<typeof createPoolService>;

const SEVERITY: Readonly<Record<PoolState, number>> = { ok: 0, warning: 1, alarm: 2 };

/** Watches how long the library lasts, and tells each chat once when that becomes worse, and once when it is good again. */
export function createPoolService(dependencies: {
  pools: PoolRepository;
  mix: Pick<CategoryMixRepository, 'present'>;
  chats: Pick<ChatRepository, 'active' | 'byId'>;
  api: Pick<Api, 'sendMessage'>;
  clock: Clock;
  logger: Logger;
}) {
  const { pools, mix, chats, api, clock, logger } = dependencies;

  async function health(chat: Pick<Chat, 'id' | 'postsPerDay'>, now: Date): Promise<PoolHealth> {
    const [stock, ratios] = await Promise.all([pools.stock(chat.id, now), mix.present(chat.id)]);
    return poolHealth(stock, ratios, chat.postsPerDay);
  }

  async function watch(chat: Chat): Promise<void> {
    const now = await health(chat, clock.now());
    // A library in which nothing was ever put is not running out.
    if (now.categories.every(({ media }) => media === 0)) return;
    const told = await pools.told(chat.id);
    const state = nextPoolState(told, now.days);
    if (state === told || !(await pools.change(chat.id, told, state))) return;
    // From alarm to warning things became better, but are not good: nothing to say.
    if (state === 'warning' && SEVERITY[told] > SEVERITY[state]) return;
    const text = poolMessage(state, now);
    try {
      await api.sendMessage(chat.id, text.text, { entities: text.entities });
    } catch (error) {
      const failure = classifyTelegramError(error);
      if (!failure) throw error;
      logger.warn({ chatId: chat.id, state, err: error }, 'the state of the library could not be told');
      // Only what Telegram surely did not send may be said again.
      if (failure.kind === 'wait') await pools.change(chat.id, state, told);
    }
  }

  return {
    /** How long the library lasts for a chat; undefined when there is no such chat. */
    async healthOf(chatId: number, now: Date): Promise<PoolHealth | undefined> {
      const chat = await chats.byId(chatId);
      return chat && health(chat, now);
    },

    /** Looks at every chat that is not paused, and tells it what has changed. */
    async watchAll(): Promise<void> {
      for (const chat of (await chats.active()).filter(({ isPaused }) => !isPaused)) await watch(chat);
    },
  };
}
