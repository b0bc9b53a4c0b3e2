import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { assertDriverPatched } from '../../src/db/driver-patch.ts';
import { PersonError } from '../../src/lib/errors.ts';
import { testDatabase } from '../support/database.ts';

const child = fileURLToPath(new URL('killed-backends.ts', import.meta.url));

test('D01: a backend that dies anywhere ends one piece of work, not the process, and leaves the pool healthy', async () => {
  const { url, close } = await testDatabase({ migrated: false });
  const { stdout } = await promisify(execFile)(process.execPath, [child, url], { timeout: 60_000 });
  await close();
  const outcomes = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  const failed = { failure: 'of the database', healthy: true, written: [] };
  expect(outcomes).toEqual([
    { name: 'idle', failure: 'none', healthy: true, written: [] },
    { name: 'in a transaction', ...failed },
    { name: 'in a transaction, its connection taken by others meanwhile', ...failed },
    { name: 'in a transaction that goes on in spite of failures', ...failed },
    { name: 'in a query', ...failed },
    { name: 'in a query of a transaction', ...failed },
    { name: 'before commit', ...failed },
    { name: 'at commit', ...failed },
    { name: 'in thirty transactions at once', ...failed },
  ]);
}, 60_000);

test('the driver that is installed has the patch', () => {
  expect(() => assertDriverPatched()).not.toThrow();
  expect(postgres).toHaveProperty('survivesDeadBackends');
});

test('a driver without the patch is refused with what to do', () => {
  expect(() => assertDriverPatched({})).toThrow(PersonError);
  expect(() => assertDriverPatched({})).toThrow(/Run "npm ci" again/);
});
