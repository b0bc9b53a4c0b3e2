import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../db/client.ts';
import { PersonError } from '../lib/errors.ts';
import { chosenChat } from '../queue/chosen-chats.ts';
import { createChatRepository } from '../settings/chat-repository.ts';
import { dayAndTime, duration } from '../telegram/local-time.ts';
import { type ClockTiming, isPerChat } from './clock-jobs.ts';
import { createJobListRepository, type JobRunView } from './job-list-repository.ts';
import { createJobPauseRepository } from './job-pause-repository.ts';
import { createJobRunRepository } from './job-run-repository.ts';
import { createJobsService, type TargetView } from './jobs-service.ts';

type Terminal = { database: Database; print: (line: string) => void };

const LOOK_MS = 200;

function serviceOf({ database }: Pick<Terminal, 'database'>, timings: readonly ClockTiming[]) {
  const list = createJobListRepository(database);
  const chats = createChatRepository(database);
  const [runs, pauses] = [createJobRunRepository(database), createJobPauseRepository(database)];
  return createJobsService({ entries: timings, runs, list, pauses, chats });
}

/** `storyline jobs list`: every job with its last and next run, those of chats for each chat; `--json`: one object a line. */
export async function listJobs(
  terminal: Terminal,
  timings: readonly ClockTiming[],
  options: { json?: boolean },
): Promise<void> {
  const now = new Date();
  for (const { name, when, pause, targets } of await serviceOf(terminal, timings).overview(undefined, now)) {
    if (!options.json) terminal.print(`${name}: ${when}${pause ? `, paused since ${pause.since.toISOString()}` : ''}`);
    for (const target of targets) {
      if (options.json) {
        const facts = { job: target.job, when, zone: target.zone, next: pause ? null : target.next };
        terminal.print(JSON.stringify({ ...facts, paused_since: pause?.since ?? null, last: target.last ?? null }));
      } else {
        terminal.print(`  ${targetLine(target, now)}`);
      }
    }
    if (targets.length === 0 && !options.json) terminal.print('  no team chat yet');
  }
}

function targetLine({ chat, last, next, zone }: TargetView, now: Date): string {
  const title = chat ? `${chat.title || chat.id}: ` : '';
  const at = (date: Date) => dayAndTime(date, zone, now);
  const before = last ? `last ${at(last.slot)}, ${endingOf(last)}` : 'has not run yet';
  return `${title}${before}; next ${at(next)} (${zone})`;
}

function endingOf({ outcome, durationMs, attempt, words }: JobRunView): string {
  const took = durationMs === null || durationMs < 1_000 ? '' : ` in ${duration(durationMs)}`;
  return `${outcome ?? (attempt > 0 ? `attempt ${attempt}` : 'waiting')}${took}${words === null ? '' : ` (${words})`}`;
}

/**
 * `storyline jobs run <name> [--chat id]`: runs a job now and waits for what comes of it. A running bot does it (`runHere`
 * is absent); else it is done in this process. Throws PersonError when the job or chat is not known, when it runs already,
 * and when it failed. With `signal` the waiting ends; the bot goes on.
 */
export async function runJob(
  terminal: Terminal & { say: (words: string) => void; signal: AbortSignal },
  timings: readonly ClockTiming[],
  name: string,
  options: { chat?: string; json?: boolean; bot: string | undefined; runHere: (runId: string) => Promise<void> },
): Promise<void> {
  const { database, print, say, signal } = terminal;
  const { bot } = options;
  const service = serviceOf(terminal, timings);
  const timing = timings.find((one) => one.name === name);
  const isOfChat = timing !== undefined && (isPerChat(timing) || options.chat !== undefined);
  const chat = isOfChat ? await chosenChat(createChatRepository(database), options.chat) : undefined;
  const result = await service.request(name, chat?.id, { by: null, now: new Date() });
  if (result.kind === 'running') throw new PersonError(`The job ${name} is running already; see storyline jobs list.`);
  say(bot === undefined ? 'No bot runs on this database: the job runs here.' : `${bot} runs the job.`);
  if (bot === undefined) await options.runHere(result.runId);

  const find = () => service.find(result.runId);
  let run = await find();
  while (bot !== undefined && run && !isSettled(run) && !signal.aborted) {
    await wait(LOOK_MS, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    run = await find();
  }
  if (!run) throw new Error('the row of a run is gone');
  if (options.json) print(JSON.stringify(run));
  else if (run.outcome !== null) print(`${run.job}: ${endingOf(run)}`);
  if (run.outcome === null && signal.aborted)
    throw new PersonError(`${name} goes on in the bot; see storyline jobs list.`);
  if (run.outcome === null) throw new PersonError(`${name} failed and is tried again by the bot: ${run.words ?? ''}`);
  if (run.outcome === 'failed' || run.outcome === 'undeliverable') {
    throw new PersonError(`${name}: ${run.outcome}. ${run.words ?? ''}`.trim());
  }
}

/** Over, or failed for now. */
function isSettled({ outcome, attempt, isRunning }: JobRunView): boolean {
  return outcome !== null || (attempt > 0 && !isRunning);
}
