import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';

const { db, url, close } = await testDatabase();
afterAll(close);
const folder = mkdtempSync(join(tmpdir(), 'storyline-export-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'bench', 'export-once.ts');

/** Fills the table up to so many rows, exports them in a process of its own, and returns the most memory that it had, in MB. */
async function peakOf(from: number, to: number): Promise<number> {
  await db.execute(sql`
    insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
    select 'p' || n % 5000, 'item-' || n, 'UPVOTE', timestamptz '2026-01-01' + n * interval '1 second'
    from generate_series(${from}::int, ${to}::int) as n`);
  const file = join(folder, 'out.csv');
  const env = { ...process.env, BENCH_TARGET: url, BENCH_FILE: file };
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-semi-space-size=2', SCRIPT], { env });
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(to + 2);
  return Number(stdout);
}

// The row's five million rows are measured by the bench (`--only exports`): 154 MB, and 149 MB for a million.
test('P13: an export streams: ten times the rows take no more memory, and far less than 300 MB', {
  timeout: 60_000,
}, async () => {
  const few = await peakOf(1, 10_000);
  const many = await peakOf(10_001, 100_000);
  expect(many).toBeLessThan(200);
  expect(many - few).toBeLessThan(25);
});
