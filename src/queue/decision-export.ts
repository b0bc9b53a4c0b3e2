import { withSnapshot } from '../db/snapshot.ts';
import type { DatabaseTarget } from '../db/target.ts';
import { writeAtomically } from '../lib/atomic-file.ts';
import type { DateRange } from '../lib/date-range.ts';
import { copyDecisionsCsv, countDecisions } from './decision-export-repository.ts';

/**
 * Writes who decided what, when and why (`decisions`, those that were undone too) into a CSV file with cells that are
 * harmless in a spreadsheet. One snapshot, the oldest first, memory flat, the file whole or not there; without rows there
 * is none. Throws PersonError for a folder that is not there.
 */
export function exportDecisions(
  ground: { target: DatabaseTarget; signal?: AbortSignal; onRows?: (rows: number, total: number) => void },
  { path, range }: { path: string; range: DateRange },
): Promise<{ path: string | undefined; rows: number; bytes: number }> {
  const { target, signal, onRows } = ground;
  return withSnapshot(
    target,
    async (snapshot) => {
      const total = await countDecisions(snapshot, range);
      if (total === 0) return { path: undefined, rows: 0, bytes: 0 };
      const onLines = onRows && ((lines: number) => onRows(Math.min(Math.max(0, lines - 1), total), total));
      const { result: rows, bytes } = await writeAtomically(path, (file) =>
        copyDecisionsCsv(snapshot, range, file, onLines),
      );
      return { path, rows, bytes };
    },
    signal ? { signal } : {},
  );
}
