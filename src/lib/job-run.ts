/** One due run of a clock job, as the job itself sees it. */
export type JobRun = {
  /** The name under which the run is recorded (`job_runs.job`); a job of a chat carries the chat: `daily-digest:-100123`. */
  job: string;
  /** The moment for which the run was planned, to the minute. After downtime it lies in the past: label the work with it. */
  slot: Date;
  /** The chat for which a per-chat job runs. */
  chatId: number | undefined;
  /** The run begins noticeably after its slot: downtime was made up for. */
  isLate: boolean;
  now: Date;
  /** Aborted when the job's time is over or the process stops; throw, and the run comes again. */
  signal: AbortSignal;
};

/**
 * How a run ended when it did not fail: `done`; `skipped`, there was nothing to do; `undeliverable`, the result could not be
 * handed to its receiver for good (a 403). `words` say it to a person, in one short sentence.
 */
export type JobOutcome = {
  outcome: 'done' | 'skipped' | 'undeliverable';
  words?: string;
  figures?: Record<string, number>;
};

/** What a clock job does. May run twice for one slot (a process died half-way). Throwing means failed: it is tried again. */
export type ClockJob = (run: JobRun) => Promise<JobOutcome>;
