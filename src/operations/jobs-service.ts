import { PersonError } from '../lib/errors.ts';
import type { Chat, ChatRepository } from '../settings/chat-repository.ts';
import { type ClockTarget, type ClockTiming, clockTargets, isPerChat, jobName } from './clock-jobs.ts';
import { nextSlot, ruleWords } from './clock-slots.ts';
import type { JobListRepository, JobRunView } from './job-list-repository.ts';
import type { JobPause, JobPauseRepository } from './job-pause-repository.ts';
import type { JobRunRepository } from './job-run-repository.ts';

/** One job as recorded, with its last and its next run. */
export type TargetView = {
  job: string;
  chat: Chat | undefined;
  last: JobRunView | undefined;
  next: Date;
  zone: string;
};

/** One job of the schedule, over the chats that were asked about. */
export type JobView = {
  name: string;
  summary: string;
  /** `daily at 09:00`; of several chats with different times: `daily, at each chat’s time`. */
  when: string;
  isPerChat: boolean;
  pause: JobPause | undefined;
  /** Empty for a job of chats where there is no chat. */
  targets: TargetView[];
};

/** A job with its newest runs, of all targets together, the newest first. */
export type JobDetails = JobView & { runs: JobRunView[] };

export type RequestResult =
  | { kind: 'requested'; runId: string }
  /** A run is waiting or going on: another one would only repeat it. */
  | { kind: 'running'; since: Date };

export type JobsService = ReturnType<typeof createJobsService>;

const SHOWN_RUNS = 5;

/** What people do with jobs: look, run now, pause. For the chat and the terminal alike. */
export function createJobsService(dependencies: {
  entries: readonly ClockTiming[];
  runs: Pick<JobRunRepository, 'request'>;
  list: JobListRepository;
  pauses: JobPauseRepository;
  chats: Pick<ChatRepository, 'active'>;
}) {
  const { entries, runs, list, pauses, chats } = dependencies;

  async function chosen(chatId: number | undefined): Promise<Chat[]> {
    const active = await chats.active();
    return chatId === undefined ? active : active.filter(({ id }) => id === chatId);
  }

  async function views(timings: readonly ClockTiming[], chatId: number | undefined, now: Date): Promise<JobView[]> {
    const targets = clockTargets(timings, await chosen(chatId));
    const jobs = targets.map(({ job }) => job);
    const [latest, periods, paused] = await Promise.all([list.latest(jobs), list.periods(jobs), pauses.all()]);
    const last = new Map(latest.map((run) => [run.job, run]));
    const view = ({ job, chat, rule, zone }: ClockTarget): TargetView => ({
      job,
      chat,
      zone,
      last: last.get(job),
      next: nextSlot(rule, zone, now, periods.get(job)).at,
    });
    return timings.map((timing) => {
      const own = targets.filter(({ entry }) => entry === timing);
      const words = new Set(own.map(({ rule }) => ruleWords(rule)));
      const [only = 'at each chat’s time'] = words;
      return {
        name: timing.name,
        summary: timing.summary,
        when: words.size > 1 ? `${only.replace(/ at .*/, '')}, at each chat’s time` : only,
        isPerChat: isPerChat(timing),
        pause: paused.find(({ job }) => job === timing.name),
        targets: own.map(view),
      };
    });
  }

  const timingOf = (name: string) => entries.find((entry) => entry.name === name);

  return {
    /** Whether the schedule has a job of this name. */
    knows: (name: string): boolean => timingOf(name) !== undefined,

    /** Every job; jobs of chats for this chat, or for all in which the bot works. */
    overview: (chatId: number | undefined, now: Date): Promise<JobView[]> => views(entries, chatId, now),

    /** One job with its newest runs; undefined when the schedule has none of this name. */
    async details(name: string, chatId: number | undefined, now: Date): Promise<JobDetails | undefined> {
      const timing = timingOf(name);
      const [view] = timing ? await views([timing], chatId, now) : [];
      if (!view) return undefined;
      const runsOf = await list.history(
        view.targets.map(({ job }) => job),
        SHOWN_RUNS,
      );
      return { ...view, runs: runsOf };
    },

    /** One run; undefined when its row is gone. */
    find: list.find,

    /**
     * Runs a job now, also a paused one; `chatId` for jobs of chats, and for no others. Throws PersonError when there is no
     * such job, or it needs a chat, or takes none.
     */
    async request(
      name: string,
      chatId: number | undefined,
      { by, now }: { by: string | null; now: Date },
    ): Promise<RequestResult> {
      const timing = timingOf(name);
      if (!timing) {
        throw new PersonError(
          `There is no job “${name}”. There are: ${entries.map((entry) => entry.name).join(', ')}.`,
        );
      }
      if (isPerChat(timing) !== (chatId !== undefined)) {
        throw new PersonError(
          chatId === undefined ? `The job ${name} runs for a chat: say which.` : `The job ${name} is not about a chat.`,
        );
      }
      const job = jobName(timing, chatId);
      const [last] = await list.latest([job]);
      if (last?.isRunning) return { kind: 'running', since: last.startedAt ?? last.slot };
      return { kind: 'requested', runId: await runs.request({ job, chatId, by, now }) };
    },

    /** Stops a job in all chats; slots that come meanwhile are not made up for. False: it stood still already. */
    pause: pauses.pause,

    /** Lets it go on. False: it did not stand still. */
    resume: pauses.resume,
  };
}
