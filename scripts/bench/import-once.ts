/*
 * One import of item interactions in a process of its own; prints what it created, its milliseconds and the most memory
 * it had (MB) as JSON. Used by measure-imports.ts. Environment: BENCH_TARGET (an address).
 */
import { readFileSync } from 'node:fs';
import { openDatabase } from '../../src/db/client.ts';
import { createImportService } from '../../src/item-interactions/import-service.ts';
import { SOURCE_NAMES } from '../../src/item-interactions/import-sources.ts';
import { createItemInteractionRepository } from '../../src/item-interactions/item-interaction-repository.ts';
import { silentLogger } from '../../src/lib/logger.ts';

const database = openDatabase(
  { url: process.env.BENCH_TARGET ?? '' },
  {
    logger: silentLogger(),
    applicationName: 'storyline bench',
    max: 2,
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 60_000,
  },
);
await database.ping();
const service = createImportService({ itemInteractions: createItemInteractionRepository(database) });
const request = { sources: SOURCE_NAMES, range: { since: null, until: null }, batchSize: 1000 };
const before = performance.now();
// The terminal command counts first, for its bar.
await service.count(request);
const { created } = await service.import(request, { signal: new AbortController().signal });
const ms = performance.now() - before;
await database.close();
const peakMb = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
console.log(JSON.stringify({ created, ms, peakMb }));
