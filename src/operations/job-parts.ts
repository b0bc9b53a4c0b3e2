import type { ClockJob, JobOutcome } from '../lib/job-run.ts';

/** One part of a job that has several: an exporter, a rollup. Safe to run twice, like any job. */
export type JobPart = { name: string; run: ClockJob };

/**
 * A job that is a list of parts, run one after the other. One that fails does not keep the others from running; then the
 * job fails, and is tried again whole. Without any part it is skipped and says `whenEmpty`.
 */
export function createPartsJob(parts: readonly JobPart[], { whenEmpty }: { whenEmpty: string }): ClockJob {
  return async (run) => {
    const outcomes = new Map<string, JobOutcome['outcome']>();
    const failures: unknown[] = [];
    for (const { name, run: runPart } of parts) {
      run.signal.throwIfAborted();
      try {
        outcomes.set(name, (await runPart(run)).outcome);
      } catch (error) {
        failures.push(error);
      }
    }
    const [failure] = failures;
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} parts failed`, { cause: failure });
    if (failures.length > 0) throw failure;
    if (outcomes.size === 0) return { outcome: 'skipped', words: whenEmpty };
    const isAllSkipped = [...outcomes.values()].every((outcome) => outcome === 'skipped');
    return {
      outcome: isAllSkipped ? 'skipped' : 'done',
      words: [...outcomes].map(([name, outcome]) => `${name}: ${outcome}`).join(', '),
      figures: { parts: outcomes.size },
    };
  };
}
