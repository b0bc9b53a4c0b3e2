import type { ClockJob } from '../lib/job-run.ts';
import { skippedLines } from './import-messages.ts';
import type { ImportResult, ImportService } from './import-service.ts';
import { WHOLE_IMPORT } from './import-sources.ts';

const numbers = new Intl.NumberFormat('en');

/**
 * Takes item interactions in from all our own tables, whatever their dates: upvotes come from files, and rows of other
 * programs, with times of long ago. What is there stays as it is, so every night may look at everything. The admins are
 * told when there was something; a night without anything new is said by the job's record alone.
 */
export function createNightlyImportJob(dependencies: {
  imports: Pick<ImportService, 'import'>;
  tellAdmins: (sentence: string) => Promise<void>;
}): ClockJob {
  const { imports, tellAdmins } = dependencies;
  return async ({ signal }) => {
    const result = await imports.import(WHOLE_IMPORT, { signal });
    // What is in stays in; the next attempt goes on.
    if (result.isStopped) throw signal.reason;
    const { processed, created, skipped, removed } = result;
    if (created + removed === 0)
      return { outcome: 'skipped', words: `Nothing new in ${numbers.format(processed)} rows.` };
    await tellAdmins(importNews(result));
    const words = `${numbers.format(created)} new of ${numbers.format(processed)}`;
    return { outcome: 'done', words, figures: { processed, created, skipped, removed } };
  };
}

/** "🌙 Item interactions of the night: …", and a line for each source that has news. */
export function importNews(result: ImportResult): string {
  const removed = result.removed > 0 ? `, ${numbers.format(result.removed)} removed (taken back since)` : '';
  return [
    `🌙 Item interactions: ${numbers.format(result.created)} new${removed}.`,
    ...result.sources.flatMap(({ source, created }) =>
      created > 0 ? [`${source}: ${numbers.format(created)} new`] : [],
    ),
    ...result.sources.flatMap(skippedLines),
  ].join('\n');
}
