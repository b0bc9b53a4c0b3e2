import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../support/database.ts';

const base = await testDatabase({ migrated: false });
afterAll(base.close);

test('the function for servers before 18 makes ids of version 7 that follow time, within a millisecond too', async () => {
  const migration = readFileSync(join(import.meta.dirname, '../../drizzle/0000_uuidv7.sql'), 'utf8');
  await base.db.execute(
    sql.raw(migration.replace('public.uuidv7()', 'public.uuidv7_before_18()').replace('< 180000', '< 999999')),
  );
  const rows: unknown = await base.db.execute(
    sql`select uuidv7_before_18()::text as id, clock_timestamp() as at from generate_series(1, 2000) as n order by n`,
  );
  const ids = z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => id);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(2000);
  // To the microsecond, hence without the random rest.
  const times = ids.map((id) => id.slice(0, 18));
  expect(times.toSorted()).toEqual(times);
  const milliseconds = Number.parseInt(times[0]?.replace('-', '').slice(0, 12) ?? '', 16);
  expect(Math.abs(milliseconds - Date.now())).toBeLessThan(60_000);
});
