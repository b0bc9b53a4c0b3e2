import { PersonError } from '../lib/errors.ts';
import { DECISIONS_OF_THE_TEAM, REACTIONS, type SourceStatement, UPVOTES } from './import-statements.ts';

/** Where item interactions come from: the tables that the import goes through, in this order. */
export const IMPORT_SOURCES = [
  { name: 'upvotes', statement: UPVOTES },
  { name: 'decisions', statement: DECISIONS_OF_THE_TEAM },
  { name: 'reactions', statement: REACTIONS },
] as const satisfies readonly { name: string; statement: SourceStatement }[];

export type SourceName = (typeof IMPORT_SOURCES)[number]['name'];
export const SOURCE_NAMES: readonly SourceName[] = IMPORT_SOURCES.map(({ name }) => name);

/** Everything there is, whatever its time: what is there stays as it is, so it may be imported again and again. */
export const WHOLE_IMPORT = { sources: SOURCE_NAMES, range: { since: null, until: null }, batchSize: 5_000 } as const;

/** What `--source` means: one source, or `all`. Throws PersonError for anything else. */
export function sourcesNamed(name: string): SourceName[] {
  const known = SOURCE_NAMES.filter((source) => name === 'all' || name === source);
  if (known.length > 0) return known;
  throw new PersonError(`“${name}” is no source. Choose ${SOURCE_NAMES.join(', ')} or all.`);
}
