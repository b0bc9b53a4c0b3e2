import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';

const { db, database, url, close } = await testDatabase();
afterAll(close);

test('a session speaks UTC and knows its limits', async () => {
  const [row] = await db.execute(sql`
    select current_setting('TimeZone') as zone, current_setting('lock_timeout') as lock,
           current_setting('statement_timeout') as statement,
           current_setting('idle_in_transaction_session_timeout') as idle,
           current_setting('application_name') as name`);
  expect(row).toEqual({ zone: 'UTC', lock: '300ms', statement: '10s', idle: '15s', name: 'storyline tests' });
});
