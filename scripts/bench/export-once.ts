/*
 * One export for Personalize in a process of its own; prints the most memory it had (MB). Used by measure-exports.ts.
 * Writes the file that is named. Environment: BENCH_TARGET (an address), BENCH_FILE.
 */
import { readFileSync } from 'node:fs';
import { exportForPersonalize } from '../../src/item-interactions/personalize-export.ts';

await exportForPersonalize(
  { target: { url: process.env.BENCH_TARGET ?? '' }, now: new Date() },
  {
    path: process.env.BENCH_FILE ?? '',
    range: { since: null, until: null },
    format: 'personalize',
    markSynced: true,
    withReadiness: false,
  },
);
console.log(Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024);
