import { setTimeout as delay } from 'node:timers/promises';
import { OutsideError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { isDatabaseFailure, sqlState } from './database-errors.ts';
import type { ServerFolders } from './server-folders.ts';
import { type ServerMachine, serverPid } from './server-process.ts';
import { type ServerUse, takeServerUse } from './server-use.ts';
import type { SocketTarget } from './target.ts';

export type JoinOptions = {
  readonly folders: ServerFolders;
  readonly target: SocketTarget;
  readonly purpose: string;
  readonly logger: Logger;
  /** Creates what is missing; called only when a server has to be started. */
  readonly machine: () => Promise<ServerMachine>;
  readonly onCut: () => void;
  readonly patienceMs?: number;
  /** When we stop, we neither start a server nor go on waiting for one. */
  readonly signal: AbortSignal;
};

/**
 * What stands in the way may go by itself: backends of a killed server that still hold its memory, a server that is
 * stopping, another process that starts it at this moment. A killed server was back after 0.15 to 0.3 s.
 */
const PATIENCE_MS = 10_000;
/** A server that says "I am starting up" replays its log; see START_SECONDS in server-process.ts. */
const RECOVERY_PATIENCE_MS = 300_000;
const PAUSE_MS = 50;
const PAUSE_AFTER_FAILED_START_MS = 200;
const STARTING_OR_STOPPING = '57P03';

/**
 * Joins the users of the server: connects when it runs, starts it when it does not, until one of the two works.
 * Throws the last failure when neither did for ten seconds, and at once what waiting cannot mend (a PersonError, a
 * cluster that cannot be created). Throws an AbortError when `signal` is aborted meanwhile.
 */
export async function joinServer(options: JoinOptions): Promise<ServerUse> {
  const { patienceMs = PATIENCE_MS, logger, signal } = options;
  let deadline = performance.now() + patienceMs;
  let told = false;
  const recoveryDeadline = performance.now() + RECOVERY_PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    const started = await startIfDown(options);
    const joined = started instanceof Error ? started : await connectTo(options);
    if (!(joined instanceof Error)) return joined;
    const now = performance.now();
    if (sqlState(joined) === STARTING_OR_STOPPING && now < recoveryDeadline) deadline = now + patienceMs;
    if (now > deadline) throw joined;
    if (started instanceof Error && !told)
      logger.warn({ reason: joined.message }, 'the database server does not start yet');
    told ||= started instanceof Error;
    await delay(started instanceof Error ? PAUSE_AFTER_FAILED_START_MS : PAUSE_MS, undefined, { signal });
  }
}

/** Returns the failure when the server could not be started now but may be later. */
async function startIfDown(options: JoinOptions): Promise<Error | undefined> {
  if (serverPid(options.folders) !== undefined) return undefined;
  const machine = await options.machine();
  try {
    await machine.start();
    options.logger.debug({ pid: serverPid(options.folders) }, 'database server started');
    return undefined;
  } catch (error) {
    if (error instanceof OutsideError && error.retryable) return error;
    throw error;
  }
}

async function connectTo(options: JoinOptions): Promise<ServerUse | Error> {
  try {
    return await takeServerUse(options.target, options);
  } catch (error) {
    if (error instanceof Error && isDatabaseFailure(error)) return error;
    throw error;
  }
}
