import type { DateRange } from '../lib/date-range.ts';
import { CHAT_EXPORTS, type ChatExport } from './chat-exports.ts';

/** What somebody wants exported: `days` back, today included (UTC); undefined is everything. */
export type ExportRequest = { kind: ChatExport; days: number | undefined };

const MAX_DAYS = 3650;
const DAY_MS = 86_400_000;

/** `interactions 30` -> the request; undefined when nothing is named, a sentence for the person when it cannot be. */
export function parseExportRequest(text: string): ExportRequest | string | undefined {
  const [what, count, ...rest] = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (what === undefined) return undefined;
  const kind = CHAT_EXPORTS.find((known) => known === what);
  if (!kind) return `I cannot export “${what.slice(0, 40)}”. What I can: ${CHAT_EXPORTS.join(', ')}.`;
  if (count === undefined) return { kind, days: undefined };
  const days = /^\d{1,5}$/.test(count) && rest.length === 0 ? Number(count) : Number.NaN;
  if (days >= 1 && days <= MAX_DAYS) return { kind, days };
  return `Behind “${kind}” goes a number of days from 1 to ${MAX_DAYS}, like /export ${kind} 30, or nothing for all.`;
}

/** The days of a request that was made at `now`: whole UTC days, up to now. */
export function rangeOf({ days }: Pick<ExportRequest, 'days'>, now: Date): DateRange {
  if (days === undefined) return { since: null, until: null };
  const today = new Date(now.toISOString().slice(0, 10)).getTime();
  return { since: new Date(today - (days - 1) * DAY_MS), until: null };
}
