import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import { VARIABLES } from '../../src/config.ts';

export const PROJECT = join(import.meta.dirname, '..', '..');

export type Environment = Readonly<Record<string, string>>;
export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A program of ours that runs as a process of its own, seen from outside. */
export type RunningProcess = {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Both channels, in the order in which they arrived. */
  output(): string;
  /** Resolves with the first line that contains the words, said before or after this call. Rejects when it never comes. */
  waitForLine(words: string | RegExp, options?: { timeoutMs?: number; after?: number }): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** The same for its whole process group, as Ctrl-C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
  /** How it ended; rejects, with what it said, when it does not. */
  ended(options?: { timeoutMs?: number }): Promise<Ending>;
};

type Options = {
  env?: Environment;
  /** Variables that are not even empty, so that `.env` decides. */
  unset?: readonly string[];
  cwd?: string;
  /** Opens the channel over which PM2 is told that the process is ready. */
  tellsReady?: boolean;
};

const LINE_TIMEOUT_MS = 20_000;
/** Longer than the process's own limit (18 s), so that a test sees which of the two ended it. */
const END_TIMEOUT_MS = 25_000;

/** Every variable that the program reads is empty unless given, whatever the machine or a `.env` says. */
function environment({ env: given = {}, unset = [] }: Options): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const empty = VARIABLES.filter((name) => !unset.includes(name)).map((name) => [name, ''] as const);
  return { ...Object.fromEntries([...empty, ...kept]), ...given };
}

/** An empty folder that is gone after the test; the working directory of processes, so that no `.env` is read. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'storyline-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return folder;
}

/** Starts a program in a process group of its own; whatever of it is left when the test is over is killed. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: Options = {},
): RunningProcess & { readonly child: ChildProcess } {
  const child = spawn(command, args, {
    cwd: options.cwd ?? tmpdir(),
    env: environment(options),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(options.tellsReady ? (['ipc'] as const) : [])],
  });
  const pid = child.pid ?? 0;
  const said = { stdout: '', stderr: '', output: '' };
  const listeners = new Set<() => void>();
  const listen = (channel: 'stdout' | 'stderr') => {
    child[channel]?.setEncoding('utf8').on('data', (text: string) => {
      said[channel] += text;
      said.output += text;
      for (const listener of [...listeners]) listener();
    });
  };
  listen('stdout');
  listen('stderr');
  let ending: Ending | undefined;
  const closed = once(child, 'close').then(([code, signal]: unknown[]) => {
    ending = { code: typeof code === 'number' ? code : null, signal: child.signalCode ?? (signal ? 'SIGKILL' : null) };
    for (const listener of [...listeners]) listener();
    return ending;
  });
  const signalTo = (target: number, signal: NodeJS.Signals) => {
    try {
      process.kill(target, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  };
  onTestFinished(async () => {
    if (ending) return;
    signalTo(-pid, 'SIGKILL');
    await closed;
  });

  return {
    child,
    pid,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    output: () => said.output,
    waitForLine(words, { timeoutMs = LINE_TIMEOUT_MS, after = 0 } = {}) {
      const find = () =>
        stripVTControlCharacters(said.output.slice(after))
          .split('\n')
          .find((line) => (typeof words === 'string' ? line.includes(words) : words.test(line)));
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const give = (why: string) => reject(new Error(`${why} before it said “${words}”. It said:\n${said.output}`));
      const look = () => {
        const line = find();
        if (line !== undefined) resolve(line);
        else if (ending) give('The process ended');
      };
      const timer = setTimeout(() => give(`${timeoutMs} ms went by`), timeoutMs);
      listeners.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(look);
      });
    },
    kill: (signal) => signalTo(pid, signal),
    killGroup: (signal) => signalTo(-pid, signal),
    async ended({ timeoutMs = END_TIMEOUT_MS } = {}) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => late.reject(new Error(`The process did not end in ${timeoutMs} ms. It said:\n${said.output}`)),
        timeoutMs,
      );
      return Promise.race([closed, late.promise]).finally(() => clearTimeout(timer));
    },
  };
}

/** `npm start` without npm: the program with the flag that `package.json` gives it. */
export function startMain(env: Environment, options: Omit<Options, 'env'> = {}) {
  return startProcess(process.execPath, ['--max-semi-space-size=2', join(PROJECT, 'src/main.ts')], { env, ...options });
}

/** One terminal command, to its end. */
export async function terminal(
  args: readonly string[],
  env: Environment,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = startProcess(process.execPath, [join(PROJECT, 'src/cli.ts'), ...args], { env });
  const { code } = await run.ended();
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}

/** Where a started process answers HTTP. */
export async function originOf(run: Pick<RunningProcess, 'waitForLine'>): Promise<string> {
  const line = await run.waitForLine(/"origin":"http/);
  return /"origin":"(http[^"]+)"/.exec(line)?.[1] ?? '';
}

/** What /healthz says, with its status code. */
export async function healthOf(origin: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${origin}/healthz`);
  const body: unknown = await answer.json();
  return { code: answer.status, ...(typeof body === 'object' ? body : {}) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
