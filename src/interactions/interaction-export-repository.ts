import type { Writable } from 'node:stream';
import { z } from 'zod';
import { literal, type Snapshot, withinRange } from '../db/snapshot.ts';
import { spreadsheetText } from '../db/spreadsheet-text.ts';
import type { DateRange } from '../lib/date-range.ts';

/** `spreadsheet`: cells that no spreadsheet takes for formulas. `machine`: text as it is stored. */
export type Cells = 'spreadsheet' | 'machine';

export type InteractionSelection = { range: DateRange; isPseudonymised: boolean };

/** The columns in order, with the type that each has in a Parquet file. */
export type Column = { name: string; type: 'VARCHAR' | 'TIMESTAMPTZ' | 'BIGINT' | 'BOOLEAN' };

/** What leaves the house of `context` under pseudonyms: figures, and ids that name no person. Everything else might. */
const HARMLESS_CONTEXT = [
  'asked',
  'cards',
  'cleared',
  'days',
  'empty',
  'items_shown',
  'media_count',
  'media_kind',
  'outcome',
  'overdue',
  'pending',
  'queue_item_id',
  'queue_size',
  'response_time_ms',
  'scheduled',
  'setting',
  'success',
  'total_locked',
  'total_queue',
  'undone_at',
  'uptime_hours',
];

type ColumnSource = Column & { sql: string; isText?: boolean };

const pseudonym = (prefix: string, column: string) =>
  `'${prefix}_' || left(encode(sha256(convert_to('${prefix}:' || (select key from pseudonym_key)::text || ':' || ${column}, 'UTF8')), 'hex'), 24)`;

const OPEN_IDENTITY: readonly ColumnSource[] = [
  { name: 'user_id', type: 'VARCHAR', sql: 'i.user_id::text' },
  { name: 'telegram_user_id', type: 'BIGINT', sql: 'u.telegram_user_id' },
  { name: 'username', type: 'VARCHAR', sql: 'u.username', isText: true },
];
const HIDDEN_IDENTITY: readonly ColumnSource[] = [
  { name: 'user_id', type: 'VARCHAR', sql: pseudonym('user', 'i.user_id::text') },
];

function columnsOf({ isPseudonymised }: InteractionSelection): ColumnSource[] {
  const harmless = `(select jsonb_object_agg(key, value) from jsonb_each(i.context)
      where key in (${HARMLESS_CONTEXT.map(literal).join(', ')}))`;
  return [
    { name: 'id', type: 'VARCHAR', sql: 'i.id::text' },
    { name: 'created_at', type: 'TIMESTAMPTZ', sql: `to_char(i.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')` },
    ...(isPseudonymised ? HIDDEN_IDENTITY : OPEN_IDENTITY),
    { name: 'interaction_type', type: 'VARCHAR', sql: 'i.interaction_type' },
    { name: 'interaction_name', type: 'VARCHAR', sql: 'i.interaction_name', isText: true },
    { name: 'outcome', type: 'VARCHAR', sql: `coalesce(i.context->>'outcome', 'done')`, isText: true },
    { name: 'response_time_ms', type: 'BIGINT', sql: wholeNumber(`i.context->'response_time_ms'`) },
    { name: 'queue_item_id', type: 'VARCHAR', sql: `i.context->>'queue_item_id'`, isText: true },
    isPseudonymised
      ? { name: 'telegram_chat_id', type: 'VARCHAR', sql: pseudonym('chat', 'i.telegram_chat_id::text') }
      : { name: 'telegram_chat_id', type: 'BIGINT', sql: 'i.telegram_chat_id' },
    { name: 'telegram_message_id', type: 'BIGINT', sql: 'i.telegram_message_id' },
    { name: 'counts', type: 'BOOLEAN', sql: 'i.counts' },
    { name: 'context', type: 'VARCHAR', sql: isPseudonymised ? harmless : 'i.context', isText: true },
  ];
}

/** Rows of other programs may hold anything there. */
function wholeNumber(json: string): string {
  return `case when jsonb_typeof(${json}) = 'number' then round((${json})::numeric)::bigint end`;
}

/** The columns of the files, for whoever reads them back. */
export function exportColumns(selection: InteractionSelection): readonly Column[] {
  return columnsOf(selection).map(({ name, type }) => ({ name, type }));
}

/** Writes the selection as CSV with a header, the oldest row first, and returns how many rows. */
export function copyInteractionsCsv(
  snapshot: Snapshot,
  selection: InteractionSelection,
  cells: Cells,
  destination: Writable,
  onLines?: (lines: number) => void,
): Promise<number> {
  const columns = columnsOf(selection).map(({ name, sql, isText }) => {
    const text = name === 'context' ? `(${sql})::text` : `(${sql})`;
    return `${isText && cells === 'spreadsheet' ? spreadsheetText(text) : text} as ${name}`;
  });
  return snapshot.copyCsv(`select ${columns.join(', ')} ${fromSelected(selection)}`, destination, {
    header: true,
    ...(onLines ? { onLines } : {}),
  });
}

/** Writes the selection as one JSON array with an object a line, and returns how many rows. */
export function copyInteractionsJson(
  snapshot: Snapshot,
  selection: InteractionSelection,
  destination: Writable,
  onLines?: (lines: number) => void,
): Promise<number> {
  const columns = columnsOf(selection).map(({ name, sql }) => `${sql} as ${name}`);
  const query = `select row_to_json(t)::text from (select ${columns.join(', ')} ${fromSelected(selection)}) as t`;
  return snapshot.copyJson(query, destination, onLines ? { onLines } : {});
}

export async function countInteractions(snapshot: Snapshot, selection: InteractionSelection): Promise<number> {
  const rows = await snapshot.rows(
    `select count(*)::float8 as rows from user_interactions i where ${withinRange('i.created_at', selection.range)}`,
  );
  return z.tuple([z.object({ rows: z.number() })]).parse(rows)[0].rows;
}

function fromSelected({ range }: InteractionSelection): string {
  return `from user_interactions i left join users u on u.id = i.user_id
    where ${withinRange('i.created_at', range)} order by i.created_at, i.id`;
}
