import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { PERSONAL_TABLES } from '../../src/users/personal-data.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
afterAll(database.close);

/**
 * Columns that look as if they held something about a person and do not, with the reason. A new one belongs here only
 * when nobody can ever stand in it.
 */
const NOBODY_STANDS_IN: Readonly<Record<string, string>> = {
  'chats.id': 'of a group: team chats are never private ones',
  'media_locks.replaced_by': 'a decision',
  'media_items.telegram_file_id': 'of a file',
  'media_items.telegram_file_unique_id': 'of a file',
  'media_items.caption_entities': 'layout of the caption',
  'installation.bot_id': 'of the bot',
  'personal_tombstones.hash': 'what stays of somebody who was forgotten',
  'pseudonym_key.key': 'the secret of this installation',
  'user_interactions.telegram_message_id': 'of a message; the chat says whose',
};

const IS_SUSPICIOUS =
  /user|person|telegram|e?mail|username|first_name|last_name|phone|_by$|actor|owner|author|(^|_)key$/;

const columns = z.array(z.object({ name: z.string(), type: z.string(), isReference: z.boolean() })).parse(
  await database.db.execute(sql`
      select c.table_name || '.' || c.column_name as name, c.data_type as type, exists (
          select from pg_constraint k
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
          where k.contype = 'f' and k.confrelid = 'users'::regclass
            and k.conrelid = c.table_name::regclass and a.attname = c.column_name) as "isReference"
      from information_schema.columns c
      join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE'`),
);
const named = (of: 'references' | 'others') =>
  PERSONAL_TABLES.flatMap((place) => (place[of] ?? []).map((column) => `${place.table}.${column}`));

test('every column that references users is in the list of where people are', () => {
  const references = columns.filter(({ isReference }) => isReference).map(({ name }) => name);
  expect(references.length).toBeGreaterThan(10);
  expect(named('references').sort()).toEqual(references.sort());
});

test('every other column that may hold something about a person is in the list, or has a reason why not', () => {
  const found = columns.filter(
    ({ name, type, isReference }) =>
      !isReference && (type.startsWith('json') || IS_SUSPICIOUS.test(name.split('.')[1] ?? '')),
  );
  const known = new Set([...named('others'), ...Object.keys(NOBODY_STANDS_IN)]);
  expect(found.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
});

test('the list names no table or column that is not there, and none twice', () => {
  const there = new Set(columns.map(({ name }) => name));
  const all = [...named('references'), ...named('others')];
  expect([...all, ...Object.keys(NOBODY_STANDS_IN)].filter((name) => !there.has(name))).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
  const tables = PERSONAL_TABLES.map(({ table }) => table);
  expect(new Set(tables).size).toBe(tables.length);
});

test('nobody is shown a secret or somebody else: no hash, and no id of other people', () => {
  const shown = PERSONAL_TABLES.flatMap(({ table, shown: given }) =>
    Object.values(given).map((expression) => `${table} ${expression}`),
  );
  const references = named('references').map((name) => name.replace('.', ' t.'));
  expect(shown.filter((entry) => references.includes(entry) || /hash|secret|token/.test(entry))).toEqual([]);
});
