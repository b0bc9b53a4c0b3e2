import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

/** What /proc says of other processes. They may end at any moment, so "cannot be read" means "not there". */

/** When the process started, in clock ticks since boot: with the pid it names a process for ever. Undefined when dead. */
export function processStart(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // "812 (name, may contain spaces) S 1 ...": the state is the 3rd field, the start time the 22nd.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}

/** True when such a process runs; a zombie (ended, but nobody collected it) does not. */
export function isRunning(pid: number): boolean {
  return processStart(pid) !== undefined;
}

/** The running processes whose working directory is `folder`; all processes of a PostgreSQL server work in its cluster. */
export function processesIn(folder: string): readonly number[] {
  const real = realPath(folder);
  if (real === undefined) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(pid, real));
}

/** True when the process runs and works in `folder`. */
export function worksIn(pid: number, folder: string): boolean {
  return isRunning(pid) && workingDirectory(pid) === realPath(folder);
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
