import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Simulator, SimulatorSnapshot } from './simulator-interface.ts';
import type { Change } from './world/changes.ts';

export type KeptState = {
  /** Whether there was a state to begin with. */
  restored: boolean;
  /** Saves what is not saved yet and stops watching. */
  stop(): Promise<void>;
};

const SAVE_AFTER_MS = 200;
const FILES = 'files';
/** What changes nothing that is kept. */
const NOT_KEPT: ReadonlySet<Change['kind']> = new Set(['call', 'clock', 'typing', 'faults']);

/**
 * Keeps a simulator's state in a folder: loads what is there, then saves within 300 ms of a change, each file whole or
 * not at all (written beside, then renamed). `onError` hears of a save that failed; the next change tries again.
 * Rejects when there is a state that cannot be read.
 */
export async function keepState(
  telegram: Simulator,
  folder: string,
  options: { onError: (error: unknown) => void },
): Promise<KeptState> {
  await mkdir(join(folder, FILES), { recursive: true });
  const restored = await load(telegram, folder);
  const written = new Set(restored ? telegram.files.blobs.keys() : []);
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();

  const saveNow = () => {
    clearTimeout(timer);
    timer = undefined;
    saving = saving.then(() => save(telegram, folder, written)).catch(options.onError);
    return saving;
  };
  const stopListening = telegram.changes.on(({ kind }) => {
    if (NOT_KEPT.has(kind)) return;
    timer ??= setTimeout(saveNow, SAVE_AFTER_MS).unref();
  });
  return {
    restored,
    async stop() {
      stopListening();
      await saveNow();
    },
  };
}

/** Bytes first, so that the state never names a file that is not there. */
async function save(telegram: Simulator, folder: string, written: Set<string>): Promise<void> {
  const state = JSON.stringify(telegram.snapshot());
  for (const [hash, bytes] of telegram.files.blobs) {
    if (written.has(hash)) continue;
    await writeWhole(join(folder, FILES, hash), bytes);
    written.add(hash);
  }
  await writeWhole(join(folder, 'state.json'), state);
}

async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}

async function load(telegram: Simulator, folder: string): Promise<boolean> {
  const path = join(folder, 'state.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return false;
  const snapshot = parseSnapshot(text, path);
  for (const name of await readdir(join(folder, FILES))) {
    if (!name.endsWith('.part')) telegram.files.blobs.set(name, await readFile(join(folder, FILES, name)));
  }
  telegram.restore(snapshot);
  return true;
}

/** The file is our own: that it is JSON of this version is all that is checked. */
function parseSnapshot(text: string, path: string): SimulatorSnapshot {
  try {
    const snapshot: unknown = JSON.parse(text);
    if (typeof snapshot === 'object' && snapshot !== null && 'version' in snapshot && snapshot.version === 1) {
      return snapshot as SimulatorSnapshot;
    }
  } catch {
    // Falls through to the same advice.
  }
  throw new Error(`${path} is no state of this simulator; move it away to begin with a fresh one`);
}
