import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { sql } from 'drizzle-orm';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { itemInteractions } from '../../src/db/schema/index.ts';
import { PROJECT } from '../support/bot-process.ts';
import { addPerson } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { fastFolder } from '../support/fast-folder.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

/** The steps of README's checklist: the path each begins with, and its code. */
function checklist(): { path: string; code: string }[] {
  const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
  const section = /#### Adding new interaction types\n([\s\S]+?)\n#/.exec(readme)?.[1] ?? '';
  return section
    .split(/^\d\. /m)
    .slice(1)
    .map((step) => ({
      path: /^`([^`]+)`/.exec(step)?.[1] ?? '',
      code: (/ {3}```ts\n([\s\S]+?) {3}```/.exec(step)?.[1] ?? '').replaceAll(/^ {3}/gm, ''),
    }));
}

/** A copy of the program that can be changed. */
function copyOfProgram(): string {
  const root = mkdtempSync(join(fastFolder(), 'storyline-copy-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync(join(PROJECT, 'src'), join(root, 'src'), { recursive: true });
  for (const name of ['node_modules', 'drizzle', 'package.json']) symlinkSync(join(PROJECT, name), join(root, name));
  return root;
}

test("README's checklist adds a type: with its lines in a copy of the program, clicks are imported", async () => {
  const steps = checklist();
  expect(steps.map(({ path }) => path)).toEqual([
    'src/item-interactions/event-types.ts',
    'src/item-interactions/item-interaction-mappers.ts',
    'src/item-interactions/import-statements.ts',
    'src/item-interactions/import-sources.ts',
    'test/item-interactions/mappers.test.ts',
  ]);
  const [, mapper, statement, line] = steps;
  const root = copyOfProgram();
  const change = (path: string | undefined, edit: (text: string) => string) => {
    const file = join(root, path ?? '');
    const before = readFileSync(file, 'utf8');
    const after = edit(before);
    expect(after).not.toBe(before);
    writeFileSync(file, after);
  };
  for (const step of [mapper, statement]) change(step?.path, (text) => `${text}\n${step?.code}`);
  change(line?.path, (text) =>
    text
      .replace('import { DECISIONS', 'import { CLICKS, DECISIONS')
      .replace(/^\] as const/m, `${line?.code}] as const`),
  );

  const alice = await addPerson(db, 'Alice');
  await db.execute(
    sql`create table clicks (id uuid primary key default uuidv7(), user_id uuid, item_id text, clicked_at timestamptz)`,
  );
  await db.execute(sql`insert into clicks (user_id, item_id, clicked_at) values
    (${alice}, 'a', '2026-11-20 01:00Z'), (${alice}, 'a', '2026-11-20 02:00Z'), (${alice}, 'a', '2026-11-21 01:00Z'), (null, 'a', now())`);
  const { syncUserInteractions } = await import(join(root, 'src/item-interactions/sync-command.ts'));
  const lines: string[] = [];
  const terminal = { print: (text: string) => void lines.push(text), stderr: new PassThrough() };
  const { signal } = new AbortController();
  const ground = { database: database.database, target: database.target, ...terminal, signal };
  await syncUserInteractions(ground, { mode: 'import', source: 'clicks' });
  expect(lines).toEqual([
    'clicks: 4 processed, 2 created, 1 already there, 1 skipped',
    'Import complete: 4 processed, 2 created, 1 skipped',
  ]);

  const { mapFromClick } = await import(join(root, mapper?.path ?? ''));
  const [row] = await db.select().from(itemInteractions).orderBy(itemInteractions.occurredAt);
  if (!row) throw new Error('nothing was imported');
  const { id, uniqueOn, syncedAt, impression, recommendationId, ...stored } = row;
  const click = { id: row.sourceId, userId: alice, itemId: 'a', clickedAt: row.occurredAt };
  expect(mapFromClick(click)).toEqual({ interaction: stored });
});
