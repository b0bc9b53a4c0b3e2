import type { Logger } from './logger.ts';

export type StopList = {
  /** Remembers how something that was just started is stopped. */
  push(entry: { what: string; stop: () => Promise<void> }): void;
  /** Stops everything, the latest first. What does not stop cleanly is logged and does not keep the rest from it. May be called again. */
  stop(): Promise<void>;
};

/** What has been started, in order, so that it can be stopped in reverse. */
export function createStopList(logger: Logger): StopList {
  const entries: { what: string; stop: () => Promise<void> }[] = [];
  let stopped: Promise<void> | undefined;

  async function stopInReverse(): Promise<void> {
    for (const { what, stop } of [...entries].reverse()) {
      try {
        await stop();
      } catch (error) {
        logger.error({ err: error }, `${what} did not stop cleanly`);
      }
    }
  }

  return {
    push: (entry) => void entries.push(entry),
    stop() {
      stopped ??= stopInReverse();
      return stopped;
    },
  };
}
