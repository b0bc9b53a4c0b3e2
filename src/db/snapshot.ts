import { Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to as copyToStream } from 'pg-copy-streams';
import type { DateRange } from '../lib/date-range.ts';
import { OutsideError } from '../lib/errors.ts';
import { sqlState } from './database-errors.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { ServerSocket } from './server-socket.ts';
import { type DatabaseTarget, normaliseTarget } from './target.ts';

/** One state of the database, whatever is written meanwhile; what it writes itself becomes real when the work is done. */
export type Snapshot = {
  /** Rows as `pg` gives them: a boundary, so whoever asks parses them. */
  rows(query: string, values?: readonly unknown[]): Promise<unknown[]>;
  /** How many rows a statement changed. */
  change(query: string, values?: readonly unknown[]): Promise<number>;
  /**
   * The rows of a query as CSV, as PostgreSQL writes it (`\n`, quotes where needed, nothing for null), straight to
   * `destination`, which is ended. No more is read from the server than the destination takes. The query takes no values:
   * see `literal`. Resolves to the number of rows. `onLines` hears how many lines have gone by so far.
   */
  copyCsv(
    query: string,
    destination: Writable,
    options: { header: boolean; onLines?: (lines: number) => void },
  ): Promise<number>;
  /**
   * The rows of a query as one JSON array, a row a line: `query` has one column of JSON text (no line breaks, which JSON
   * does not need). Nothing at all is written when there is no row. Otherwise as `copyCsv`.
   */
  copyJson(query: string, destination: Writable, options: { onLines?: (lines: number) => void }): Promise<number>;
};

/** Text as a literal of SQL, for COPY, which takes no values. */
export const literal = (text: string): string => pg.escapeLiteral(text);

/** The condition that a column of times lies in a span, with its bounds as literals; `true` for a span without ends. */
export function withinRange(column: string, { since, until }: DateRange): string {
  const bounds = [
    since && `${column} >= ${literal(since.toISOString())}`,
    until && `${column} < ${literal(until.toISOString())}`,
  ].filter((bound) => bound !== null);
  return bounds.join(' and ') || 'true';
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Sorting millions of rows on a Pi's card comes before the first byte. */
const SILENCE_MS = 600_000;

/**
 * Works on one snapshot (REPEATABLE READ) over a connection of its own, so that a disk that is slow or full cannot
 * disturb the pool (a COPY that its reader left hangs there). Commits when `work` is done. On a failure, or when `signal`
 * aborts, nothing of what it wrote stays. When another transaction changed the same rows meanwhile, all of it is done again.
 */
export function withSnapshot<T>(
  target: DatabaseTarget,
  work: (snapshot: Snapshot) => Promise<T>,
  options: { signal?: AbortSignal } = {},
): Promise<T> {
  return retryOnConflict(() => workOnce(target, work, options.signal));
}

async function workOnce<T>(
  target: DatabaseTarget,
  work: (snapshot: Snapshot) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  const plain = normaliseTarget(target);
  const socket = new ServerSocket({ limitMs: SILENCE_MS });
  const client = new pg.Client({
    ...('url' in plain ? { connectionString: plain.url } : plain),
    application_name: 'storyline export',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: '-c TimeZone=UTC -c DateStyle=ISO',
    stream: () => socket,
  });
  let isLost = false;
  // A connection that is cut also fails the statement that runs; without a listener it would end the process.
  client.on('error', () => {
    isLost = true;
  });
  const cut = () => void socket.destroy();
  signal?.addEventListener('abort', cut, { once: true });
  try {
    await client.connect().catch((error: unknown) => {
      throw sqlState(error) === undefined ? lost(error) : error;
    });
    await client.query('begin isolation level repeatable read');
    const result = await work(snapshotOf(client, signal));
    signal?.throwIfAborted();
    await client.query('commit');
    return result;
  } catch (error) {
    // Not a rollback: the connection may be in the middle of a COPY. The server rolls back when it is gone.
    cut();
    signal?.throwIfAborted();
    // `pg` says in a bare Error that a connection was cut; what the server said itself has a code.
    if (isLost && sqlState(error) === undefined) throw lost(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', cut);
    await client.end().catch(() => undefined);
  }
}

function snapshotOf(client: pg.Client, signal: AbortSignal | undefined): Snapshot {
  return {
    rows: async (query, values) => (await client.query(query, values && [...values])).rows,
    change: async (query, values) => (await client.query(query, values && [...values])).rowCount ?? 0,
    async copyCsv(query, destination, { header, onLines }) {
      const source = client.query(copyToStream(`copy (${query}) to stdout (format csv, header ${header})`));
      await pipeline([source, ...(onLines ? [countLines(onLines)] : []), destination], signal ? { signal } : {});
      return source.rowCount;
    },
    async copyJson(query, destination, { onLines }) {
      // COPY's CSV hands text through as it is when quote and delimiter never occur: JSON escapes control characters.
      const rows = `select ',' || json from (${query}) as document(json)`;
      const source = client.query(
        copyToStream(`copy (${rows}) to stdout (format csv, header false, quote E'\\x01', delimiter E'\\x02')`),
      );
      const way = [source, ...(onLines ? [countLines(onLines)] : []), asArray(), destination];
      await pipeline(way, signal ? { signal } : {});
      return source.rowCount;
    },
  };
}

const NEWLINE = 0x0a;

/** Lets everything through and counts the lines. */
function countLines(onLines: (lines: number) => void): Transform {
  let lines = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
      onLines(lines);
      done(null, chunk);
    },
  });
}

function lost(cause: unknown): OutsideError {
  return new OutsideError('postgres', 'The connection to the database was lost. Nothing was changed; try again.', {
    retryable: true,
    cause,
  });
}

/** Lines of `,{…}` -> an array: the first comma becomes the bracket that opens it. */
function asArray(): Transform {
  let isEmpty = true;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!isEmpty || chunk.length === 0) return done(null, chunk);
      isEmpty = false;
      done(null, Buffer.concat([Buffer.from('['), chunk.subarray(1)]));
    },
    flush: (done) => done(null, isEmpty ? '' : ']\n'),
  });
}
