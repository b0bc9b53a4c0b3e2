import postgres from 'postgres';
import { PersonError } from '../lib/errors.ts';

/** What patches/postgres+3.4.9.patch adds to the driver beside its repairs, so that one can see that it is there. */
const MARK = 'survivesDeadBackends';

/**
 * Called at start. Throws a PersonError when the driver lacks our patch. Without it (postgres.js 3.4.9):
 * - a backend that dies inside a transaction ends this process, with an error that nothing can catch
 *   (porsager/postgres#1066, #1154, #1208);
 * - the rest of such a transaction can be committed on its own, on a connection that somebody else opened anew;
 * - the first statement after a broken one fails with the old error;
 * - after a link that was reset inside a transaction, every statement on its connection gets the answer of the one
 *   before it, or none: the rollback, sent into the dead socket, still waits for its own;
 * - a server that accepts connections and closes them is asked 800 times a second, for ever, and no statement fails.
 * The first three: test/db/killed-backends.test.ts. The fourth: test/db/reset-link.test.ts. The last: test/db/client.test.ts.
 */
export function assertDriverPatched(driver: object = postgres): void {
  if (MARK in driver) return;
  throw new PersonError(
    'The database driver lacks the patch that keeps Storyline alive when a database connection breaks. ' +
      'Run "npm ci" again without --ignore-scripts, or "npm run postinstall".',
  );
}
