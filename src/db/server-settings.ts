import type { ServerFolders } from './server-folders.ts';

export type ServerSettings = Readonly<Record<string, string>>;

/**
 * What differs from PostgreSQL's defaults, for a Raspberry Pi with one team: little memory, one disk that wears out.
 * fsync, synchronous_commit and full_page_writes stay at their default, on: a confirmed tap survives a power cut.
 * Measured with six connections of the pool open (proportional set size): 44 MB just created, 36 MB started again;
 * with shared_buffers of 32MB it was 41 and 34 MB.
 * An operator changes them with ALTER SYSTEM, which is read after this.
 */
const SETTINGS: ServerSettings = {
  cluster_name: 'storyline',
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '40',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  jit: 'off',
  // One reader beside the backends instead of three, and no replication: each process costs a megabyte.
  io_workers: '1',
  max_logical_replication_workers: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_min_error_statement: 'panic',
};

/** The settings as a configuration file. */
export function settingsFile(folders: ServerFolders, overrides: ServerSettings = {}): string {
  const all = { ...SETTINGS, unix_socket_directories: `"${folders.socket.replaceAll('"', '""')}"`, ...overrides };
  return Object.entries(all)
    .map(([name, value]) => `${name} = ${quote(value)}\n`)
    .join('');
}

/** Strings in postgresql.conf know backslash escapes and doubled quotes. */
function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
