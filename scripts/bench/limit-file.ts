/* Reads the frozen SQL files in limits/ and sends their statements. Used by the measure-… files; changes nothing itself. */
import { readFileSync } from 'node:fs';
import type { Connection } from '../../src/db/connect.ts';

export type LimitStatement = { text: string; names: readonly string[] };
export type LimitValues = Readonly<Record<string, string | number | Date>>;

/** A file without its comment. */
export function readLimitFile(name: string): string {
  return readFileSync(new URL(`limits/${name}.sql`, import.meta.url), 'utf8').replaceAll(/^--.*\n/gm, '');
}

/** The statements of a file: separated by a semicolon at the end of a line, with `:name` for values. */
export function readLimit(name: string): LimitStatement[] {
  return readLimitFile(name)
    .split(/;\s*(?:\n|$)/)
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const names: string[] = [];
      const numbered = text.replaceAll(/(?<!:):([a-z_]+)/g, (_, key: string) => {
        if (!names.includes(key)) names.push(key);
        return `$${names.indexOf(key) + 1}`;
      });
      return { text: numbered, names };
    });
}

/** The file's only statement. */
export function readLimitStatement(name: string): LimitStatement {
  const [statement, ...others] = readLimit(name);
  if (!statement || others.length > 0) throw new Error(`limits/${name}.sql must have one statement`);
  return statement;
}

/** Sends a statement with the plain driver, prepared by it once per connection. */
export async function runLimit(
  sql: Connection,
  { text, names }: LimitStatement,
  values: LimitValues = {},
): Promise<readonly Record<string, unknown>[]> {
  const parameters = names.map((name) => values[name] ?? null);
  return sql.unsafe<Record<string, unknown>[]>(text, parameters, { prepare: true });
}
