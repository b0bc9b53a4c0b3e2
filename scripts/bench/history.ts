/* Appends one line per run to history.ndjson, so that a figure that creeps is seen. Used by bench.ts. */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { readVersion } from '../../src/lib/version.ts';
import type { Amount } from './bench.ts';
import type { Result } from './result.ts';
import type { BenchServer } from './server.ts';

export function appendHistory(server: BenchServer, amount: Amount, load: number, results: readonly Result[]): void {
  const line = {
    date: new Date().toISOString(),
    commit: commit(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      arch: process.arch,
    },
    versions: { storyline: readVersion(), node: process.version, postgres: server.version },
    server: server.kind,
    /** Processes that ran or wanted to, in the minute before. */
    load: Number(load.toFixed(2)),
    rows: amount.rows,
    history: amount.history,
    figures: results.map((result) => ({
      ...result,
      ...(result.ratio ? { ratio: Number(result.ratio.toFixed(3)) } : {}),
    })),
  };
  appendFileSync(new URL('history.ndjson', import.meta.url), `${JSON.stringify(line)}\n`);
}

/** `-dirty` when something was changed since; null outside of a repository. */
function commit(): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}
