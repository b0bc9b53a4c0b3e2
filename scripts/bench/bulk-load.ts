/*
 * Fills tables of a throw-away database quickly: their foreign keys, triggers and secondary indexes are off while `work`
 * writes, and there again behind it. Used by load-activity.ts. Ten million rows in one go cost minutes instead of half an hour.
 */
import type { Connection } from '../../src/db/connect.ts';

/** Memory for building indexes, for this session only. */
const INDEX_MEMORY = '512MB';

/**
 * The keys come back unproven (`not valid`): PostgreSQL checks them for every new row, as in production, and believes
 * what was loaded, which may refer to things that do not exist. When `work` throws, the tables stay bare.
 */
export async function loadInBulk(sql: Connection, tables: readonly string[], work: () => Promise<void>): Promise<void> {
  const keys = await sql<{ table: string; name: string; definition: string }[]>`
    select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and conrelid = any(${tables}::regclass[])`;
  const indexes = await sql<{ name: string; definition: string }[]>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i where i.indrelid = any(${tables}::regclass[]) and not i.indisprimary`;
  await sql`set synchronous_commit = off`;
  for (const { table, name } of keys) await sql.unsafe(`alter table ${table} drop constraint ${name}`);
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  for (const table of tables) await sql.unsafe(`alter table ${table} disable trigger user`);
  await work();
  await sql.unsafe(`set maintenance_work_mem = '${INDEX_MEMORY}'`);
  for (const { definition } of indexes) await sql.unsafe(definition);
  for (const table of tables) await sql.unsafe(`alter table ${table} enable trigger user`);
  for (const { table, name, definition } of keys) {
    const unproven = definition.endsWith('NOT VALID') ? definition : `${definition} not valid`;
    await sql.unsafe(`alter table ${table} add constraint ${name} ${unproven}`);
  }
  await sql`reset synchronous_commit`;
  await sql`reset maintenance_work_mem`;
  for (const table of tables) await sql.unsafe(`vacuum (analyze) ${table}`);
}
