import type { Writable } from 'node:stream';
import { z } from 'zod';
import { type Snapshot, withinRange } from '../db/snapshot.ts';
import { spreadsheetText } from '../db/spreadsheet-text.ts';
import type { DateRange } from '../lib/date-range.ts';

const utc = (column: string) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const text = (column: string, name: string) => `${spreadsheetText(`(${column})`)} as ${name}`;

/** People's own words are made harmless; ids, times and figures are what they are. */
const COLUMNS = [
  `${utc('d.decided_at')} as decided_at`,
  'd.decision',
  'd.user_id',
  text(`nullif(btrim(concat_ws(' ', u.first_name, u.last_name)), '')`, 'person'),
  text('u.username', 'username'),
  'd.media_item_id as item_id',
  text('m.file_name', 'file_name'),
  text('m.category', 'category'),
  text('d.reason', 'reason'),
  'd.source',
  'd.waited_ms',
  'd.handling_ms',
  'd.chat_id as telegram_chat_id',
  'd.queue_item_id',
  `${utc('d.undone_at')} as undone_at`,
];

/** Writes the decisions as CSV with a header, the oldest first, and returns how many. */
export function copyDecisionsCsv(
  snapshot: Snapshot,
  range: DateRange,
  destination: Writable,
  onLines?: (lines: number) => void,
): Promise<number> {
  const query = `select ${COLUMNS.join(', ')}
    from decisions d join media_items m on m.id = d.media_item_id left join users u on u.id = d.user_id
    where ${withinRange('d.decided_at', range)} order by d.decided_at, d.id`;
  return snapshot.copyCsv(query, destination, { header: true, ...(onLines ? { onLines } : {}) });
}

export async function countDecisions(snapshot: Snapshot, range: DateRange): Promise<number> {
  const rows = await snapshot.rows(
    `select count(*)::float8 as rows from decisions d where ${withinRange('d.decided_at', range)}`,
  );
  return z.tuple([z.object({ rows: z.number() })]).parse(rows)[0].rows;
}
