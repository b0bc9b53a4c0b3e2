import { chmodSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { OutsideError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { ensureCluster, SETTINGS_FILE } from './create-cluster.ts';
import { processesIn, worksIn } from './proc.ts';
import { findServerFiles, type ServerFiles } from './server-files.ts';
import {
  createDataDir,
  createServerFolders,
  removeSocketFolder,
  type ServerFolders,
  socketPath,
} from './server-folders.ts';
import { type ServerSettings, settingsFile } from './server-settings.ts';
import { chooseServerUser, handOver, runProgram, type ServerUser } from './server-user.ts';

const PID_FILE = 'postmaster.pid';
const LOG_LIMIT_BYTES = 5_000_000;

/** Recovery after a power cut reads up to 256 MB of WAL from an SD card. */
const START_SECONDS = 300;
const STOP_SECONDS = 60;

/** The server's programs, ready to be used on one cluster. */
export type ServerMachine = {
  readonly folders: ServerFolders;
  /**
   * Starts the server and returns when it takes connections. Throws an OutsideError (retryable) when it does not
   * start, also when another process started it at the same moment: try to connect, then call again.
   */
  start(): Promise<void>;
  /** Stops the server, cutting its connections; returns when it has ended. Throws an OutsideError when it does not. */
  stop(): Promise<void>;
};

/** Creates what is missing (folders, cluster) and finds out as whom the server runs. */
export async function prepareServer(
  folders: ServerFolders,
  logger: Logger,
  overrides: ServerSettings = {},
): Promise<ServerMachine> {
  const files = findServerFiles();
  createDataDir(folders);
  const user = await chooseServerUser(files, folders);
  provideFolders(folders, user);
  await ensureCluster(files, folders, user, logger);
  return {
    folders,
    start: () => start(files, folders, user, overrides),
    stop: () => stop(files, folders, user),
  };
}

function provideFolders(folders: ServerFolders, user: ServerUser): void {
  createServerFolders(folders, [process.geteuid?.() ?? 0, ...(user.ids === undefined ? [] : [user.ids.uid])]);
  handOver(user, [folders.home, folders.socket]);
}

/** The pid of the running server, whoever started it. A pid that meanwhile belongs to another program is not it. */
export function serverPid(folders: ServerFolders): number | undefined {
  const pid = readPid(join(folders.cluster, PID_FILE));
  return pid !== undefined && worksIn(pid, folders.cluster) ? pid : undefined;
}

async function start(
  files: ServerFiles,
  folders: ServerFolders,
  user: ServerUser,
  overrides: ServerSettings,
): Promise<void> {
  provideFolders(folders, user);
  discardStaleLocks(folders);
  writeSettings(folders, user, overrides);
  rotateLog(folders.log);
  const before = logSize(folders.log);
  // Names and not paths: pg_ctl puts them into a shell's command line as they are, with quotes and dollar signs.
  const args = [
    'start',
    '-D',
    basename(folders.cluster),
    '-l',
    basename(folders.log),
    '-w',
    '-s',
    '-t',
    `${START_SECONDS}`,
  ];
  const { code, output } = await runProgram(user, files, 'pg_ctl', args, folders.home);
  if (code === 0) return;
  const said = logSince(folders.log, before) || output.trim();
  throw new OutsideError('postgres', `The database server does not start: ${said}`, { retryable: true });
}

async function stop(files: ServerFiles, folders: ServerFolders, user: ServerUser): Promise<void> {
  const args = ['stop', '-D', folders.cluster, '-m', 'fast', '-w', '-s', '-t', String(STOP_SECONDS)];
  const { code, output } = await runProgram(user, files, 'pg_ctl', args);
  if (code === 0 || serverPid(folders) === undefined) return removeSocketFolder(folders);
  throw new OutsideError('postgres', `The database server does not stop: ${output.trim()}`, { retryable: true });
}

/**
 * PostgreSQL refuses to start while the pid in one of its lock files lives, whatever that process is: after a power
 * cut it is often another program's, and a zombie counts as alive. Such files are put out of the way, but only when
 * no process at all works in the cluster: with them goes the server's own protection against orphaned backends.
 */
export function discardStaleLocks(folders: ServerFolders): void {
  for (const path of [join(folders.cluster, PID_FILE), `${socketPath(folders.socket)}.lock`]) {
    const pid = readPid(path);
    if (pid !== undefined && processesIn(folders.cluster).length === 0) discard(path, pid);
  }
}

/** A file that changed between reading and moving belongs to a server that just started, and is put back. */
function discard(path: string, pid: number): void {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readPid(aside) === pid) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Replaced as a whole: another process may be starting the server with it. */
function writeSettings(folders: ServerFolders, user: ServerUser, overrides: ServerSettings): void {
  const path = join(folders.cluster, SETTINGS_FILE);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, settingsFile(folders, overrides), { mode: 0o600 });
  chmodSync(draft, 0o600);
  handOver(user, [draft]);
  renameSync(draft, path);
}

function rotateLog(log: string): void {
  if (logSize(log) > LOG_LIMIT_BYTES) renameSync(log, `${log}.old`);
}

function logSize(log: string): number {
  return statSync(log, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines that were written since. */
function logSince(log: string, position: number): string {
  if (logSize(log) <= position) return '';
  const text = readFileSync(log).subarray(position).toString();
  return text.trim().split('\n').slice(-5).join(' | ');
}
