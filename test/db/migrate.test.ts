import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { migrate, pendingMigrations, requireServerVersion } from '../../src/db/migrate.ts';
import { OutsideError, PersonError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const logger = silentLogger();

const CREATE = {
  name: '0000_create',
  text: 'create table films (id int primary key);--> statement-breakpoint\nselect 1;',
};
const FILL = { name: '0001_fill', text: 'insert into films select generate_series(1, 3);' };
const BREAK = {
  name: '0002_break',
  text: 'insert into films values (4);--> statement-breakpoint\ninsert into films values (1);',
};

/** A folder as drizzle-kit would write it. */
function migrationFolder(...migrations: readonly { readonly name: string; readonly text: string }[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'storyline-migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'meta'));
  const entries = migrations.map(({ name }, idx) => ({
    idx,
    version: '7',
    when: 1000 + idx,
    tag: name,
    breakpoints: true,
  }));
  writeFileSync(
    join(folder, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  );
  for (const { name, text } of migrations) writeFileSync(join(folder, `${name}.sql`), text);
  return folder;
}

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await testDatabase({ migrated: false });
  onTestFinished(database.close);
  return database;
}

test('three migrators at once on a fresh database all succeed, and one of them migrates', async () => {
  const { target, db } = await emptyDatabase();
  const folder = migrationFolder(CREATE, FILL);
  expect(await pendingMigrations(target, { folder })).toEqual(['0000_create', '0001_fill']);
  const applied = await Promise.all([1, 2, 3].map(() => migrate(target, { logger, folder })));
  expect(applied.filter((names) => names.length > 0)).toEqual([['0000_create', '0001_fill']]);
  expect(await db.execute(sql`select count(*) as films from films`)).toMatchObject([{ films: 3 }]);
  expect(await pendingMigrations(target, { folder })).toEqual([]);
});

test('a migration that is added later is applied alone', async () => {
  const { target } = await emptyDatabase();
  await migrate(target, { logger, folder: migrationFolder(CREATE) });
  expect(await migrate(target, { logger, folder: migrationFolder(CREATE, FILL) })).toEqual(['0001_fill']);
});

test('D10: a migration that fails is named, and nothing of it or of those beside it remains', async () => {
  const { target, db } = await emptyDatabase();
  await migrate(target, { logger, folder: migrationFolder(CREATE) });
  const folder = migrationFolder(CREATE, FILL, BREAK);
  const failure = await migrate(target, { logger, folder }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(OutsideError);
  expect(failure).toMatchObject({ system: 'postgres', retryable: false });
  expect(String(failure)).toMatch(/Migration 0002_break of .* failed: duplicate key .* Nothing was changed/);
  expect(await db.execute(sql`select count(*) as films from films`)).toMatchObject([{ films: 0 }]);
  expect(await pendingMigrations(target, { folder })).toEqual(['0001_fill', '0002_break']);
  expect(await migrate(target, { logger, folder: migrationFolder(CREATE, FILL) })).toEqual(['0001_fill']);
});

test('the migrations of this program apply to an empty database', async () => {
  const { target } = await emptyDatabase();
  const names = await pendingMigrations(target);
  expect(names.length).toBeGreaterThan(0);
  expect(await migrate(target, { logger })).toEqual(names);
});

test('a server older than PostgreSQL 15 is refused in words, a newer one is not', () => {
  expect(() => requireServerVersion('14.19 (Debian 14.19-1)')).toThrow(PersonError);
  expect(() => requireServerVersion('14.19')).toThrow(/needs PostgreSQL 15 or newer; this server is PostgreSQL 14\.19/);
  for (const version of ['15.0', '15.18 (Debian 15.18-0+deb12u1)', '18.4', '19beta1']) {
    expect(() => requireServerVersion(version)).not.toThrow();
  }
});
