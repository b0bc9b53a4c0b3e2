import { defineConfig } from 'vitest/config';
import { WaitingFilesAmongOthers } from './test/support/file-order.ts';

/**
 * `npm test`. The browser tests run where a Chromium is found and name themselves as skipped elsewhere; the long fault
 * tests have a configuration of their own (vitest.faults.config.ts).
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/faults/**'],
    // Starts one database server for the whole run; test/support/database.ts clones databases on it.
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    // One process runs file after file, and imports what they share once (0.6 s of CPU for each file otherwise). A file
    // leaves nothing behind in its process: no environment variable, no mock, no fake timers.
    isolate: false,
    // For two cores: a third file, since those of test/process mostly wait.
    maxWorkers: 3,
    sequence: { sequencer: WaitingFilesAmongOthers },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Real processes are killed and raced on shared cores. In CI one repetition is allowed, and printed; a fact that fails
    // twice is wrong.
    retry: process.env.CI ? 1 : 0,
    // Far from UTC and with summer time, so that code which uses the machine's zone by mistake fails.
    env: { TZ: 'America/New_York' },
  },
});
