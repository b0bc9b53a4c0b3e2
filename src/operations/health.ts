import type { Database } from '../db/client.ts';

/** One thing that must work, and what is wrong with it. */
export type Check = { name: string; check: () => Promise<string | undefined> | string | undefined };

export type HealthReport = { isHealthy: boolean; checks: Record<string, string> };

/** Asks every check; a check that throws is not healthy. `ok` or what is wrong, per name, without secrets. */
export async function readHealth(checks: readonly Check[]): Promise<HealthReport> {
  const results = await Promise.all(
    checks.map(async ({ name, check }): Promise<[string, string]> => {
      try {
        return [name, (await check()) ?? 'ok'];
      } catch (error) {
        return [name, error instanceof Error ? error.name : 'failed'];
      }
    }),
  );
  return { isHealthy: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) };
}

/** The database answers within two seconds. */
export function databaseCheck(database: Database): Check {
  return {
    name: 'database',
    check: async () => {
      await database.ping();
      return undefined;
    },
  };
}
