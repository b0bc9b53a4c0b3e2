import { dayName, duration } from '../telegram/local-time.ts';
import { bold, clip, clipText, fmt, lines, MAX_CAPTION, type Text } from '../telegram/text.ts';
import type { ContentDecisions, TeamActivity, UserStats } from './activity-repository.ts';
import type { HandlingTime, ReasonCount } from './decision-figures-repository.ts';

/** How and why a team decided, beyond how it fell. */
export type DecisionDetails = {
  handling: HandlingTime;
  /** The most frequent first. */
  reasons: readonly ReasonCount[];
  /** Decisions by `/approveall`, which are posts. */
  atOnce: number;
};

const SHOWN_REASONS = 3;
const MAX_REASON = 40;

function days(count: number): string {
  return count === 1 ? 'last 24 hours' : `last ${count} days`;
}

function decisionLines(decisions: ContentDecisions, details?: DecisionDetails): (Text | string | undefined)[] {
  if (decisions.total_decisions === 0) return ['No decisions in this time.'];
  const waited = decisions.median_seconds_to_decision;
  const slow = decisions.p90_seconds_to_decision;
  return [
    fmt`${bold('Decisions')} ${String(decisions.total_decisions)}`,
    `✅ Posted ${decisions.posted} (${decisions.posted_percentage} %)${details?.atOnce ? `, ${details.atOnce} of them all at once` : ''}`,
    `⏭️ Skipped ${decisions.skipped} (${decisions.skip_percentage} %)`,
    `🚫 Rejected ${decisions.rejected} (${decisions.rejection_rate} %)`,
    waited === null ? undefined : `⏱ Half within ${span(waited)}, nine of ten within ${span(slow ?? waited)}`,
    ...(details ? detailLines(details) : []),
  ];
}

function detailLines({ handling, reasons }: DecisionDetails): (string | undefined)[] {
  const { median_seconds: median } = handling;
  const why = reasons.slice(0, SHOWN_REASONS).map(({ reason, count }) => {
    return `${clip(reason.replaceAll(/\s+/g, ' '), MAX_REASON)} (${count})`;
  });
  return [
    median === null ? undefined : `🙋 Half handled within ${span(median)}`,
    why.length === 0 ? undefined : `💬 Rejected for: ${why.join(', ')}`,
  ];
}

/** Nobody is faster than a second. */
function span(seconds: number): string {
  return duration(Math.max(1, seconds) * 1000);
}

/** Names as they are stored (seed 004) in words; commands stand for themselves, as do buttons of later features. */
const DEEDS: Readonly<Record<string, string>> = {
  posted: '✅ Posted',
  skip: '⏭️ Skip',
  reject: '🚫 Reject, asked',
  confirm_reject: '🚫 Reject',
  cancel_reject: '↩️ Not rejected',
  undo: '↩️ Undo',
  upload: '📎 Uploads',
  text: '💬 Messages',
};

function deedName(name: string): string {
  return DEEDS[name] ?? name.replace(':', ': ');
}

/** The largest, one a row; what is beyond that many rows is summed up in one more. */
function ranked(counts: Readonly<Record<string, number>>, listed: number, name: (key: string) => string): string[] {
  const sorted = Object.entries(counts).sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  const rows = sorted.slice(0, listed).map(([key, count]) => `${clip(name(key), 32)} · ${count}`);
  const rest = sorted.slice(listed).reduce((sum, [, count]) => sum + count, 0);
  return rest > 0 ? [...rows, `${sorted.length - listed} more · ${rest}`] : rows;
}

/** `/stats`: one person's figures. */
export function statsMessage(facts: {
  stats: UserStats;
  decisions: ContentDecisions;
  subject: { name: string; isMe: boolean };
  days: number;
  timeZone: string;
  /** Of each list; the rest is summed up. */
  rows: number;
}): Text {
  const { stats, decisions, subject } = facts;
  const title = fmt`📊 ${bold(subject.isMe ? 'Your figures' : clip(subject.name, 64))}, ${days(facts.days)}`;
  if (stats.total_interactions === 0 && decisions.total_decisions === 0) return lines(title, 'Nothing yet.');
  const hour = stats.most_active_hour;
  const commands = ranked(stats.commands_used, facts.rows, (name) => name);
  return lines(
    title,
    '',
    ...decisionLines(decisions),
    '',
    fmt`${bold('Interactions')} ${String(stats.total_interactions)}`,
    hour === null ? undefined : `🕐 Most active from ${hourOf(hour)} to ${hourOf((hour + 1) % 24)} (${facts.timeZone})`,
    ...commands,
  );
}

function hourOf(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

type TeamFacts = {
  activity: TeamActivity;
  decisions: ContentDecisions;
  /** Left out where there is no room for them. */
  details?: DecisionDetails | undefined;
  names: ReadonlyMap<string, string>;
  /** The chat's name, or that it is all of them. */
  title: string;
  days: number;
  timeZone: string;
  /** Of each list; the rest is summed up. */
  rows: number;
};

/** `/team`: the team's figures, of one chat or of all. */
export function teamMessage(facts: TeamFacts): Text {
  const { activity, decisions, names } = facts;
  const title = fmt`👥 ${bold(clip(facts.title, 64))}, ${days(facts.days)}`;
  if (activity.total_interactions === 0 && decisions.total_decisions === 0) return lines(title, 'Nothing yet.');
  const busiest = activity.daily_activity.reduce((a, b) => (b.count > a.count ? b : a), { date: '', count: 0 });
  // The window begins and ends at this hour, so its first day is a part of one and says little.
  const quiet = activity.daily_activity.slice(1).filter(({ count }) => count === 0).length;
  return lines(
    title,
    '',
    ...decisionLines(decisions, facts.details),
    '',
    fmt`${bold('Interactions')} ${String(activity.total_interactions)} by ${String(activity.active_users)} ${activity.active_users === 1 ? 'person' : 'people'}`,
    ...ranked(activity.interactions_by_user, facts.rows, (id) => names.get(id) ?? 'somebody'),
    '',
    bold('What they did'),
    ...ranked(activity.interactions_by_name, facts.rows, deedName),
    '',
    busiest.count > 0
      ? `📈 Busiest day ${dayName(busiest.date)} (${busiest.count}), ${quiet} quiet ${quiet === 1 ? 'day' : 'days'}`
      : undefined,
    `Days are ${facts.timeZone}.`,
  );
}

/** The same under a picture. Where it gets too long for that, the details go first: what most people look for stays. */
export function teamCaption(facts: TeamFacts): Text {
  const whole = teamMessage(facts);
  const isTooLong = whole.text.length > MAX_CAPTION;
  return clipText(isTooLong ? teamMessage({ ...facts, details: undefined }) : whole, MAX_CAPTION);
}
