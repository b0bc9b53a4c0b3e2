/**
 * The three kinds of error (README, "How errors are told"):
 * a person's mistake, an outside system's failure, and everything else: a bug.
 */

/** A person asked for something that cannot be; `message` says what is wrong and what to do. Exit code 1. */
export class PersonError extends Error {
  override readonly name = 'PersonError';
}

/** A command line that cannot be understood (unknown command, option, number of arguments). Exit code 2. */
export class UsageError extends PersonError {}

/** The systems outside this process that can fail. */
export type OutsideSystem = 'postgres' | 'telegram' | 'files' | 's3';

/**
 * An outside system failed. `retryable` says whether the same request may succeed later;
 * callers decide by it and never parse messages. `cause` holds the original error.
 */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
  readonly system: OutsideSystem;
  readonly retryable: boolean;

  constructor(system: OutsideSystem, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.system = system;
    this.retryable = options.retryable;
  }
}
