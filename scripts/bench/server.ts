/*
 * The server that is measured: the embedded one with its production settings (fsync and synchronous_commit on) in a
 * temporary folder, or another one. Used by bench.ts; `remove` takes away all that was made here.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, connect } from '../../src/db/connect.ts';
import { startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { migrateJobs } from '../../src/db/job-worker.ts';
import { migrate } from '../../src/db/migrate.ts';
import { type DatabaseTarget, normaliseTarget, withDatabase } from '../../src/db/target.ts';
import { silentLogger } from '../../src/lib/logger.ts';

export type BenchDatabase = {
  target: DatabaseTarget;
  /** The same for the environment of a child process. */
  url: string;
  /** One connection of the plain driver; closed by `remove`. */
  sql: Connection;
};

export type BenchServer = {
  kind: 'embedded' | 'external';
  /** `18.4` */
  version: string;
  /** A database of its own with all migrations applied. */
  createDatabase(): Promise<BenchDatabase>;
  dropDatabase(database: BenchDatabase): Promise<void>;
  /** Drops what was created and stops the server that was started. */
  remove(): Promise<void>;
};

/** Not the usual temporary folder, which may lie in memory: what outlives a restart of the machine is on a disk. */
const DISK = '/var/tmp';

/** A folder for one run, on a disk. */
export function temporaryFolder(): string {
  return mkdtempSync(join(DISK, 'storyline-bench-'));
}

export async function openBenchServer(url: string | undefined): Promise<BenchServer> {
  const folder = temporaryFolder();
  const embedded =
    url === undefined || url === ''
      ? await startEmbeddedServer({ dataDir: folder, logger: silentLogger(), purpose: 'bench' })
      : undefined;
  const server: DatabaseTarget = embedded?.connection ?? { url: url ?? '' };
  const admin = connect(server, { applicationName: 'storyline bench', max: 1 });
  const [row] = await admin<{ version: string }[]>`select current_setting('server_version') as version`;
  const databases = new Map<BenchDatabase, string>();

  async function dropDatabase(database: BenchDatabase): Promise<void> {
    await database.sql.end();
    await admin.unsafe(`drop database if exists ${databases.get(database)} with (force)`);
    databases.delete(database);
  }

  return {
    kind: embedded ? 'embedded' : 'external',
    version: row?.version.split(' ')[0] ?? '',
    async createDatabase() {
      const name = `storyline_bench_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
      await admin.unsafe(`create database ${name}`);
      const target = withDatabase(server, name);
      const database = {
        target,
        url: addressOf(target),
        sql: connect(target, { applicationName: 'storyline bench', max: 1, keepForEver: true }),
      };
      databases.set(database, name);
      await migrate(target, { logger: silentLogger() });
      await migrateJobs(target, silentLogger());
      return database;
    },
    dropDatabase,
    async remove() {
      for (const database of [...databases.keys()]) await dropDatabase(database);
      await admin.end();
      await embedded?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function addressOf(target: DatabaseTarget): string {
  const plain = normaliseTarget(target);
  if ('url' in plain) return plain.url;
  return `postgres://${plain.user}@localhost:${plain.port}/${plain.database}?host=${encodeURIComponent(plain.host)}`;
}
