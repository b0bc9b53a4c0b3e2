import type { Middleware } from 'grammy';
import type { BotContext } from './bot-context.ts';

/** Thrown for updates that were not begun because the process stops: they stay at Telegram. */
export class GateClosed extends Error {
  override readonly name = 'GateClosed';
}

export type UpdateGate = {
  middleware: Middleware<BotContext>;
  /**
   * Lets the update that is being handled finish and no further one begin. True when there was one: then polling ends
   * by itself behind it.
   */
  close(): Promise<boolean>;
  /** The newest update that was dealt with; it and all before it may be confirmed. */
  lastHandledId(): number | undefined;
};

/**
 * The outermost step: grammY handles the updates it has fetched to the last, and confirms an update whose handler still
 * runs when it is stopped. Behind this gate only what was dealt with is ever confirmed (DESIGN, rule 3).
 */
export function createUpdateGate(): UpdateGate {
  let isClosed = false;
  let current: Promise<void> | undefined;
  let lastHandledId: number | undefined;

  return {
    middleware: async (ctx, next) => {
      if (isClosed) throw new GateClosed('the process stops');
      const handling = next();
      current = handling.catch(() => {});
      try {
        await handling;
        lastHandledId = ctx.update.update_id;
      } finally {
        current = undefined;
      }
      // Thrown here too: grammY must not take up the next update, which it would count as tried.
      if (isClosed) throw new GateClosed('the process stops');
    },
    async close() {
      isClosed = true;
      const isBusy = current !== undefined;
      await current;
      return isBusy;
    },
    lastHandledId: () => lastHandledId,
  };
}
