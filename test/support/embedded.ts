import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { type Facts, startChild, type TellingChild } from './child-process.ts';
import { fastFolder } from './fast-folder.ts';

const SCRIPT = new URL('../db/server-user-child.ts', import.meta.url);

/** A new, empty data directory. Whatever runs there when the test is over is ended. */
export function dataDirectory(below = 'data'): string {
  const root = mkdtempSync(join(fastFolder(), 'storyline-embedded-'));
  const dataDir = join(root, below);
  onTestFinished(() => {
    const server = serverPid(serverFolders(dataDir));
    if (server !== undefined) process.kill(server, 'SIGQUIT');
    rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  return dataDir;
}

/** A process that uses the server there; `started` is the first thing that it says. */
export async function useServer(
  dataDir: string,
  options: { readonly as?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly child: TellingChild; readonly started: Facts }> {
  const child = startChild(SCRIPT, [dataDir], options);
  onTestFinished(() => child.kill('SIGKILL'));
  return { child, started: await child.tell() };
}
