import type { ImportCounts, ImportResult, SourceResult } from './import-service.ts';
import type { SkipReason } from './item-interaction-mappers.ts';
import type { LoadedUpvotes } from './load-upvotes.ts';

const REASON_WORDS: Readonly<Record<SkipReason, string>> = {
  no_person: 'without a person',
  forgotten: 'of people who were forgotten',
  no_item: 'without an item',
  too_long: 'with ids that are too long',
};

/** Which rows were left out and why, one line for each reason. */
export function skippedLines({ source, reasons }: SourceResult): string[] {
  return reasons.map(({ reason, rows, ids }) => {
    const more = rows - ids.length;
    const names = `${ids.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return `${source}: skipped ${rows} ${rows === 1 ? 'row' : 'rows'} ${REASON_WORDS[reason]}: ${names}`;
  });
}

/** The figures of an import, one line for each source, and the sum in the words of seed 000's command at the end. */
export function importSummary(result: ImportResult): string[] {
  const { processed, created, skipped } = result;
  const title = result.isStopped ? 'Import stopped' : 'Import complete';
  return [
    ...result.sources.map(({ source, ...counts }) => `${source}: ${countsInWords(counts)}`),
    `${title}: ${processed} processed, ${created} created, ${skipped} skipped`,
  ];
}

function countsInWords({ processed, created, present, skipped, removed }: ImportCounts): string {
  const parts = [`${processed} processed`, `${created} created`, `${present} already there`, `${skipped} skipped`];
  return [...parts, ...(removed > 0 ? [`${removed} removed (taken back since)`] : [])].join(', ');
}

/** What became of a file. */
export function loadedLine(file: string, { lines, created, present, refused }: LoadedUpvotes): string {
  return `${file}: ${lines} ${lines === 1 ? 'line' : 'lines'} read, ${created} new, ${present} already there, ${refused} refused`;
}
