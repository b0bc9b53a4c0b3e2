import type { TeamChat } from '../telegram/bot-context.ts';
import { dayAndTime } from '../telegram/local-time.ts';
import { messageLink } from '../telegram/message-link.ts';
import { bold, clip, fmt, lines, link, type Text } from '../telegram/text.ts';
import type { HistoryEntry } from './history-repository.ts';

export const DEFAULT_ENTRIES = 5;
export const MAX_ENTRIES = 20;
/** Twenty entries of such lengths fit into one message. */
const MAX_LABEL = 36;
const MAX_PERSON = 24;
const MAX_REASON = 48;

const ICONS: Readonly<Record<HistoryEntry['what'], string>> = {
  posted: '✅',
  skipped: '⏭️',
  rejected: '🚫',
  failed: '⚠️',
  cancelled: '⌛',
};

/** `/history 10` -> how many; a sentence for the person when it is no such number. */
export function parseHistoryArguments(text: string): number | string {
  if (text === '') return DEFAULT_ENTRIES;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= MAX_ENTRIES) return count;
  return `Please send a number from 1 to ${MAX_ENTRIES}, like /history 10.`;
}

/** `/history`: how the last cards ended, the newest first. */
export function historyMessage(entries: readonly HistoryEntry[], team: TeamChat, now: Date): Text {
  if (entries.length === 0) return lines('📭 Nothing has been decided here yet.', '/next brings a card.');
  const title = fmt`${bold('🗒 Last in')} ${bold(clip(team.title || 'this chat', 60))}`;
  return lines(title, ...entries.map((entry) => entryLines(entry, team, now)), '', `Times are ${team.timeZone}.`);
}

function entryLines(entry: HistoryEntry, team: TeamChat, now: Date): Text {
  const name = clip(entry.label, MAX_LABEL);
  const url = entry.messageId === null ? undefined : messageLink(team.id, entry.messageId);
  const reason = entry.reason ? ` · ${clip(entry.reason, MAX_REASON)}` : '';
  const who = whoOf(entry);
  const when = `${ICONS[entry.what]} ${dayAndTime(entry.at, team.timeZone, now)}${who ? ` · ${who}` : ''}`;
  return fmt`${when}\n${url ? link(name, url) : name}${reason}`;
}

function whoOf(entry: HistoryEntry): string | undefined {
  if (entry.what === 'failed') return 'not sent';
  if (entry.what === 'cancelled') return 'nobody';
  const by = clip(entry.by ?? 'another program', MAX_PERSON);
  const undone = entry.isUndone ? `, undone by ${clip(entry.undoneBy ?? 'somebody', MAX_PERSON)}` : '';
  return `${by}${entry.isOneOfMany ? ' (all at once)' : ''}${undone}`;
}
