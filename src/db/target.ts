import { PersonError } from '../lib/errors.ts';

/** A server reached through a socket folder, as the embedded one is. The shape also suits `pg` (graphile-worker). */
export type SocketTarget = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
};

/** Where a database is: an address, or a socket folder. */
export type DatabaseTarget = { readonly url: string } | SocketTarget;

/** Parameters of libpq, Prisma and poolers that a server refuses at connection start when they are passed on. */
const NOT_FOR_THE_SERVER: readonly string[] = [
  'channel_binding',
  'gssencmode',
  'pgbouncer',
  'schema',
  'uselibpqcompat',
];

const EXAMPLE = 'postgres://user:password@host:5432/name';

/**
 * Turns the spellings of an address that postgres.js does not understand into ones that it does: a socket folder
 * (`postgres://user@/name?host=/var/run/postgresql`, `postgres://user@%2Fvar%2Frun/name`) becomes a socket target,
 * parameters that no server knows are left out. Everything else stays as it is.
 * Throws a PersonError, without the address (it holds a password), when it is not a PostgreSQL address.
 */
export function normaliseTarget(target: DatabaseTarget): DatabaseTarget {
  if (!('url' in target)) return target;
  const url = parseAddress(target.url);
  const folder = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  if (folder.startsWith('/')) {
    const password = decodeURIComponent(url.password);
    return {
      host: folder,
      port: Number(url.searchParams.get('port') ?? (url.port || '5432')),
      user: decodeURIComponent(url.username) || (url.searchParams.get('user') ?? 'postgres'),
      database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
      ...(password === '' ? {} : { password }),
    };
  }
  for (const name of NOT_FOR_THE_SERVER) url.searchParams.delete(name);
  return { url: url.href };
}

/** The target in words for a log or a message: host and database, never the password. */
export function describeTarget(target: DatabaseTarget): string {
  const plain = normaliseTarget(target);
  if (!('url' in plain)) return `${plain.database} at ${plain.host}`;
  const url = new URL(plain.url);
  return `${decodeURIComponent(url.pathname.slice(1))} at ${url.host}`;
}

/** The same server, another database. */
export function withDatabase(target: DatabaseTarget, database: string): DatabaseTarget {
  const plain = normaliseTarget(target);
  if (!('url' in plain)) return { ...plain, database };
  const url = new URL(plain.url);
  url.pathname = `/${encodeURIComponent(database)}`;
  return { url: url.href };
}

function parseAddress(text: string): URL {
  // `postgres://user@/name?host=/folder` has no host, which URL refuses for a user name; a stand-in keeps it readable.
  const address = text.replace(/^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?=[/?])/, '$1localhost');
  if (!/^postgres(?:ql)?:\/\//.test(address) || !URL.canParse(address)) {
    throw new PersonError(`The database address (DATABASE_URL) is not of the form ${EXAMPLE}.`);
  }
  const url = new URL(address);
  // An @ behind the first slash: a password with an unescaped slash, the rest of which would pass for a host.
  if (url.pathname.includes('@')) {
    throw new PersonError(
      'The password in DATABASE_URL has special characters: write / as %2F, @ as %40, : as %3A, # as %23.',
    );
  }
  return url;
}
