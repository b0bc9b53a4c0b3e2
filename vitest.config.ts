import { defineConfig } from 'vitest/config';

/**
 * `npm test`. The browser tests run where a Chromium is found and name themselves as skipped elsewhere; the long fault
 * tests have a configuration of their own (vitest.faults.config.ts).
 */
export default defineConfig({
  test: {
    // Starts one database server for the whole run; test/support/database.ts clones databases on it.
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Real processes are killed and raced on shared cores. In CI one repetition is allowed, and printed; a fact that fails
    // twice is wrong.
    retry: process.env.CI ? 1 : 0,
    // Far from UTC and with summer time, so that code which uses the machine's zone by mistake fails.
    env: { TZ: 'America/New_York' },
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/faults/**', 'test/browser/**'] } },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'] } },
    ],
  },
});
