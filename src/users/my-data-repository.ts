import type { Writable } from 'node:stream';
import { z } from 'zod';
import { literal, type Snapshot } from '../db/snapshot.ts';
import type { PersonalTable } from './personal-data.ts';

const counts = z.tuple([z.object({ rows: z.number() })]);

function fromTheirs({ table, isTheirs }: PersonalTable, userId: string): string {
  return `from ${table} t, (select * from users where id = ${literal(userId)}) as p where ${isTheirs}`;
}

function rowsOf(table: PersonalTable, userId: string): string {
  const shown = Object.entries(table.shown).map(([name, expression]) => `${expression} as "${name}"`);
  return `select ${shown.join(', ')} ${fromTheirs(table, userId)} order by 1, 2`;
}

/** Text that a spreadsheet would take for a formula gets an apostrophe (OWASP, "CSV Injection"); numbers stay numbers. */
const cell = (column: string) =>
  `case when r."${column}"::text ~ '(^|[\\n\\r\\t,;])\\s*[=+@-]|^[\\t\\r\\n]' and r."${column}"::text !~ '^-?[0-9.]+$'
        then '''' || r."${column}"::text else r."${column}"::text end as "${column}"`;

/** How many rows of a table are about a person. */
export async function countOwnRows(snapshot: Snapshot, table: PersonalTable, userId: string): Promise<number> {
  return counts.parse(await snapshot.rows(`select count(*)::float8 as rows ${fromTheirs(table, userId)}`))[0].rows;
}

/** A person's rows of a table, as CSV with a header. */
export function copyOwnRowsCsv(
  snapshot: Snapshot,
  table: PersonalTable,
  userId: string,
  destination: Writable,
): Promise<number> {
  const cells = Object.keys(table.shown).map(cell);
  const query = `select ${cells.join(', ')} from (${rowsOf(table, userId)}) as r`;
  return snapshot.copyCsv(query, destination, { header: true });
}

/** A person's rows of a table, as one JSON array. */
export function copyOwnRowsJson(
  snapshot: Snapshot,
  table: PersonalTable,
  userId: string,
  destination: Writable,
): Promise<number> {
  return snapshot.copyJson(`select row_to_json(r)::text from (${rowsOf(table, userId)}) as r`, destination, {});
}
