import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import { z } from 'zod';

/** One migration as drizzle-kit wrote it. */
export type Migration = {
  /** The file's name without `.sql`. */
  readonly name: string;
  /** What drizzle's migrator orders by and remembers. */
  readonly createdAt: number;
  readonly statements: readonly string[];
};

const journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });

/** The migrations of a folder, in the order of its journal. Throws when a file that the journal names is missing. */
export function readMigrations(folder: string): readonly Migration[] {
  const files = new Map<number, MigrationMeta>();
  for (const file of readMigrationFiles({ migrationsFolder: folder })) files.set(file.folderMillis, file);
  const { entries } = journal.parse(JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')));
  return entries.map((entry) => ({
    name: entry.tag,
    createdAt: entry.when,
    statements: files.get(entry.when)?.sql ?? [],
  }));
}
