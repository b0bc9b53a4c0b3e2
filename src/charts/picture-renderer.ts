import type { Tinypool } from 'tinypool';
import type { DecisionsPicture } from './decisions-picture.ts';

export type PictureRenderer = {
  /** The picture as PNG. Rejects when it cannot be drawn: after a crash, or when it takes too long. */
  render(picture: DecisionsPicture): Promise<Uint8Array>;
  /** Ends the process that draws; what is being drawn is given up. May be called again. */
  stop(): Promise<void>;
};

/** A picture takes a tenth of a second, the first one half a second; a Pi takes five times that. */
const DEADLINE_MS = 10_000;
/** The drawing process ends after this long without a picture, and its memory goes back. */
const IDLE_MS = 60_000;
/** Megabytes of JavaScript; WebAssembly and fonts lie outside of it. */
const LIMITS = ['--max-old-space-size=128', '--max-semi-space-size=2'];

/**
 * Draws pictures outside of this process, one after the other, so that taps are answered meanwhile. Pool and process
 * are started at the first picture: a bot that is never asked for figures does not pay for them. A drawing that hangs,
 * ends its process or runs out of memory costs its picture only: the next one gets a fresh process.
 *
 * A process and not a thread, since both take 0.3 s for the first picture and 50 ms for the next, but a thread leaves its
 * memory behind (malloc's arenas). Measured in MB of the bot's process before, and after 24 times drawing and idling:
 * thread 80 -> 225, process 80 -> 92. It gets no environment, hence no secrets.
 */
export function createPictureRenderer({
  worker = new URL('./draw-picture.ts', import.meta.url),
  deadlineMs = DEADLINE_MS,
  idleMs = IDLE_MS,
}: {
  /** The file whose default export draws. */
  worker?: URL;
  deadlineMs?: number;
  idleMs?: number;
} = {}): PictureRenderer {
  let pool: Promise<Tinypool> | undefined;
  let isStopped = false;
  let last: Promise<unknown> = Promise.resolve();

  async function openPool(): Promise<Tinypool> {
    const { Tinypool } = await import('tinypool');
    const processes = new Tinypool({
      filename: worker.href,
      runtime: 'child_process',
      // JSON would make an object of the PNG's bytes.
      serialization: 'advanced',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: idleMs,
      execArgv: LIMITS,
      env: {},
    });
    // A process that ends between two pictures (Ctrl-C reaches it as well) has spoilt none.
    processes.on('error', () => {});
    return processes;
  }

  async function draw(picture: DecisionsPicture): Promise<Uint8Array> {
    if (isStopped) throw new Error('pictures are not drawn any more: the process stops');
    pool ??= openPool();
    const processes = await pool;
    const drawn: unknown = await processes.run(picture, { signal: AbortSignal.timeout(deadlineMs) });
    if (!(drawn instanceof Uint8Array)) throw new Error('the drawing process returned no picture');
    return drawn;
  }

  return {
    render(picture) {
      // Each waits for those before it here, not in the pool: its deadline begins with its own turn.
      const turn = last.then(() => draw(picture));
      last = turn.catch(() => {});
      return turn;
    },

    async stop() {
      isStopped = true;
      await (await pool)?.destroy();
    },
  };
}
