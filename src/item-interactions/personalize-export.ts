import { withSnapshot } from '../db/snapshot.ts';
import type { DatabaseTarget } from '../db/target.ts';
import { writeAtomically } from '../lib/atomic-file.ts';
import type { DateRange } from '../lib/date-range.ts';
import {
  copyInteractions,
  countExcluded,
  countSelected,
  type Excluded,
  markSynced,
  occurringTypes,
  readinessFigures,
} from './personalize-export-repository.ts';
import { chooseTypes, type PersonalizeFormat, type Readiness, readinessOf } from './personalize-rules.ts';
import { removeWithdrawn } from './withdrawn-repository.ts';

export type PersonalizeExportRequest = {
  /** Where the file is to lie. */
  path: string;
  range: DateRange;
  format: PersonalizeFormat;
  /** Stored names of event types; without them the positive ones, as many as AWS takes. */
  types?: readonly string[];
  markSynced: boolean;
  withReadiness: boolean;
};

export type PersonalizeExport = {
  /** No file when there is nothing to export. */
  path: string | undefined;
  rows: number;
  bytes: number;
  types: readonly string[];
  /** Types that occur and are not in the file. */
  otherTypes: readonly string[];
  excluded: Excluded;
  marked: number;
  readiness: Readiness | undefined;
};

const NOTHING: Excluded = { noUser: 0, noItem: 0, illegalId: 0, examples: [] };

/**
 * Writes item interactions as Personalize's CSV, without those that were taken back since: one snapshot for counts, rows and marks (matrix P12), memory flat, the
 * file whole or not there. Marking happens last before the file takes its name and becomes real after that: a crash
 * between the two leaves a file whose rows count as new, never rows that count as synced without a file.
 * Throws PersonError for more event types than AWS takes, for a folder that is not there; what `signal` aborts leaves nothing.
 */
export async function exportForPersonalize(
  ground: { target: DatabaseTarget; now: Date; signal?: AbortSignal; onRows?: (rows: number, total: number) => void },
  request: PersonalizeExportRequest,
): Promise<PersonalizeExport> {
  const { target, now, signal, onRows } = ground;
  await withSnapshot(target, removeWithdrawn, signal ? { signal } : {});
  return withSnapshot(
    target,
    async (snapshot) => {
      const occurring = await occurringTypes(snapshot, request.range);
      const types = chooseTypes(request.types, occurring, request.format);
      const otherTypes = occurring.filter((type) => !types.includes(type));
      const selection = { range: request.range, types };
      const total = await countSelected(snapshot, selection);
      const readiness = request.withReadiness
        ? readinessOf(await readinessFigures(snapshot, selection), request.format)
        : undefined;
      const common = { types, otherTypes, readiness };

      let marked = 0;
      const { result: rows, bytes } =
        total === 0
          ? { result: 0, bytes: 0 }
          : await writeAtomically(
              request.path,
              (file) => {
                const onLines = onRows && ((lines: number) => onRows(Math.max(0, lines - 1), total));
                return copyInteractions(snapshot, selection, request.format, file, onLines);
              },
              {
                keepIf: (written) => written > 0,
                confirm: async () => {
                  if (request.markSynced) marked = await markSynced(snapshot, selection, now);
                },
              },
            );
      onRows?.(total, total);
      const excluded = rows === total ? NOTHING : await countExcluded(snapshot, selection);
      return { ...common, path: rows > 0 ? request.path : undefined, rows, bytes, excluded, marked };
    },
    signal ? { signal } : {},
  );
}
