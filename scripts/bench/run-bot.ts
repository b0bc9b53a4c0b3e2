/* Starts the real bot as its own process, as `npm start` does. Used by measure-telegram.ts and measure-process.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const POLL_MS = 5;
const PATIENCE_MS = 60_000;

export type RunningBot = {
  pid: number;
  /** From spawning the process to the first 200 from /healthz. */
  startMs: number;
  /** As Ctrl-C does. */
  stop(): Promise<void>;
};

/** Resolves when the bot is healthy. `folder` is where it runs, so that no .env of ours is read. */
export async function runBot(folder: string, environment: Readonly<Record<string, string>>): Promise<RunningBot> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, ['--max-semi-space-size=2', MAIN], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env.PATH, LOG_LEVEL: 'error', DATA_DIR: folder, ...environment, PORT: String(port) },
  });
  await healthy(child, `http://127.0.0.1:${port}/healthz`);
  const startMs = performance.now() - begun;
  return {
    pid: child.pid ?? 0,
    startMs,
    async stop() {
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGINT');
      await exit;
    },
  };
}

async function healthy(child: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the bot ended with exit code ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await wait(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error('the bot did not become healthy');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}
