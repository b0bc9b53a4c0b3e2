import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { PersonError } from '../lib/errors.ts';
import type { Connection } from './connect.ts';

/** Who holds a process lock: their backend's pid on the server, and what they call themselves. */
export type Holder = { readonly backend: number; readonly application: string };

/** The first half of the lock's key, the second is made from its name. Any number will do. */
const LOCK_FAMILY = 7403;

/** PostgreSQL cuts an application's name at 63 bytes and makes other signs than ASCII unreadable; the host comes last. */
const LONGEST_APPLICATION_NAME = 63;

/** How this process introduces itself on the connection that holds the lock: `storyline bot 812 2026-11-20T10:55:00Z pi`. */
export function introduceOurselves(name: string, now: Date): string {
  const started = new Date(now.getTime() - process.uptime() * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  return `storyline ${name} ${process.pid} ${started} ${hostname()}`.slice(0, LONGEST_APPLICATION_NAME);
}

/** What a person is told who starts a second one. */
export function alreadyRunning(holder: Holder): PersonError {
  return new PersonError(
    `Storyline is already running on this database (${holderWords(holder)}). ` +
      'Stop it first; terminal commands (npx storyline …) can be used beside it.',
  );
}

/** `process 812 on pi, since 2026-11-20 10:55 UTC`, as far as the holder's name tells. */
export function holderWords(holder: Holder): string {
  const [, pid, date, time, host] = / (\d+) (\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ (.*)$/.exec(holder.application) ?? [];
  return pid === undefined ? 'another process' : `process ${pid} on ${host}, since ${date} ${time} UTC`;
}

function keyOf(name: string): number {
  return createHash('sha256').update(name).digest().readInt32BE();
}

/** Who holds the lock; undefined when nobody does. */
export async function processLockHolder(sql: Connection, name: string): Promise<Holder | undefined> {
  const [holder] = await sql<Holder[]>`
    select l.pid as backend, coalesce(a.application_name, '') as application
    from pg_locks l
    left join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.granted and l.objsubid = 2
      and l.database = (select oid from pg_database where datname = current_database())
      and l.classid::bigint = ${LOCK_FAMILY} and l.objid::bigint = ${keyOf(name) >>> 0}`;
  return holder;
}

/** Takes the lock if it is free; returns who holds it otherwise. */
export async function tryProcessLock(sql: Connection, name: string): Promise<Holder | undefined> {
  const key = keyOf(name);
  for (;;) {
    const [row] = await sql<{ locked: boolean }[]>`select pg_try_advisory_lock(${LOCK_FAMILY}, ${key}) as locked`;
    if (row?.locked === true) return undefined;
    const holder = await processLockHolder(sql, name);
    // Whoever had it has let go between the two questions.
    if (holder !== undefined) return holder;
  }
}
