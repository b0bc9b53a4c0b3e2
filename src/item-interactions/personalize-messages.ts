import type { PersonalizeExport } from './personalize-export.ts';
import type { Excluded } from './personalize-export-repository.ts';

/** What came of an export, in the words of the original command where it had some (source-behaviours 2.5). */
export function personalizeSummary(result: PersonalizeExport, { isMarking }: { isMarking: boolean }): string[] {
  const skipped = result.excluded.noUser + result.excluded.noItem + result.excluded.illegalId;
  const marked = isMarking ? ` (marked ${result.marked} as synced)` : '';
  const types = result.types.length > 0 ? `Event types: ${result.types.join(', ')}` : 'Event types: none';
  const others = result.otherTypes.length > 0 ? `; not in it: ${result.otherTypes.join(', ')} (--event-types)` : '';
  return [
    ...(result.path === undefined
      ? [skipped === 0 ? 'No records found' : `No records found: ${skipped} skipped`]
      : [`Export complete: ${result.rows} exported, ${skipped} skipped${marked}`, `File: ${result.path}`]),
    ...(result.path !== undefined || others ? [types + others] : []),
    ...excludedWords(result.excluded).map((words) => `Skipped: ${words}`),
    ...(result.readiness?.lines ?? []),
  ];
}

/** Why rows were left out, a line for each reason. */
export function excludedWords({ noUser, noItem, illegalId, examples }: Excluded): string[] {
  const shown = examples.map((id) => `“${id}”`).join(', ');
  return [
    ...(noUser > 0 ? [`${noUser} without a user`] : []),
    ...(noItem > 0 ? [`${noItem} without an item`] : []),
    ...(illegalId > 0
      ? [
          `${illegalId} with an id that Personalize does not take (1 to 256 of A-Z a-z 0-9 _ . : -)${shown && `, such as ${shown}`}`,
        ]
      : []),
  ];
}
