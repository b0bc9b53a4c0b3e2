import { PersonError } from '../lib/errors.ts';
import { type DatabaseTarget, describeTarget } from './target.ts';

/** What a person is told when the server does not do its part: which database, why, and what to do. Never the password. */
export function noDatabase(target: DatabaseTarget, error: unknown): PersonError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PersonError(
    `The database (${describeTarget(target)}) cannot be used: ${reason}. Check DATABASE_URL, or remove it to use the server that comes with Storyline.`,
  );
}
