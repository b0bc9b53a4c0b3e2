import { DrizzleQueryError } from 'drizzle-orm';
import { OutsideError } from '../lib/errors.ts';

/**
 * What counts as "the database failed", as opposed to "we asked for something wrong": the same request may succeed
 * later. Keys of two characters are whole SQLSTATE classes. Everything that is not listed (22 data, 23 constraints,
 * 42 syntax and names, P0 raised by our own functions) is a mistake of ours.
 * 55P03, a lock not obtained in time, is neither: see `isLockTimeout`.
 */
export const SERVER_FAILURES: Readonly<Record<string, string>> = {
  '08': 'connection broken',
  '25006': 'server is read-only (a standby, or failing over)',
  '25P03': 'transaction was idle too long and was ended',
  '25P04': 'transaction took too long and was ended',
  '28': 'server does not let us in (password, role)',
  '3D000': 'database does not exist (dropped, or being restored)',
  '40001': 'serialization failure',
  '40003': 'outcome of the statement unknown',
  '40P01': 'deadlock',
  '53': 'server lacks disk, memory or connections',
  '57014': 'statement took too long or was cancelled',
  '57P01': 'server is shutting down or ended the connection',
  '57P02': 'server crashed',
  '57P03': 'server is starting or stopping',
  '57P04': 'database was dropped',
  '57P05': 'connection was idle too long and was ended',
  '58': 'file or system error on the server',
  XX: 'internal error or damaged data on the server',
};

/** Codes that postgres.js gives to its own errors. */
export const DRIVER_FAILURES: Readonly<Record<string, string>> = {
  CONNECTION_CLOSED: 'connection was closed',
  CONNECTION_ENDED: 'pool is closed',
  CONNECTION_DESTROYED: 'pool was closed while the statement ran',
  CONNECT_TIMEOUT: 'server did not answer in time',
};

/**
 * Codes of the operating system. Telegram and S3 fail with the same ones, so they count only on an error that carries
 * a statement (postgres.js adds it) or that Drizzle wrapped.
 */
export const SYSTEM_FAILURES: Readonly<Record<string, string>> = {
  EACCES: 'socket may not be opened',
  EAI_AGAIN: 'host name could not be looked up',
  ECONNABORTED: 'connection aborted',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  EMFILE: 'too many open files',
  ENETDOWN: 'network down',
  ENETUNREACH: 'network unreachable',
  ENOENT: 'socket does not exist',
  ENOTFOUND: 'host name unknown',
  EPIPE: 'connection closed while writing',
  ETIMEDOUT: 'connection timed out',
};

const LOCK_NOT_AVAILABLE = '55P03';
const MISSING_REFERENCE = '23503';

/**
 * Why the database failed, or undefined when this error is something else. Looks through `cause` (Drizzle wraps the
 * driver's errors).
 */
export function databaseFailureReason(error: unknown): string | undefined {
  let fromDriver = false;
  for (const link of chain(error)) {
    if (link instanceof OutsideError && link.system === 'postgres') return link.message;
    fromDriver ||= link instanceof DrizzleQueryError || ('query' in link && 'parameters' in link);
    const code = codeOf(link);
    if (code === undefined) continue;
    const reason =
      DRIVER_FAILURES[code] ?? serverFailure(link, code) ?? (fromDriver ? SYSTEM_FAILURES[code] : undefined);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** True when the database failed and the same request may succeed later; false for every mistake of ours. */
export function isDatabaseFailure(error: unknown): boolean {
  return databaseFailureReason(error) !== undefined;
}

/** True when a row was locked elsewhere for longer than the lock timeout: "busy, tap again", not a failure. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === LOCK_NOT_AVAILABLE;
}

/**
 * True when a row was to point to a person who is not there (any more): they were forgotten while their update was on
 * its way. Every reference to `users` has a name of drizzle-kit's.
 */
export function isPersonGone(error: unknown): boolean {
  for (const link of chain(error)) {
    if (codeOf(link) !== MISSING_REFERENCE || !isServerError(link)) continue;
    if ('constraint_name' in link && String(link.constraint_name).endsWith('_users_id_fk')) return true;
  }
  return false;
}

/** The SQLSTATE with which the server refused, or undefined when it was not the server. */
export function sqlState(error: unknown): string | undefined {
  for (const link of chain(error)) {
    const code = codeOf(link);
    if (code !== undefined && isServerError(link)) return code;
  }
  return undefined;
}

function serverFailure(error: Error, code: string): string | undefined {
  return isServerError(error) ? (SERVER_FAILURES[code] ?? SERVER_FAILURES[code.slice(0, 2)]) : undefined;
}

/** Errors of the server carry a severity, both in postgres.js and in pg. */
function isServerError(error: Error): boolean {
  return 'severity' in error;
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function* chain(error: unknown): Generator<Error> {
  const seen = new Set<unknown>();
  for (let link = error; link instanceof Error && !seen.has(link); link = link.cause) {
    seen.add(link);
    yield link;
  }
}
