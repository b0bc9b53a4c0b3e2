import { fileURLToPath } from 'node:url';
import { DrizzleQueryError, sql } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import { OutsideError, PersonError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { connect } from './connect.ts';
import { isDatabaseFailure } from './database-errors.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import { type DatabaseTarget, describeTarget } from './target.ts';

/** Where the migrations of this program lie. */
const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** Any number will do, as long as no other lock of ours has it. */
const MIGRATION_LOCK = 7_403_001;
const OLDEST_SERVER = 15;

/** Questions about versions and names take milliseconds. Beyond this the link is dead. */
const QUESTION_SILENCE_MS = 15_000;
/**
 * One statement of a migration may rewrite a table of millions of rows on an SD card, and the lock is waited for while
 * another process does all of that. Only a link that is dead, or a server that is frozen, says nothing for so long.
 */
const MIGRATION_SILENCE_MS = 3_600_000;

/**
 * Brings the database up to date and returns the names of the migrations that were applied. Several processes may
 * call this at once: one migrates, the others wait for it and find nothing to do.
 * All pending migrations are one transaction. When one fails, the database is as it was before, and an OutsideError
 * names the migration. Throws a PersonError when the server is older than PostgreSQL 15, and the driver's error when
 * the server cannot be reached or says nothing: for `questionSilenceMs` to a question, for an hour to a statement of a
 * migration, whose outcome is unknown then; the next start looks again.
 */
export async function migrate(
  target: DatabaseTarget,
  options: { readonly logger: Logger; readonly folder?: string; readonly questionSilenceMs?: number },
): Promise<readonly string[]> {
  const { folder = MIGRATIONS, questionSilenceMs = QUESTION_SILENCE_MS } = options;
  const isUpToDate = await onOwnConnection(target, questionSilenceMs, async (db) => {
    requireServerVersion(await serverVersion(db));
    return (await findPending(db, folder)).length === 0;
  });
  // What another process is migrating right now is pending until it commits.
  if (isUpToDate) return [];
  const names = await onOwnConnection(target, MIGRATION_SILENCE_MS, async (db) => {
    await db.execute(sql`select pg_advisory_lock(${MIGRATION_LOCK})`);
    const pending = await findPending(db, folder);
    try {
      if (pending.length > 0) await runMigrations(db, { migrationsFolder: folder });
    } catch (error) {
      throw migrationError(error, pending, target);
    }
    return pending.map((migration) => migration.name);
  });
  if (names.length > 0) options.logger.info({ migrations: names }, 'database migrated');
  return names;
}

/** The names of the migrations that this program has and the database has not, oldest first. */
export async function pendingMigrations(
  target: DatabaseTarget,
  options: { readonly folder?: string } = {},
): Promise<readonly string[]> {
  const pending = await onOwnConnection(target, QUESTION_SILENCE_MS, (db) =>
    findPending(db, options.folder ?? MIGRATIONS),
  );
  return pending.map((migration) => migration.name);
}

/** Throws a PersonError when the server (`15.18`, `18.4 (Debian 18.4-1)`) is too old. */
export function requireServerVersion(version: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_SERVER) return;
  throw new PersonError(
    `Storyline needs PostgreSQL ${OLDEST_SERVER} or newer; this server is PostgreSQL ${version}. ` +
      'Upgrade it, name another one in DATABASE_URL, or remove DATABASE_URL to use the server that comes with Storyline.',
  );
}

/** Closing the connection also releases the lock. */
async function onOwnConnection<T>(
  target: DatabaseTarget,
  silenceMs: number,
  work: (db: PostgresJsDatabase) => Promise<T>,
): Promise<T> {
  const client = connect(target, {
    applicationName: 'storyline migrate',
    max: 1,
    keepForEver: true,
    silence: { limitMs: silenceMs },
  });
  try {
    return await work(drizzle({ client }));
  } finally {
    await client.end({ timeout: 1 });
  }
}

async function serverVersion(db: PostgresJsDatabase): Promise<string> {
  const [row] = await db.execute<{ version: string }>(sql`select current_setting('server_version') as version`);
  return row?.version ?? 'unknown';
}

/** Drizzle remembers every applied migration; what counts as done is everything up to the newest of them. */
async function findPending(db: PostgresJsDatabase, folder: string): Promise<readonly Migration[]> {
  const [table] = await db.execute<{ exists: boolean }>(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as exists`,
  );
  const [newest] =
    table?.exists === true
      ? await db.execute<{ at: number | null }>(sql`select max(created_at) as at from drizzle.__drizzle_migrations`)
      : [];
  const done = newest?.at ?? 0;
  return readMigrations(folder).filter((migration) => migration.createdAt > done);
}

function migrationError(error: unknown, pending: readonly Migration[], target: DatabaseTarget): OutsideError {
  const statement = error instanceof DrizzleQueryError ? error.query : '';
  const failed = pending.find((migration) => migration.statements.includes(statement));
  const cause = error instanceof DrizzleQueryError && error.cause !== undefined ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OutsideError(
    'postgres',
    `Migration ${failed?.name ?? pending.map((migration) => migration.name).join(', ')} of ${describeTarget(target)} ` +
      `failed: ${reason}. Nothing was changed; the database is as it was before.`,
    { retryable: isDatabaseFailure(error), cause: error },
  );
}
