import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const LISTENS = 'listening to Telegram';
const START_LIMIT_MS = 60_000;
/** As PM2 waits before it starts a process again that has ended by itself. */
const RESTART_PAUSE_MS = 100;

/** The real bot as a process that somebody keeps alive, as PM2 does, and that can be killed from outside. */
export type SupervisedBot = {
  /** Resolves when it listens to Telegram. */
  start(): Promise<void>;
  /** kill -9; resolves when the process is gone. It stays away until `start`. */
  kill(): Promise<void>;
  /** Ends as Ctrl-C does. Throws when it does not end with exit code 0. */
  stop(): Promise<void>;
  /** What all its processes have said so far. */
  log(): string;
  /** How often it ended though nobody had asked for it. */
  collapses(): number;
};

/**
 * Runs in `folder`, where no `.env` of ours lies, with nothing in its environment but what is given. Belongs to no test
 * runner, for the bench uses it too: whoever makes it ends it.
 */
export function superviseBot(folder: string, env: Readonly<Record<string, string>>): SupervisedBot {
  let child: ChildProcess | undefined;
  let isWanted = false;
  let said = '';
  let collapses = 0;
  const listeners = new Set<() => void>();

  function spawnBot(): void {
    const running = spawn(process.execPath, ['--max-semi-space-size=2', MAIN], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, LOG_LEVEL: 'info', DATA_DIR: folder, PORT: '0', ...env },
    });
    child = running;
    const listen = (text: string) => {
      said += text;
      for (const listener of [...listeners]) listener();
    };
    running.stdout.setEncoding('utf8').on('data', listen);
    running.stderr.setEncoding('utf8').on('data', listen);
    running.on('close', () => {
      if (child !== running || !isWanted) return;
      collapses += 1;
      setTimeout(() => isWanted && child === running && spawnBot(), RESTART_PAUSE_MS);
    });
  }

  async function end(signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
    isWanted = false;
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return running?.exitCode ?? null;
    const closed = once(running, 'close');
    running.kill(signal);
    await closed;
    return running.exitCode;
  }

  return {
    async start() {
      const from = said.length;
      isWanted = true;
      spawnBot();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => {
        if (said.includes(LISTENS, from)) resolve();
      };
      const timer = setTimeout(
        () => reject(new Error(`the bot did not listen within a minute; it said:\n${said.slice(from)}`)),
        START_LIMIT_MS,
      );
      listeners.add(look);
      await promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(look);
      });
    },
    async kill() {
      await end('SIGKILL');
    },
    async stop() {
      const code = await end('SIGINT');
      if (code !== 0 && code !== null) throw new Error(`the bot stopped with exit code ${code}:\n${said.slice(-3000)}`);
    },
    log: () => said,
    collapses: () => collapses,
  };
}
