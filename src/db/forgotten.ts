import { type SQL, sql } from 'drizzle-orm';

/** What identifies a person: Telegram's number, an id as item interactions have it (`users.id` or external), an e-mail address. */
export type Identifier = 'telegram' | 'person' | 'email';

/**
 * The hash that a tombstone holds of an identifier: SHA-256 over this installation's secret (`pseudonym_key`), the kind
 * and the value in lower case. Null for null.
 */
export function tombstoneHash(kind: Identifier, value: SQL): SQL {
  return sql`encode(sha256(convert_to('forgotten:' || (select key from pseudonym_key)::text || ${sql.raw(`':${kind}:'`)} || lower(${value}), 'UTF8')), 'hex')`;
}

/** Whether somebody with this identifier was forgotten. */
export function isForgotten(kind: Identifier, value: SQL): SQL {
  return sql`exists (select from personal_tombstones where hash = ${tombstoneHash(kind, value)})`;
}
