import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { connect } from '../../src/db/connect.ts';
import { migrateJobs } from '../../src/db/job-worker.ts';
import { migrate } from '../../src/db/migrate.ts';
import { type DatabaseTarget, withDatabase } from '../../src/db/target.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { startTestServer, throwAwayFolder } from './test-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the server on which one may create others. */
    testServer: DatabaseTarget;
    /** A migrated database that tests clone. Nobody connects to it. */
    testTemplate: string;
  }
}

/**
 * Runs once before all tests: starts a throw-away server, or takes the one of TEST_DATABASE_URL (its role must be
 * allowed to create databases), and migrates the template. The processes that tests start share what Node has compiled, which
 * saves a quarter of their start.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const compiled = throwAwayFolder();
  process.env.NODE_COMPILE_CACHE = compiled;
  const url = process.env.TEST_DATABASE_URL;
  const server = url === undefined || url === '' ? await startTestServer() : undefined;
  const target = server?.connection ?? { url: url ?? '' };
  const template = `storyline_template_${randomUUID().slice(0, 8)}`;
  await onServer(target, `create database ${template}`);
  await migrate(withDatabase(target, template), { logger: silentLogger() });
  await migrateJobs(withDatabase(target, template), silentLogger());
  project.provide('testServer', target);
  project.provide('testTemplate', template);
  return async () => {
    if (server === undefined) await onServer(target, `drop database ${template} with (force)`);
    else await server.remove();
    rmSync(compiled, { recursive: true, force: true, maxRetries: 5 });
  };
}

async function onServer(target: DatabaseTarget, statement: string): Promise<void> {
  const sql = connect(target, { applicationName: 'storyline tests', max: 1 });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
