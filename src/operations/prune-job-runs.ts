import type { ClockJob } from '../lib/job-run.ts';
import { CLOCK_JOB_DEFAULTS, type ClockTiming } from './clock-jobs.ts';
import type { JobRunRepository } from './job-run-repository.ts';

const DAY_MS = 86_400_000;

/** Forgets old runs: those of each job after as many days as the schedule says, those of jobs that are gone after 400. */
export function createPruneJobRuns(dependencies: {
  timings: readonly Pick<ClockTiming, 'name' | 'keptDays'>[];
  runs: Pick<JobRunRepository, 'prune'>;
}): ClockJob {
  const { timings, runs } = dependencies;
  return async ({ now, signal }) => {
    const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
    const special = timings.filter(({ keptDays }) => keptDays !== CLOCK_JOB_DEFAULTS.keptDays);
    let rows = await runs.prune({
      before: before(CLOCK_JOB_DEFAULTS.keptDays),
      except: special.map(({ name }) => name),
    });
    for (const { name, keptDays } of special) {
      signal.throwIfAborted();
      rows += await runs.prune({ before: before(keptDays), of: [name] });
    }
    return { outcome: 'done', words: `${rows} old runs forgotten`, figures: { rows } };
  };
}
