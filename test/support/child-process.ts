import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type Facts = Record<string, unknown>;

/** A child process that tells facts as lines of JSON and takes orders as lines. */
export type TellingChild = {
  readonly pid: number;
  /** Sends an order, if there is one, and returns the next fact. */
  tell(order?: string): Promise<Facts>;
  /** Does nothing when it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** The same for the whole process group, as Ctrl-C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
  ended(): Promise<void>;
};

/** Starts a script with this Node, in a process group of its own. `as` runs it as another user (needs root). */
export function startChild(
  script: URL,
  args: readonly string[],
  options: { readonly as?: number; readonly env?: Readonly<Record<string, string>> } = {},
): TellingChild {
  const child: ChildProcess = spawn(process.execPath, [script.pathname, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...options.env },
    ...(options.as === undefined ? {} : { uid: options.as, gid: options.as }),
  });
  const pid = child.pid ?? 0;
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the child has no pipes');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const exit = once(child, 'exit');
  return {
    pid,
    tell: async (order) => {
      if (order !== undefined) stdin.write(`${order}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error('the child has ended');
      return parseFacts(line.value);
    },
    kill: (signal) => {
      child.kill(signal);
    },
    killGroup: (signal) => {
      process.kill(-pid, signal);
    },
    ended: async () => {
      await exit;
    },
  };
}

function parseFacts(line: string): Facts {
  const facts: unknown = JSON.parse(line);
  return typeof facts === 'object' && facts !== null ? { ...facts } : {};
}
