import type { Logger } from './logger.ts';

/** Work that nobody waits for, except the process when it stops. */
export type Background = {
  /** Runs `work`; a failure is logged with `what`, never lost and never unhandled. */
  run(what: string, work: () => Promise<unknown>): void;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
};

/** Keeps track of the work that handlers leave running after they have returned. */
export function createBackground(logger: Logger): Background {
  const running = new Set<Promise<void>>();

  return {
    run(what, work) {
      const task = work().then(
        () => {},
        (error: unknown) => logger.error({ err: error }, `${what} failed`),
      );
      running.add(task);
      void task.finally(() => running.delete(task));
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
