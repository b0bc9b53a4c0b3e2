import { Buffer } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { PersonError } from '../lib/errors.ts';
import { printable } from '../lib/printable.ts';
import { eventTypeNamed } from './event-types.ts';
import { MAX_ID_BYTES } from './item-interaction-mappers.ts';

/** An upvote as a file tells it. `person` is a `users.id`, or the id of another system. */
export type FiledUpvote = { person: string; itemId: string; createdAt: Date };

/** One line of a file, numbered as an editor does it: an upvote, or why it is none. `bytes`: so far, near enough for a bar. */
export type UpvoteLine = { line: number; bytes: number } & ({ upvote: FiledUpvote } | { refused: string });

/** The names that each column may have, without regard to case: those of Personalize, and those of the table `upvotes`. */
const COLUMNS = {
  person: ['USER_ID', 'EXTERNAL_USER_ID'],
  itemId: ['ITEM_ID'],
  time: ['TIMESTAMP', 'CREATED_AT'],
} as const;
const TYPE_COLUMN = 'EVENT_TYPE';

/** Before it there was nothing to like; such a time is a mistake in the file (platform-facts 2). */
const EARLIEST = new Date('2000-01-01T00:00:00Z');
/** Clocks differ. */
const TOLERANCE_MS = 10 * 60_000;

const isoTime = z.iso.datetime({ offset: true });

/**
 * Reads upvotes from a CSV file (UTF-8, first line names the columns: USER_ID, ITEM_ID, TIMESTAMP in epoch seconds or ISO
 * 8601 with zone, and EVENT_TYPE if it likes; others are ignored), line by line. Ids have no line breaks, so each line
 * stands for itself: a stray quotation mark costs its own line, where a reader of whole records would swallow those that
 * follow. Throws PersonError when the file cannot be opened or a column is missing.
 */
export async function* readUpvoteFile(path: string, options: { now: Date }): AsyncGenerator<UpvoteLine> {
  const file = await openFile(path);
  try {
    let read: ((cells: string[]) => FiledUpvote | string) | undefined;
    let line = 0;
    let bytes = 0;
    for await (const text of file.readLines({ encoding: 'utf8' })) {
      line += 1;
      bytes += Buffer.byteLength(text) + 1;
      const cells = cellsOf(line === 1 ? text.replace(/^\uFEFF/, '') : text);
      if (!read) {
        if (typeof cells === 'string') throw new PersonError(`Line 1 of the file names no columns: ${cells}.`);
        read = lineReader(cells, options.now);
      } else if (text.trim() !== '') {
        const upvote = typeof cells === 'string' ? cells : read(cells);
        yield typeof upvote === 'string' ? { line, bytes, refused: upvote } : { line, bytes, upvote };
      }
    }
    if (!read) throw new PersonError(`“${printable(path)}” is empty. Its first line names the columns.`);
  } finally {
    await file.close();
  }
}

/** How many bytes there are to read. Throws like `readUpvoteFile`. */
export async function sizeOfUpvoteFile(path: string): Promise<number> {
  const file = await openFile(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const file = await open(path);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    throw new PersonError(`There is no file “${printable(path)}” that I can open (${error.code}).`);
  }
  throw new PersonError(`“${printable(path)}” is no file.`);
}

/** The cells of a line, or what is wrong with its quotation marks. The parser takes 50 µs a line, so it gets only those that need it. */
function cellsOf(text: string): string[] | string {
  if (!text.includes('"')) return text.split(',');
  try {
    return z.array(z.string()).parse(parse(text, { relax_column_count: true })[0]);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return 'its quotation marks do not match';
    throw error;
  }
}

/** Reads the lines below this header: an upvote, or why it is none. */
function lineReader(header: readonly string[], now: Date): (cells: string[]) => FiledUpvote | string {
  const names = header.map((name) => name.trim().toUpperCase());
  const place = (wanted: readonly string[]) => {
    const index = names.findIndex((name) => wanted.includes(name));
    if (index === -1) {
      throw new PersonError(
        `The file has no column ${wanted[0]}. Its first line must name USER_ID, ITEM_ID and TIMESTAMP.`,
      );
    }
    return index;
  };
  const places = { person: place(COLUMNS.person), itemId: place(COLUMNS.itemId), time: place(COLUMNS.time) };
  const typeAt = names.indexOf(TYPE_COLUMN);

  return (cells) => {
    const { length } = cells;
    if (length !== names.length)
      return `it has ${length} ${length === 1 ? 'cell' : 'cells'}, the first line ${names.length}`;
    const cell = (index: number) => cells[index]?.trim() ?? '';
    const type = typeAt === -1 ? 'UPVOTE' : eventTypeNamed(cell(typeAt));
    if (type !== 'UPVOTE') return `its EVENT_TYPE is ${printable(type) || 'empty'}, not UPVOTE`;
    const [person, itemId] = [cell(places.person), cell(places.itemId)];
    const wrongId = refusedId(person, 'person') ?? refusedId(itemId, 'item');
    if (wrongId) return wrongId;
    if (Buffer.byteLength(person) + Buffer.byteLength(itemId) > MAX_ID_BYTES) return 'its ids are too long';
    const createdAt = timeOf(cell(places.time), now);
    return typeof createdAt === 'string' ? createdAt : { person, itemId, createdAt };
  };
}

function refusedId(id: string, what: string): string | undefined {
  if (id === '') return `it names no ${what}`;
  if (id.includes('\uFFFD')) return `the id of its ${what} is not UTF-8`;
  return /\p{Cc}/u.test(id) ? `the id of its ${what} holds a control character` : undefined;
}

function timeOf(text: string, now: Date): Date | string {
  if (/^\d{11,}$/.test(text)) return `its time ${text} is not in seconds`;
  const time = /^\d+$/.test(text)
    ? new Date(Number(text) * 1000)
    : new Date(isoTime.safeParse(text).data ?? Number.NaN);
  if (Number.isNaN(time.getTime()))
    return `its time “${printable(text)}” is neither epoch seconds nor ISO 8601 with a zone`;
  if (time < EARLIEST) return `its time ${text} lies before the year 2000`;
  return time.getTime() > now.getTime() + TOLERANCE_MS ? `its time ${text} lies in the future` : time;
}
