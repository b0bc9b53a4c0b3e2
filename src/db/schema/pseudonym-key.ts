import { sql } from 'drizzle-orm';
import { boolean, check, pgTable, uuid } from 'drizzle-orm/pg-core';

/**
 * One row, made by the migration: the secret from which pseudonyms are made. The same person has the same pseudonym in all
 * exports of one installation, and nobody without the database can tell who it is. A new key makes new pseudonyms.
 */
export const pseudonymKey = pgTable(
  'pseudonym_key',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    key: uuid().notNull().default(sql`gen_random_uuid()`),
  },
  (table) => [check('pseudonym_key_only_row_check', sql`${table.onlyRow}`)],
);
