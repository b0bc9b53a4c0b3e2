import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PersonError } from '../lib/errors.ts';

/**
 * Where the embedded server keeps things:
 *
 *     DATA_DIR/postgres/data         the cluster
 *     DATA_DIR/postgres/socket       the socket, for us alone
 *     DATA_DIR/postgres/server.log   what the server has to say
 */
export type ServerFolders = {
  readonly home: string;
  readonly cluster: string;
  readonly socket: string;
  readonly log: string;
};

export const SOCKET_PORT = 5432;

/** The kernel's limit for a socket's path, without the closing zero (sockaddr_un has 108 bytes). */
const LONGEST_SOCKET_PATH = 107;

/** Not `os.tmpdir()`: TMPDIR differs between a service and a terminal, and both must find the same folder. */
const SHORT_PARENT = '/tmp';

/** Names the folders for a data directory; creates nothing. The same directory gives the same names everywhere. */
export function serverFolders(dataDir: string): ServerFolders {
  const home = join(resolve(dataDir), 'postgres');
  return { home, cluster: join(home, 'data'), socket: socketFolder(home), log: join(home, 'server.log') };
}

function socketFolder(home: string): string {
  const beside = join(home, 'socket');
  if (Buffer.byteLength(socketPath(beside)) <= LONGEST_SOCKET_PATH) return beside;
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return join(SHORT_PARENT, `storyline-${name}`);
}

/** The name that PostgreSQL gives to the socket in its folder. */
export function socketPath(folder: string): string {
  return join(folder, `.s.PGSQL.${SOCKET_PORT}`);
}

/** Creates the data directory. It has the usual mode: the server may run as another user and must get through. */
export function createDataDir(folders: ServerFolders): void {
  mkdirSync(dirname(folders.home), { recursive: true });
}

/**
 * Creates the home and the socket folder, for their owner only. Throws a PersonError when the socket folder exists
 * and is not ours: anybody could have put it into the temporary directory.
 */
export function createServerFolders(folders: ServerFolders, owners: readonly number[]): void {
  createDataDir(folders);
  mkdirSync(folders.home, { recursive: true, mode: 0o700 });
  mkdirSync(folders.socket, { recursive: true, mode: 0o700 });
  const found = lstatSync(folders.socket);
  if (found.isDirectory() && owners.includes(found.uid) && (found.mode & 0o077) === 0) return;
  throw new PersonError(
    `The folder ${folders.socket} belongs to somebody else or is open to others. Remove it and start again, ` +
      'or set DATA_DIR to a shorter path.',
  );
}

/** Leaves nothing in the temporary directory. The next start makes the folder again. */
export function removeSocketFolder(folders: ServerFolders): void {
  if (dirname(folders.socket) === SHORT_PARENT) rmSync(folders.socket, { recursive: true, force: true });
}
