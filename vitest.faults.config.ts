import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: tests that kill, cut and flood. One file at a time, since they use the machine's whole strength. */
export default defineConfig({
  test: {
    globalSetup: 'test/support/global-setup.ts',
    include: ['test/faults/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    env: { TZ: 'America/New_York' },
  },
});
