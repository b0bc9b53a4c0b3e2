import type { ClockJob } from '../lib/job-run.ts';
import type { Chat } from '../settings/chat-repository.ts';
import type { ClockRule } from './clock-slots.ts';

/**
 * What happens to slots that went by while nothing ran: none is made up for, the last one, or all, and none that is older
 * than `maxAgeMinutes`.
 */
export type CatchUp = { policy: 'none' | 'last' | 'all'; maxAgeMinutes: number };

/** When a job of the clock runs. `name` is lower case with hyphens; it is stored in `job_runs`, so it never changes. */
export type ClockTiming = {
  name: string;
  /** What it does, in one line for `/jobs`. */
  summary: string;
  /** One rule in UTC, or one for each chat, in the chat's zone. */
  when: ClockRule | ((chat: Chat) => ClockRule);
  catchUp: CatchUp;
  /** After this long its signal is aborted, and half a minute later it is given up. */
  deadlineMinutes: number;
  /** How often one slot is tried before it has failed (`retryDelay`); what nobody can retry fails at once. */
  attempts: number;
  /** How long its runs are remembered. */
  keptDays: number;
};

/** One job of the clock, with what it does. */
export type ClockJobEntry = ClockTiming & { run: ClockJob };

/** What a job is like unless its entry says otherwise. Ten attempts reach over five hours without network. */
export const CLOCK_JOB_DEFAULTS = { deadlineMinutes: 10, attempts: 10, keptDays: 400 } as const;

/** Pauses between attempts; the last one again and again. */
const RETRY_MS = [10_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000] as const;

/** How long to wait after attempt number `attempt`, counted from 1, has failed. */
export function retryDelay(attempt: number): number {
  return RETRY_MS[Math.min(attempt, RETRY_MS.length) - 1] ?? 3_600_000;
}

/** A job as it is recorded: once for the whole bot, or once for each chat. */
export type ClockTarget = {
  entry: ClockTiming;
  /** `keep-plan`, or `daily-digest:-100123`. */
  job: string;
  chat: Chat | undefined;
  rule: ClockRule;
  zone: string;
};

/** Whether it runs once for each chat. */
export function isPerChat(entry: Pick<ClockTiming, 'when'>): boolean {
  return typeof entry.when === 'function';
}

/** The name under which runs of a job are recorded. */
export function jobName(entry: Pick<ClockTiming, 'name'>, chatId: number | undefined): string {
  return chatId === undefined ? entry.name : `${entry.name}:${chatId}`;
}

/** The schedule's name in a recorded one. */
export function entryName(job: string): string {
  return job.split(':', 1)[0] ?? job;
}

/** What is to be looked after: every job, those of chats for each of these. */
export function clockTargets(entries: readonly ClockTiming[], chats: readonly Chat[]): ClockTarget[] {
  return entries.flatMap((entry): ClockTarget[] => {
    const { when } = entry;
    if (typeof when !== 'function') return [{ entry, job: entry.name, chat: undefined, rule: when, zone: 'UTC' }];
    return chats.map((chat) => ({
      entry,
      job: jobName(entry, chat.id),
      chat,
      rule: when(chat),
      zone: chat.timeZone,
    }));
  });
}
