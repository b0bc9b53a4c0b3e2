import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { withSnapshot } from '../db/snapshot.ts';
import type { DatabaseTarget } from '../db/target.ts';
import { copyOwnRowsCsv, copyOwnRowsJson, countOwnRows } from './my-data-repository.ts';
import { PERSONAL_TABLES, type PersonalTable } from './personal-data.ts';

export type MyData = { tables: number; rows: number; bytes: number };

/**
 * Writes everything about a person into a zip: each table that holds something, as CSV and as JSON, and a page that says
 * what they are. One snapshot; memory flat however much there is. Nobody known by this id: no tables, no file.
 */
export function writeMyData(target: DatabaseTarget, userId: string, path: string): Promise<MyData> {
  return withSnapshot(target, async (snapshot) => {
    const found: { table: PersonalTable; rows: number }[] = [];
    for (const table of PERSONAL_TABLES) {
      const rows = await countOwnRows(snapshot, table, userId);
      if (rows > 0) found.push({ table, rows });
    }
    if (found.length === 0) return { tables: 0, rows: 0, bytes: 0 };
    const zip = new ZipFile();
    const failed = new Promise<never>((_, reject) => zip.once('error', reject));
    zip.addBuffer(Buffer.from(readMe(found)), 'READ ME.txt');
    for (const { table } of found) {
      addTable(zip, `${table.table}.csv`, (stream) => copyOwnRowsCsv(snapshot, table, userId, stream));
      addTable(zip, `${table.table}.json`, (stream) => copyOwnRowsJson(snapshot, table, userId, stream));
    }
    zip.end();
    await Promise.race([pipeline(zip.outputStream, createWriteStream(path, { flags: 'wx', mode: 0o600 })), failed]);
    const rows = found.reduce((sum, entry) => sum + entry.rows, 0);
    return { tables: found.length, rows, bytes: (await stat(path)).size };
  });
}

/** The rows are read when it is this entry's turn: the one connection of a snapshot has one statement at a time. */
function addTable(zip: ZipFile, name: string, copy: (destination: Writable) => Promise<number>): void {
  zip.addReadStreamLazy(name, (give) => {
    const stream = new PassThrough();
    copy(stream).catch((error: unknown) => zip.emit('error', error));
    give(null, stream);
  });
}

function readMe(found: readonly { table: PersonalTable; rows: number }[]): string {
  return [
    'Everything that this bot keeps about you, as it was when you asked.',
    '',
    ...found.map(({ table, rows }) => `${table.table} (${rows}): ${table.about}`),
    '',
    'Each is there twice, with the same rows: .csv for a spreadsheet, .json for programs. Times are UTC.',
    'An apostrophe before a text in the CSV keeps spreadsheets from taking it for a formula.',
    'Send /forget to the bot to have your data deleted.',
    '',
  ].join('\n');
}
