import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import type { Dataset } from '../../src/item-interactions/dataset-export.ts';
import { exportDatasetCommand } from '../../src/item-interactions/dataset-export-command.ts';
import { testDatabase } from '../support/database.ts';

const { db, target, close } = await testDatabase();
afterAll(close);
const folder = mkdtempSync(join(tmpdir(), 'storyline-datasets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(dataset: Dataset) {
  const path = join(folder, `${dataset}.csv`);
  const printed: string[] = [];
  await exportDatasetCommand(
    { target, print: (line) => printed.push(line), signal: new AbortController().signal, now: new Date(0) },
    dataset,
    { outputFile: path },
  );
  return { printed, text: existsSync(path) ? readFileSync(path, 'utf8') : undefined };
}

test('without media or people it says so and writes no file', async () => {
  expect(await run('items')).toEqual({ printed: ['No records found'], text: undefined });
  expect(await run('users')).toEqual({ printed: ['No records found'], text: undefined });
});

test('items: every medium with its time, category and tags, free of what a reader could misread', async () => {
  await db.execute(sql`
    insert into media_items (id, file_name, kind, category, tags, is_active, created_at) values
      ('019c0000-0000-7000-8000-000000000001', 'a', 'photo', 'nature', array['sea', 'blue|green', ''], true, '2026-01-01'),
      ('019c0000-0000-7000-8000-000000000002', 'b', 'video', E'two\nlines "x"', array[]::text[], false, '2026-01-02'),
      ('019c0000-0000-7000-8000-000000000003', 'c', 'document', null, array_fill('t123456789'::text, array[200]), true, '2026-01-03')`);
  const { text, printed } = await run('items');
  const lines = text?.split('\n') ?? [];
  expect(lines.slice(0, 3)).toEqual([
    'ITEM_ID,CREATION_TIMESTAMP,CATEGORY,TAGS,KIND',
    '019c0000-0000-7000-8000-000000000001,1767225600,nature,sea|blue green,photo',
    '019c0000-0000-7000-8000-000000000002,1767312000,two lines x,,video',
  ]);
  expect(lines[3]?.split(',')[3]).toHaveLength(11 * 91 - 1);
  expect(printed[0]).toBe('Export complete: 3 exported');
});

test('users: those who were let in or have item interactions, without names, e-mail and Telegram ids', async () => {
  await db.execute(sql`
    insert into users (id, telegram_user_id, username, first_name, email, role, date_joined, language_code, created_at) values
      ('019c0000-0000-7000-8000-00000000000a', 4711, 'secret_a', 'Secret', 'secret@example.org', 'admin', now(), 'de', '2026-01-01'),
      ('019c0000-0000-7000-8000-00000000000b', 4712, 'secret_b', 'Secret', null, 'guest', null, null, '2026-01-02'),
      ('019c0000-0000-7000-8000-00000000000c', 4713, 'stranger', 'Secret', null, 'guest', null, 'en', '2026-01-03')`);
  await db.execute(sql`
    insert into item_interactions (user_id, item_id, event_type) values ('019c0000-0000-7000-8000-00000000000b', 'x', 'UPVOTE')`);
  const { text } = await run('users');
  expect(text).toBe(
    'USER_ID,ROLE,LANGUAGE\n019c0000-0000-7000-8000-00000000000a,admin,de\n019c0000-0000-7000-8000-00000000000b,guest,\n',
  );
});
