import type { Clock } from '../lib/clock.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { Alerts } from './alerts.ts';
import { dueSlots } from './clock-due.ts';
import { type ClockTiming, clockTargets, entryName } from './clock-jobs.ts';
import type { JobListRepository } from './job-list-repository.ts';
import type { JobPauseRepository } from './job-pause-repository.ts';
import type { JobRunRepository } from './job-run-repository.ts';

const MINUTE_MS = 60_000;
/** A slot without a row, or a row that nobody has begun, is worth a message after this long. */
const MISSING_MS = 15 * MINUTE_MS;
/** After a start the first ticks make up for downtime; nothing is missing before they could. */
const SETTLED_MS = 5 * MINUTE_MS;

/**
 * Watches from the table alone whether jobs run: a slot that should have been claimed, or a claimed one that nobody begins
 * or whose process died, says that the tick or the job worker is dead, here or in another process. Said once per job, after
 * two looks that found the same, and once when the job is well again.
 */
export function createWatchJobs(dependencies: {
  entries: readonly ClockTiming[];
  runs: Pick<JobRunRepository, 'states'>;
  list: Pick<JobListRepository, 'stuck'>;
  pauses: Pick<JobPauseRepository, 'all'>;
  chats: Pick<ChatRepository, 'active'>;
  alerts: Pick<Alerts, 'raise' | 'clear'> & { raised(): Promise<readonly { name: string }[]> };
  clock: Clock;
  monotonicMs: () => number;
}): () => Promise<void> {
  const { entries, runs, list, pauses, chats, alerts, clock, monotonicMs } = dependencies;
  const startedMs = monotonicMs();
  let before: ReadonlySet<string> = new Set();

  /** The jobs, by the schedule's name, of which a slot of at least a quarter of an hour ago was not run. */
  async function missing(now: Date): Promise<Set<string>> {
    const paused = new Set((await pauses.all()).map(({ job }) => job));
    const due = clockTargets(entries, await chats.active())
      .filter(({ entry }) => !paused.has(entry.name))
      .flatMap((target) => dueSlots(target, new Date(now.getTime() - MISSING_MS)));
    const unclaimed = (await runs.states(due)).filter(({ isTaken, isKnown }) => isKnown && !isTaken);
    const stuck = await list.stuck(MISSING_MS);
    return new Set([...unclaimed.map(({ job }) => job), ...stuck].map(entryName));
  }

  return async () => {
    if (monotonicMs() - startedMs < SETTLED_MS) return;
    const found = await missing(clock.now());
    for (const name of found) {
      if (!before.has(name)) continue;
      const text = `⏰ The job ${name} should have run and did not. /jobs shows when it ran last; the log may say why.`;
      await alerts.raise({ key: `job-missed:${name}`, text });
    }
    before = found;
    for (const { name: key } of await alerts.raised()) {
      const [kind, name = ''] = key.split(':');
      if (kind === 'job-missed' && !found.has(name))
        await alerts.clear({ key, text: `✅ The job ${name} runs again.` });
    }
  };
}
