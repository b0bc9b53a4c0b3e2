import type { Amount } from './bench.ts';
import type { Result } from './result.ts';
import type { BenchServer } from './server.ts';
export async function measureTelegram(_server: BenchServer, _amount: Amount): Promise<Result[]> {
  return [];
}
