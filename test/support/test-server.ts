import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { processStart } from '../../src/db/proc.ts';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { silentLogger } from '../../src/lib/logger.ts';

const FOLDER = 'storyline-test';
const MEMORY_FOLDER = '/dev/shm';
const GIGABYTE = 2 ** 30;

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

/** Starts a server in a folder of its own, whose name tells which process it belongs to. */
export async function startTestServer(): Promise<TestServer> {
  const parents = [MEMORY_FOLDER, tmpdir()].filter(isWritable);
  for (const parent of parents) sweep(parent);
  const parent = parents.find(hasRoom) ?? tmpdir();
  const dataDir = mkdtempSync(join(parent, `${FOLDER}-${process.pid}-${processStart(process.pid)}-`));
  const server = await startEmbeddedServer({ dataDir, logger: silentLogger(), purpose: 'tests', settings: CARELESS });
  return {
    ...server,
    remove: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * In memory if there is plenty: cloning a database creates 300 files, which took 13 ms there and 80 to 250 ms on a
 * disk. The server needs about 150 MB.
 */
function hasRoom(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > GIGABYTE && (folder !== MEMORY_FOLDER || process.availableMemory() > 2 * GIGABYTE);
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
