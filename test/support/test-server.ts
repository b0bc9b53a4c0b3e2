import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { processStart } from '../../src/db/proc.ts';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { fastFolder, throwAwayParents } from './fast-folder.ts';

const FOLDER = 'storyline-test';

/** What is lost when the machine loses power does not matter here. */
const CARELESS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '64MB',
  min_wal_size: '32MB',
  max_connections: '100',
};

export type TestServer = EmbeddedServer & { remove(): Promise<void> };

/** A new folder whose name tells which process it belongs to. If that is killed, the next test server sweeps it away. */
export function throwAwayFolder(): string {
  return mkdtempSync(join(fastFolder(), `${FOLDER}-${process.pid}-${processStart(process.pid)}-`));
}

/** Starts a server in a folder of its own. */
export async function startTestServer(): Promise<TestServer> {
  for (const parent of throwAwayParents) sweep(parent);
  const dataDir = throwAwayFolder();
  const server = await startEmbeddedServer({ dataDir, logger: silentLogger(), purpose: 'tests', settings: CARELESS });
  return {
    ...server,
    remove: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Ends the servers of test runs that were killed. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid, start] = new RegExp(`^${FOLDER}-(\\d+)-(\\d+)-`).exec(name) ?? [];
    if (pid === undefined || processStart(Number(pid)) === start) continue;
    const dataDir = join(parent, name);
    const server = serverPid(serverFolders(dataDir));
    if (server !== undefined) process.kill(server, 'SIGQUIT');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
