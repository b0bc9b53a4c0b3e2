import { join } from 'node:path';
import type { Hono } from 'hono';
import type { Logger } from '../lib/logger.ts';
import { bringInCast, startDemo } from './demo.ts';
import { DEMO_GUEST_IDS, DEMO_PEOPLE, DEMO_TEAM_CHAT_ID } from './demo-cast.ts';
import { createSettableClock, type SettableClock } from './settable-clock.ts';
import { createSimulator } from './simulator.ts';
import { keepState } from './simulator-state.ts';

/** A Telegram with a team in it, to be mounted into the process that runs the bot. */
export type DemoTelegram = {
  token: string;
  clock: SettableClock;
  routes: Hono;
  adminTelegramIds: readonly number[];
  /** Whom the bot is to know as guests. */
  guestTelegramIds: readonly number[];
  teamChatId: number;
  /** Says where `routes` are served. */
  mountedAt(origin: string): void;
  /** Sends the demo media that were not sent yet; resolves when they are sent, or when `signal` has ended it. */
  begin(signal?: AbortSignal): Promise<void>;
  /** Ends the event streams of open pages. Before the server stops: it would wait for them. */
  closePages(): void;
  /** Ends open requests and saves the state. */
  stop(): Promise<void>;
};

/**
 * The simulator with the state that `folder` keeps (empty at the first start). Chats, messages and files survive a
 * restart as they would at Telegram.
 */
export async function openDemoTelegram({ folder, logger }: { folder: string; logger: Logger }): Promise<DemoTelegram> {
  const clock = createSettableClock({ ticking: true });
  const telegram = createSimulator({ clock, keepHistory: false, guestIds: DEMO_GUEST_IDS });
  const kept = await keepState(telegram, join(folder, 'telegram'), {
    onError: (error) => logger.error({ err: error }, 'the simulator could not save its state'),
  });
  bringInCast(telegram);
  return {
    token: telegram.token,
    clock,
    routes: telegram.routes,
    adminTelegramIds: [DEMO_PEOPLE.alice.id],
    guestTelegramIds: DEMO_GUEST_IDS,
    teamChatId: DEMO_TEAM_CHAT_ID,
    mountedAt: telegram.mountedAt,
    async begin(signal) {
      const { sent } = await startDemo(telegram, { folder: join(folder, 'demo-media'), ...(signal && { signal }) });
      if (sent > 0) logger.info({ sent }, 'demo media sent to the bot');
    },
    closePages: telegram.closePages,
    async stop() {
      await telegram.stop();
      await kept.stop();
    },
  };
}
