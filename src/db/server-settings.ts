import type { ServerFolders } from './server-folders.ts';

export type ServerSettings = Readonly<Record<string, string>>;

/**
 * What differs from PostgreSQL's defaults, for a Raspberry Pi with one team: little memory, one disk that wears out.
 * fsync, synchronous_commit and full_page_writes stay at their default, on: a confirmed tap survives a power cut.
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
