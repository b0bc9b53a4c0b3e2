/**
 * A process that uses the embedded server, run by the tests of it. Tells what happens as lines of JSON, and takes
 * orders as lines on stdin: `query`, `stop`.
 *
 *     node server-user-child.ts <data directory>
 */
import { createInterface } from 'node:readline';
import { sql } from 'drizzle-orm';
import { openDatabase } from '../../src/db/client.ts';
import { startEmbeddedServer } from '../../src/db/embedded-server.ts';
import { silentLogger } from '../../src/lib/logger.ts';

const dataDir = process.argv[2] ?? '';
const logger = silentLogger();

function tell(fact: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

try {
  const server = await startEmbeddedServer({ dataDir, logger, purpose: 'test' });
  const { db, close } = openDatabase(server.connection, {
    logger,
    applicationName: 'child',
    max: 2,
    lockTimeoutMs: 300,
    statementTimeoutMs: 5000,
  });
  tell({ event: 'started', pid: server.pid(), host: server.connection.host });
  for await (const order of createInterface({ input: process.stdin })) {
    if (order === 'stop') break;
    const answer = db.execute(sql`select system_identifier::text as cluster from pg_control_system()`);
    await answer.then(
      ([row]) => tell({ event: 'answer', ...row, pid: server.pid() }),
      () => tell({ event: 'no answer' }),
    );
  }
  await close();
  await server.stop();
  tell({ event: 'stopped' });
} catch (error) {
  tell({ event: 'failed', error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
