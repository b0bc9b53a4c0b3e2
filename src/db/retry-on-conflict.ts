import { OutsideError } from '../lib/errors.ts';
import { sqlState } from './database-errors.ts';

/** What the server says when it sacrificed one of several transactions that stood in each other's way. */
const CONFLICTS: Readonly<Record<string, string>> = { '40P01': 'deadlock', '40001': 'serialization failure' };

/** After this many repetitions it is no chance meeting any more. */
const MAX_RETRIES = 3;

/**
 * Does one transaction, or one statement that is a transaction, and does it again at once when it had to give way to
 * another: the server has undone it entirely, and the other one has gone on. At most three times (matrix D06), then
 * it throws an OutsideError that says so, with the server's error as its cause. Everything else is thrown as it comes.
 * Ours lock in one order and wait 300 ms at most, so they hardly ever meet it; other programs on the database may.
 */
export async function retryOnConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await work();
    } catch (error) {
      const conflict = CONFLICTS[sqlState(error) ?? ''];
      if (conflict === undefined) throw error;
      if (retries === MAX_RETRIES) {
        const told = `The database undid the same work ${retries + 1} times in favour of others (${conflict})`;
        throw new OutsideError('postgres', told, { retryable: true, cause: error });
      }
    }
  }
}
