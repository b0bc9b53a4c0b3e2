import type { Socket } from 'node:net';
import postgres from 'postgres';
import { ServerSocket, type SilenceLimits } from './server-socket.ts';
import { type DatabaseTarget, normaliseTarget } from './target.ts';

export type Connection = postgres.Sql;

export type ConnectOptions = {
  /** Shown in pg_stat_activity; the server cuts it at 63 bytes. */
  readonly applicationName: string;
  readonly max: number;
  /** Settings of the session, milliseconds where they are times. A value of 0 is the server's default. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** Called whenever a connection has closed, whoever closed it. */
  readonly onClose?: () => void;
  /** A connection that holds a lock must not be renewed behind our back (postgres.js does so every 30 to 60 minutes). */
  readonly keepForEver?: boolean;
  /** When a connection counts as dead though nobody closed it. Everything under `src` says so: no statement waits for ever. */
  readonly silence?: SilenceLimits;
};

const CONNECT_TIMEOUT_SECONDS = 5;

/**
 * A postgres.js client with the settings that every connection of ours has. It connects with its first query.
 * Whoever calls this closes it with `end`.
 *
 * Not used: `reserve()` (the driver forgets that the connection died) and sharing one client between drizzle and raw
 * SQL (drizzle replaces the client's parsers and serialisers).
 */
export function connect(target: DatabaseTarget, options: ConnectOptions): Connection {
  const plain = normaliseTarget(target);
  const settings: postgres.Options<Record<string, postgres.PostgresType>> = {
    max: options.max,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    // Compiling a statement takes a server that can do it 300 ms, and saves none of ours anything: they read indexes.
    connection: { application_name: options.applicationName, TimeZone: 'UTC', jit: 'off', ...options.parameters },
    onnotice: ignoreNotice,
    backoff: reconnectDelaySeconds,
    types: { safeInteger },
    ...(options.onClose === undefined ? {} : { onclose: options.onClose }),
    ...(options.keepForEver === true ? { max_lifetime: null } : {}),
    ...(options.silence === undefined ? {} : { socket: socketOpener(options.silence) }),
  };
  return 'url' in plain ? postgres(plain.url, settings) : postgres({ ...settings, ...plain });
}

/** What the driver asks for a socket when it is told to: its own options, of several hosts one after the other. */
type Address = { readonly path?: string | false; readonly host: readonly string[]; readonly port: readonly number[] };

/** The driver takes the socket as it is and writes at once, which waits until the connection stands. */
function socketOpener(silence: SilenceLimits): (address: Address) => Socket {
  let attempts = 0;
  return ({ path, host: hosts, port: ports }) => {
    const socket = new ServerSocket(silence);
    if (path) return socket.connect(path);
    const host = hosts[attempts % hosts.length] ?? 'localhost';
    const port = ports[attempts % ports.length] ?? 5432;
    attempts += 1;
    // The driver reads the name that a certificate must bear from its socket.
    return Object.assign(socket.connect(port, host), { host, port });
  };
}

/**
 * int8 as a JavaScript number. Telegram's ids have 52 bits and counts are small; a value that a number cannot hold
 * exactly makes the query fail instead of becoming another value. The driver's default is a string, and "5" + 1 is "51".
 */
const safeInteger: postgres.PostgresType<number> = {
  to: 20,
  from: [20],
  serialize: (value: unknown) => String(value),
  parse: parseSafeInteger,
};

/** Throws a RangeError when the number is too large to be exact. */
export function parseSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is too large for an exact number`);
  return value;
}

/** The driver's own back-off grows to 20 s, during which a pool looks dead though the server is back. */
function reconnectDelaySeconds(failures: number): number {
  return Math.min(0.05 * 2 ** failures, 1);
}

/** Notices ("relation already exists, skipping") are no news; the driver's default prints them. */
function ignoreNotice(): void {}
