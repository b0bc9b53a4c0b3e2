import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OutsideError, PersonError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { processStart } from './proc.ts';
import { SERVER_VERSION, type ServerFiles } from './server-files.ts';
import type { ServerFolders } from './server-folders.ts';
import { runProgram, type ServerUser } from './server-user.ts';

/** The server's superuser, and the only one: the socket's folder is what keeps others out. */
export const SERVER_USER = 'storyline';

/** Our settings, beside the file that initdb writes. */
export const SETTINGS_FILE = 'storyline.conf';

const UNFINISHED = 'data.new';

/**
 * Makes sure that there is a cluster. It is made in a folder beside its place, written to the disk, and renamed:
 *
 *     data.new-<pid>-<start>  --initdb, fsync-->  data.new-<pid>-<start>  --rename-->  data
 *
 * so what bears its name is complete. Of two processes that do this at once one renames, the other throws its own
 * away. What a killed process left behind is removed by the next one that makes a cluster.
 * Throws a PersonError when the cluster belongs to another PostgreSQL version, an OutsideError when initdb fails.
 */
export async function ensureCluster(
  files: ServerFiles,
  folders: ServerFolders,
  user: ServerUser,
  logger: Logger,
): Promise<void> {
  if (existsSync(folders.cluster)) {
    requireVersion(folders.cluster);
    return;
  }
  sweep(folders.home);
  const unfinished = join(folders.home, `${UNFINISHED}-${process.pid}-${processStart(process.pid)}`);
  logger.info({ folder: folders.cluster }, 'creating the database server');
  try {
    await initdb(files, user, unfinished);
    appendFileSync(join(unfinished, 'postgresql.conf'), `\ninclude_if_exists = '${SETTINGS_FILE}'\n`);
    renameSync(unfinished, folders.cluster);
  } catch (error) {
    if (!isTaken(error)) throw error;
    logger.info('another process has created it meanwhile');
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function initdb(files: ServerFiles, user: ServerUser, folder: string): Promise<void> {
  const options = ['-U', SERVER_USER, '-A', 'trust', '-E', 'UTF8', '--no-locale', '--data-checksums'];
  const { code, output } = await runProgram(user, files, 'initdb', ['-D', folder, ...options]);
  if (code === 0) return;
  throw new OutsideError('postgres', `The database server could not be created in ${folder}: ${output.trim()}`, {
    retryable: false,
  });
}

function requireVersion(cluster: string): void {
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (version === String(SERVER_VERSION)) return;
  throw new PersonError(
    `The database in ${cluster} was made by PostgreSQL ${version}, this Storyline brings PostgreSQL ${SERVER_VERSION}. ` +
      'Make a backup with the older Storyline, move the folder away, and restore the backup with this one.',
  );
}

/** Removes unfinished clusters whose process is gone. */
function sweep(home: string): void {
  for (const name of readdirSync(home)) {
    const [, pid, start] = /^data\.new-(\d+)-(\d+)$/.exec(name) ?? [];
    if (pid === undefined || processStart(Number(pid)) === start) continue;
    rmSync(join(home, name), { recursive: true, force: true });
  }
}

/** The target of the rename exists and is not empty. */
function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
}
