import { sql } from 'drizzle-orm';
import type { Database } from './client.ts';

/** `PostgreSQL 18.4, embedded` or `PostgreSQL 15.18, external`, as /status shows it. */
export async function readServerName({ db }: Database, isEmbedded: boolean): Promise<string> {
  const [row] = await db.execute<{ version: string }>(
    sql`select split_part(current_setting('server_version'), ' ', 1) as version`,
  );
  return `PostgreSQL ${row?.version ?? '?'}, ${isEmbedded ? 'embedded' : 'external'}`;
}
