import { isRecord, isUpload } from './bot-api/request-payload.ts';

const LONGEST_TEXT = 500;
const MOST_ITEMS = 20;

/** The same value as JSON of a bounded size: long texts and lists end early and say so, a file is its name and size. */
export function clippedJson(value: unknown): unknown {
  if (typeof value === 'string') return clippedText(value);
  if (isUpload(value)) return `<${value.fileName || 'file'}, ${sizeInWords(value.bytes.length)}>`;
  if (Array.isArray(value)) return clippedList(value);
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clippedJson(item)]));
  return value;
}

function clippedText(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT).toWellFormed()}…`;
}

function clippedList(list: readonly unknown[]): unknown[] {
  const shown = list.slice(0, MOST_ITEMS).map(clippedJson);
  return list.length <= MOST_ITEMS ? shown : [...shown, `… ${list.length - MOST_ITEMS} more`];
}

/** 12 kB, 3.4 MB: as a messenger writes it. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
