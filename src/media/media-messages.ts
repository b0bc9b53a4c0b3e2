import { isAbsolute, relative } from 'node:path';
import { column, printable } from '../lib/printable.ts';
import type { FolderCounts, FolderNotice } from './folder-counts.ts';
import type { LibraryRow } from './library-list-repository.ts';

const MEGABYTE = 1024 * 1024;

/** One line about one file, with the path below the folder. */
export function noticeLine(notice: FolderNotice, root: string): string {
  const below = (path: string) => {
    const way = relative(root, path);
    const isBelow = isAbsolute(path) && way !== '..' && !way.startsWith('../');
    return printable(isBelow ? way || '.' : path);
  };
  const path = below(notice.path);
  switch (notice.kind) {
    case 'duplicate':
      return `duplicate: ${path} is the same as ${below(notice.of.name)}${notice.of.id === 'new' ? '' : ` (${notice.of.id})`}`;
    case 'unreadable':
      return `unreadable: ${path}: ${notice.reason}`;
    case 'empty':
      return `empty: ${path}`;
    case 'too_large':
      return `too large: ${path}: ${Math.ceil(notice.fileSize / MEGABYTE)} MB, bots may send 50 MB`;
    case 'missing':
      return `missing: ${path} is gone (${notice.id}); it is not offered until it is back`;
  }
}

/** The figures of a walk, for people. New and unchanged are always named, the rest where there is some. */
export function folderSummary(root: string, counts: FolderCounts, options: { isDryRun: boolean }): string[] {
  const named = (entries: readonly (readonly [number, string])[]) =>
    entries.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(', ');
  const { added, unchanged, moved, returned, duplicates, unreadable, empty, tooLarge, missing, other } = counts;
  const trouble = named([
    [duplicates, duplicates === 1 ? 'duplicate' : 'duplicates'],
    [unreadable, 'unreadable'],
    [empty, 'empty'],
    [tooLarge, 'too large'],
    [missing, 'missing'],
    [other, other === 1 ? 'file of another type' : 'files of other types'],
  ]);
  const good = named([
    [moved, 'moved'],
    [returned, 'back again'],
  ]);
  return [
    `${printable(root)}: ${added} new, ${unchanged} unchanged${good && `, ${good}`}`,
    ...(trouble ? [`  ${trouble}`] : []),
    ...(options.isDryRun ? ['  This was a dry run: nothing was written.'] : []),
  ];
}

/** What holds an item, the first of these that does; `active`: nothing does, it may be queued. */
export type LibraryState = 'off' | 'missing' | 'waiting' | 'planned' | 'rejected' | 'locked' | 'active';

export function stateOf(row: LibraryRow, now: Date): LibraryState {
  if (!row.isActive) return 'off';
  if (row.isMissing) return 'missing';
  if (row.isWaiting) return 'waiting';
  if (row.plannedFor) return 'planned';
  if (row.isLockedForEver) return 'rejected';
  return row.lockedUntil && row.lockedUntil > now ? 'locked' : 'active';
}

/** An item as `media list --json` gives it. */
export function listObject(row: LibraryRow, now: Date) {
  const { id, kind, category, name, path, fileSize, timesPosted, lastPostedAt, plannedFor, lockedUntil } = row;
  const state = stateOf(row, now);
  return { id, kind, category, name, path, fileSize, timesPosted, lastPostedAt, state, plannedFor, lockedUntil };
}

/** Cells of each column; with one between them that makes 80, of which the full id alone would take 36. */
const WIDTHS = { id: 8, kind: 5, category: 10, name: 17, size: 7, posted: 3, last: 10, state: 13 };
const FULL_ID = 36;
/** From this width on the full id has room. */
const WIDE_TERMINAL = 110;
/** Where nobody looks. */
const PLENTY = 140;
const SHORT_KINDS = { photo: 'photo', video: 'video', animation: 'anim', document: 'doc' } as const;

export type Layout = { idWidth: number; nameWidth: number };

/** How the rows of `media list` are laid out: `columns` is the terminal's width, undefined without one. The name takes what is left. */
export function listLayout(columns = PLENTY): Layout {
  const idWidth = columns >= WIDE_TERMINAL ? FULL_ID : WIDTHS.id;
  const whole = Object.values(WIDTHS).reduce((sum, width) => sum + width + 1, -1) + idWidth - WIDTHS.id;
  return { idWidth, nameWidth: WIDTHS.name + Math.max(0, columns - whole) };
}

/** The heading over the rows. */
export function listHeading(layout: Layout): string {
  return row(layout, ['id', 'kind', 'category', 'name', 'size', '×', 'last', 'state']);
}

/** One item of the library in a line; a short id is the end of the full one. Days are UTC. */
export function listLine(item: LibraryRow, layout: Layout, now: Date): string {
  const state = stateOf(item, now);
  const until = state === 'planned' ? item.plannedFor : state === 'locked' ? item.lockedUntil : null;
  return row(layout, [
    item.id.slice(-layout.idWidth),
    SHORT_KINDS[item.kind],
    item.category ?? '',
    item.name,
    sizeOf(item.fileSize),
    String(item.timesPosted),
    item.lastPostedAt?.toISOString().slice(0, 10) ?? '',
    until ? `${state} ${until.toISOString().slice(5, 10)}` : state,
  ]);
}

type Cells = readonly [string, string, string, string, string, string, string, string];

function row({ idWidth, nameWidth }: Layout, [id, kind, category, name, size, posted, last, state]: Cells): string {
  return [
    column(id, idWidth),
    column(kind, WIDTHS.kind),
    column(category, WIDTHS.category),
    column(name, nameWidth),
    size.padStart(WIDTHS.size),
    posted.padStart(WIDTHS.posted),
    column(last, WIDTHS.last),
    state,
  ]
    .join(' ')
    .trimEnd();
}

function sizeOf(bytes: number | null): string {
  if (bytes === null) return '?';
  if (bytes < 1024) return `${bytes} B`;
  return bytes < MEGABYTE ? `${Math.round(bytes / 1024)} KB` : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
