import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import { duration, nearTime } from '../telegram/local-time.ts';
import { bold, clip, fmt, lines, type Text } from '../telegram/text.ts';
import type { JobRunView } from './job-list-repository.ts';
import type { JobDetails, JobView, TargetView } from './jobs-service.ts';

/** How people read times: the zone of the chat in which they ask, and now. */
export type Reading = { zone: string; now: Date };

const MAX_WORDS = 120;
const MAX_TITLE = 24;
const MS = 1_000;

const ICONS = { done: '✅', skipped: '➖', undeliverable: '🚫', failed: '❌' } as const;

/** `✅`, or what it is while it is not over. */
function icon(run: JobRunView | undefined): string {
  if (!run) return '▫️';
  if (run.outcome) return ICONS[run.outcome];
  return run.attempt > 0 && !run.isRunning ? '🔁' : '⏳';
}

/** `today 09:00, 2 s`: when it was due, and how long it took or how it stands. */
function when(run: JobRunView, { zone, now }: Reading): string {
  const at = nearTime(run.slot, zone, now);
  if (run.outcome === null) return `${at}, ${state(run)}`;
  return run.durationMs === null || run.durationMs < MS ? at : `${at}, ${duration(run.durationMs)}`;
}

function state(run: JobRunView): string {
  if (run.isRunning) return 'running';
  return run.attempt > 0 ? `attempt ${run.attempt} failed` : 'waiting';
}

/** The newest of the last runs: of several chats, one that failed goes first. */
function lastOf(targets: readonly TargetView[]): JobRunView | undefined {
  const runs = targets.flatMap(({ last }) => (last ? [last] : []));
  const newest = runs.toSorted((a, b) => b.slot.getTime() - a.slot.getTime());
  return newest.find(({ outcome }) => outcome === 'failed') ?? newest[0];
}

function nextOf(targets: readonly TargetView[]): Date | undefined {
  return targets.map(({ next }) => next).toSorted((a, b) => a.getTime() - b.getTime())[0];
}

function jobLines(view: JobView, reading: Reading): Text {
  const { zone, now } = reading;
  const last = lastOf(view.targets);
  const next = nextOf(view.targets);
  const heading = fmt`${view.pause ? '⏸️' : icon(last)} ${bold(view.name)}`;
  const coming = view.pause
    ? `paused since ${nearTime(view.pause.since, zone, now)}`
    : `next ${next ? nearTime(next, zone, now) : 'never: there is no chat'}`;
  const isBad = last?.outcome === 'failed' || last?.outcome === 'undeliverable';
  return lines(
    heading,
    last ? `last ${when(last, reading)}` : 'has not run yet',
    isBad && last.words ? clip(last.words, MAX_WORDS) : undefined,
    coming,
  );
}

/** `/jobs`: every job with its last and next run, and a button for each. */
export function jobsMessage(views: readonly JobView[], reading: Reading): { text: Text; keyboard: InlineKeyboard } {
  const keyboard = new InlineKeyboard();
  for (const [index, { name }] of views.entries()) {
    keyboard.text(name, featureData('jobs', 'show', name));
    if (index % 2 === 1) keyboard.row();
  }
  const blocks = views.map((view) => jobLines(view, reading));
  return { text: lines(bold('🗓 Jobs'), `Times are ${reading.zone}.`, '', ...blocks), keyboard };
}

function runLine(run: JobRunView, isPerChat: boolean, titles: ReadonlyMap<number, string>, reading: Reading): Text {
  const title = isPerChat && titles.size > 1 && run.chatId !== undefined ? titles.get(run.chatId) : undefined;
  const cause = run.cause === 'person' ? ' (by hand)' : '';
  const words = run.words === null ? '' : `: ${clip(run.words, MAX_WORDS)}`;
  return fmt`${icon(run)} ${when(run, reading)}${cause}${title === undefined ? '' : ` · ${title}`}${words}`;
}

/** One job: when it runs, its newest runs, and its buttons. `chats`: the buttons ask for which chat it is to run. */
export function jobMessage(
  job: JobDetails,
  reading: Reading,
  { isChoosing = false, note }: { isChoosing?: boolean; note?: string } = {},
): { text: Text; keyboard: InlineKeyboard } {
  const { zone, now } = reading;
  const titles = new Map(
    job.targets.flatMap(({ chat }) =>
      chat ? [[chat.id, clip(chat.title || String(chat.id), MAX_TITLE)] as const] : [],
    ),
  );
  const next = nextOf(job.targets);
  const by = job.pause?.by === undefined ? '' : ` by ${job.pause.by}`;
  const text = lines(
    fmt`🗓 ${bold(job.name)}`,
    `${job.summary}; ${job.when}`,
    job.pause ? `⏸️ Paused${by} since ${nearTime(job.pause.since, zone, now)}.` : undefined,
    !job.pause && next ? `Next: ${nearTime(next, zone, now)} (${zone})` : undefined,
    '',
    job.runs.length === 0 ? 'It has not run yet.' : undefined,
    ...job.runs.map((run) => runLine(run, job.isPerChat, titles, reading)),
    ...(note === undefined ? [] : ['', note]),
    ...(isChoosing ? ['', 'For which chat?'] : []),
  );
  return { text, keyboard: isChoosing ? chatButtons(job, titles) : jobButtons(job) };
}

function jobButtons({ name, pause, isPerChat, targets }: JobDetails): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  if (!isPerChat || targets.length > 0) keyboard.text('▶️ Run now', featureData('jobs', 'run', name));
  if (pause) keyboard.text('⏯ Resume', featureData('jobs', 'resume', name));
  else keyboard.text('⏸️ Pause', featureData('jobs', 'pause', name));
  return keyboard
    .row()
    .text('🔄 Refresh', featureData('jobs', 'show', name))
    .text('◀️ All jobs', featureData('jobs', 'list'));
}

function chatButtons({ name }: JobDetails, titles: ReadonlyMap<number, string>): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  for (const [id, title] of titles) keyboard.text(title, featureData('jobs', 'run', `${name}.${id}`)).row();
  return keyboard.text('◀️ Back', featureData('jobs', 'show', name));
}
