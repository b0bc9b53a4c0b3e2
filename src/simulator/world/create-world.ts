import type { SettableClock } from '../settable-clock.ts';
import { createCallbackQueries } from './callback-queries.ts';
import { createChanges } from './changes.ts';
import { createCommandLists } from './command-lists.ts';
import { createFileStore } from './file-store.ts';
import { createUpdateQueue } from './update-queue.ts';
import type { World } from './world.ts';

const FIRST_PERSON_ID = 5200000001;

/** An empty Telegram with one bot in it. */
export function createWorld(options: { clock: SettableClock; keepHistory: boolean; bot: World['bot'] }): World {
  const { clock, keepHistory, bot } = options;
  const changes = createChanges();
  clock.onChange((moved) => changes.emit({ kind: 'clock', moved }));
  return {
    clock,
    bot,
    privacyMode: true,
    keepHistory,
    people: new Map(),
    chats: new Map(),
    files: createFileStore(),
    updates: createUpdateQueue({ clock, changes, keepLog: keepHistory }),
    queries: createCallbackQueries({ clock, changes }),
    commands: createCommandLists(),
    changes,
    counters: { person: FIRST_PERSON_ID, group: 1, message: 0 },
  };
}
