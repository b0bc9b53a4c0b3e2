import { spawn } from 'node:child_process';
import { chownSync, lstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { PersonError } from '../lib/errors.ts';
import type { ServerFiles, ServerProgram } from './server-files.ts';
import type { ServerFolders } from './server-folders.ts';

/** As whom the server's programs run. PostgreSQL refuses to run as root. */
export type ServerUser = {
  readonly how: string;
  /** Put before every command. */
  readonly prefix: readonly string[];
  /** The user and group that the command gets, when they are not ours. */
  readonly ids?: { readonly uid: number; readonly gid: number };
};

export type ProgramResult = { readonly code: number | null; readonly output: string };

const OURSELVES: ServerUser = { how: 'as we are', prefix: [] };
const NOBODY = { uid: 65_534, gid: 65_534 };
const OWN_NAMESPACE: ServerUser = {
  how: 'in a user namespace',
  prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000'],
};

/**
 * Finds out as whom the server can run here:
 * an ordinary user runs it as they are;
 * root runs it as the owner of the cluster if that is somebody else (a folder that an ordinary user started with);
 * else inside a user namespace, in which root is not root (works below root's own home, creates no user);
 * else, where namespaces are forbidden (Docker's default), as the owner of the packages or as nobody.
 * Throws a PersonError when none of these works. The data directory must exist.
 */
export async function chooseServerUser(files: ServerFiles, folders: ServerFolders): Promise<ServerUser> {
  const me = process.geteuid?.() ?? 0;
  const owner = ownerOf(folders);
  if (me !== 0) {
    if (owner === undefined || owner.uid === me) return OURSELVES;
    throw new PersonError(
      `The database in ${folders.home} belongs to another user (number ${owner.uid}). ` +
        'Start Storyline as that user, or set DATA_DIR to a folder of your own.',
    );
  }
  const candidates = owner !== undefined && owner.uid !== 0 ? [as(owner)] : [OWN_NAMESPACE, ...otherUsers(files)];
  for (const candidate of candidates) {
    if (await canRun(candidate, files, folders)) return candidate;
  }
  throw new PersonError(
    'PostgreSQL does not run as root, and root can here neither open a user namespace nor run the server ' +
      `in ${files.folder} as another user with its data in ${folders.home}. ` +
      'Start Storyline as an ordinary user, or name a server in DATABASE_URL.',
  );
}

/** Another user's folders cannot be looked into, so the outer one is asked first. */
function ownerOf(folders: ServerFolders): Stats | undefined {
  const home = lstatSync(folders.home, { throwIfNoEntry: false });
  const me = process.geteuid?.() ?? 0;
  if (home === undefined || (me !== 0 && home.uid !== me)) return home;
  return lstatSync(folders.cluster, { throwIfNoEntry: false }) ?? home;
}

function otherUsers(files: ServerFiles): readonly ServerUser[] {
  const owner = statSync(files.folder);
  return owner.uid === 0 ? [as(NOBODY)] : [as(owner), as(NOBODY)];
}

function as(ids: { readonly uid: number; readonly gid: number }): ServerUser {
  return { how: `as user ${ids.uid}`, prefix: [], ids: { uid: ids.uid, gid: ids.gid } };
}

/** Whether this user can reach the data directory and load the server. */
async function canRun(user: ServerUser, files: ServerFiles, folders: ServerFolders): Promise<boolean> {
  const both = ['-c', 'cd "$1" && exec "$2" --version', 'sh', dirname(folders.home), files.program('postgres')];
  return (await run(user, '/bin/sh', both)).code === 0;
}

/** Gives files and folders that we made to the user under whom the server runs. */
export function handOver(user: ServerUser, paths: readonly string[]): void {
  if (user.ids === undefined) return;
  for (const path of paths) chownSync(path, user.ids.uid, user.ids.gid);
}

/**
 * Runs one of the server's programs in `folder` to its end. Never throws: a program that cannot be started has code
 * null.
 */
export function runProgram(
  user: ServerUser,
  files: ServerFiles,
  program: ServerProgram,
  args: readonly string[],
  folder = '/',
): Promise<ProgramResult> {
  return run(user, files.program(program), args, folder);
}

/** The child gets a session of its own, so that Ctrl-C in a terminal reaches only us. */
function run(user: ServerUser, program: string, args: readonly string[], folder = '/'): Promise<ProgramResult> {
  const [file = program, ...rest] = [...user.prefix, program, ...args];
  return new Promise((resolve) => {
    const child = spawn(file, rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], cwd: folder, ...user.ids });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
