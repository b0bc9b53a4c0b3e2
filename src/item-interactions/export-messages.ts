import { bold, clip, clipText, lines, MAX_CAPTION, type Text } from '../telegram/text.ts';
import type { WrittenExport } from './chat-exports.ts';
import { type ExportRequest, rangeOf } from './export-request.ts';

const numbers = new Intl.NumberFormat('en');
const KB = 1_000;
const MB = 1_000_000;
/** Ids and names of types are other systems' and may be long. */
const MAX_REMARK = 250;

/** `/export` without a word behind it; buttons below name the kinds. */
export function exportQuestion(): Text {
  return lines(
    bold('What shall I export?'),
    'personalize · what people did to items, for AWS Personalize',
    'interactions · every command and tap',
    'decisions · who decided what, when and why',
    '',
    'For some days only: /export interactions 30',
  );
}

/** "the last 30 days", "today", "everything". */
export function spanWords({ days }: Pick<ExportRequest, 'days'>): string {
  if (days === undefined) return 'everything';
  return days === 1 ? 'today (UTC)' : `the last ${days} days (UTC)`;
}

/** Under way; `rows` of `total` so far, or nothing known yet. */
export function progressWords(request: ExportRequest, so?: { rows: number; total: number }): string {
  const head = `⏳ Export of ${request.kind}, ${spanWords(request)}: `;
  return so ? `${head}writing… ${numbers.format(so.rows)} of ${numbers.format(so.total)} rows` : `${head}writing…`;
}

/** What stands under the file, and above a link to it. */
export function exportCaption(
  request: ExportRequest,
  written: WrittenExport,
  { rowName, now }: { rowName: string; now: Date },
): Text {
  const { rows } = written;
  const caption = lines(
    bold(`${numbers.format(rows)} ${rowName}${rows === 1 ? '' : 's'}`),
    `${dateWords(request, now)} · ${sizeWords(written.bytes)}`,
    ...shortRemarks(written),
  );
  return clipText(caption, MAX_CAPTION);
}

/** The days of a request in numbers, for a file that is looked at later. */
function dateWords(request: ExportRequest, now: Date): string {
  const day = (at: Date) => at.toISOString().slice(0, 10);
  const { since } = rangeOf(request, now);
  if (!since) return `Everything until ${now.toISOString().slice(0, 16).replace('T', ' ')} (UTC)`;
  return request.days === 1 ? `${day(now)} (UTC)` : `${day(since)} to ${day(now)} (UTC)`;
}

/** The remarks on an export, each short enough for a chat. */
export function shortRemarks({ remarks }: Pick<WrittenExport, 'remarks'>): string[] {
  return remarks.map((remark) => clip(remark, MAX_REMARK));
}

export function nothingToExport(
  request: ExportRequest,
  rowName: string,
  written: Pick<WrittenExport, 'remarks'>,
): string {
  const span = request.days === undefined ? 'yet' : `of ${spanWords(request)}`;
  return [`There are no ${rowName}s ${span}, so there is no file.`, ...shortRemarks(written)].join('\n');
}

export function doneWords(request: ExportRequest): string {
  return `✅ Export of ${request.kind}, ${spanWords(request)}: done.`;
}

/** A file beyond what a bot may send, and no bucket to lay it in. */
export function tooLargeWords(request: ExportRequest, bytes: number): string {
  return [
    `⚠️ The file has ${sizeWords(bytes)}, and bots may send 50 MB.`,
    `Ask for fewer days, like /export ${request.kind} 7, or let the operator set AWS_STORAGE_BUCKET_NAME: then I send a link.`,
  ].join('\n');
}

export const DISK_FULL = '⚠️ The disk is almost full, so I write no file now. Ask the operator to make room first.';
export const INTERRUPTED = '⚠️ The export was interrupted too often. Please ask for it again.';

export function failedWords(reason: string): string {
  return `⚠️ There is no export: ${reason}`;
}

/** "12 KB", "61.3 MB", in the units of Telegram's limits. */
export function sizeWords(bytes: number): string {
  if (bytes < KB) return `${bytes} bytes`;
  return bytes < MB ? `${Math.round(bytes / KB)} KB` : `${(bytes / MB).toFixed(1)} MB`;
}
