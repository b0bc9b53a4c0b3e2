import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { exportInteractionsCommand } from '../../src/interactions/interaction-export-command.ts';
import { testDatabase } from '../support/database.ts';

const { db, target, close } = await testDatabase();
afterAll(close);
const folder = mkdtempSync(join(tmpdir(), 'storyline-interactions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = new Date('2026-11-20T12:34:56Z');
const stderr = { isTTY: false, write: () => true } as unknown as NodeJS.WritableStream;

async function run(options: Parameters<typeof exportInteractionsCommand>[1]) {
  const path = join(folder, `out.${options.format ?? 'csv'}`);
  const printed: string[] = [];
  await exportInteractionsCommand(
    { target, print: (line) => printed.push(line), stderr, signal: new AbortController().signal, now: NOW },
    { outputFile: path, ...options },
  );
  return { printed, path, text: existsSync(path) ? readFileSync(path, 'utf8') : '' };
}

const HOSTILE = ['=cmd|/c calc', '@x', '-1+1', '\tTAB', '+49', 'ok, =1+1', 'a "quoted" one', 'line\n=break', 'plain'];

beforeEach(async () => {
  await db.execute(sql`truncate user_interactions, users cascade`);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

async function fill(names: readonly string[] = HOSTILE): Promise<void> {
  for (const [index, username] of names.entries()) {
    await db.execute(sql`
      with person as (
        insert into users (telegram_user_id, username, first_name) values (${5_000_000_000 + index}, ${username}, ${username}) returning id)
      insert into user_interactions (user_id, interaction_type, interaction_name, context, telegram_chat_id, telegram_message_id, created_at)
      select id, 'callback', 'posted',
             ${JSON.stringify({ queue_item_id: 'q', response_time_ms: -12.4, media_filename: username, outcome: 'done' })}::jsonb,
             -1001234567890123, ${index}, timestamptz '2026-01-01T00:00:00Z' + ${index} * interval '1 second' from person`);
  }
}

const cells = (text: string) => z.array(z.record(z.string(), z.string())).parse(parse(text, { columns: true }));

describe('CSV', () => {
  test('R01: no text is a formula in a spreadsheet, numbers stay numbers, and everything else stays as it is', async () => {
    await fill();
    const { text, printed, path } = await run({});
    const rows = cells(text);
    expect(rows.map(({ username }) => username)).toEqual([
      "'=cmd|/c calc",
      "'@x",
      "'-1+1",
      "'\tTAB",
      "'+49",
      "'ok, =1+1",
      'a "quoted" one',
      "'line\n=break",
      'plain',
    ]);
    expect(rows[0]).toMatchObject({
      created_at: '2026-01-01T00:00:00.000000Z',
      telegram_user_id: '5000000000',
      telegram_chat_id: '-1001234567890123',
      response_time_ms: '-12',
      outcome: 'done',
      counts: 't',
    });
    expect(printed).toEqual([`Export complete: ${HOSTILE.length} exported`, `File: ${path}`]);
  });
});

describe('JSON', () => {
  test('is one array with an object a line and text as it is', async () => {
    await fill();
    const { text } = await run({ format: 'json' });
    const rows = z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(text));
    expect(rows.map(({ username }) => username)).toEqual(HOSTILE);
    expect(rows[0]).toMatchObject({
      telegram_chat_id: -1001234567890123,
      counts: true,
      context: { media_filename: '=cmd|/c calc' },
    });
    expect(text.trim().split('\n')).toHaveLength(HOSTILE.length + 1);
  });
});

describe('Parquet', () => {
  test('holds the same rows, with types, and text as it is', async () => {
    await fill([...HOSTILE, 'zero-width\u200b', '😀', "it's"]);
    const { path } = await run({ format: 'parquet' });
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const result = await connection.runAndReadAll(
      `select username, telegram_chat_id::varchar as chat, epoch(created_at) as at, counts, context from '${path}'`,
    );
    const rows = result.getRowObjects();
    expect(rows.map(({ username }) => username)).toEqual([...HOSTILE, 'zero-width\u200b', '😀', "it's"]);
    expect(rows[1]).toMatchObject({
      chat: '-1001234567890123',
      at: Date.parse('2026-01-01T00:00:01Z') / 1000,
      counts: true,
    });
    expect(readdirSync(folder)).toEqual(['out.parquet']);
  });
});

describe('--pseudonymise', () => {
  test.each(['csv', 'json'])(
    '%s holds no name and no id of a person, and the same person has the same pseudonym',
    async (format) => {
      await fill(['ann_secret', 'bob_secret']);
      await db.execute(sql`
      insert into user_interactions (user_id, interaction_type, interaction_name, context, telegram_chat_id, created_at)
      select id, 'command', '/stats', jsonb_build_object('about_user_id', id, 'days', 7), telegram_user_id, '2026-01-02'
      from users where username = 'ann_secret'`);
      const people = z
        .array(z.object({ id: z.string() }))
        .parse(await db.execute(sql`select id from users`))
        .map(({ id }) => id);
      const first = await run({ format, pseudonymise: true });
      const second = await run({ format, pseudonymise: true });
      expect(first.text).toBe(second.text);
      for (const secret of [...people, 'secret', '5000000000', '5000000001', '1001234567890123', 'about_user_id']) {
        expect(first.text).not.toContain(secret);
      }
      const rows =
        format === 'csv' ? cells(first.text) : z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(first.text));
      expect(rows[0]?.user_id).toMatch(/^user_[0-9a-f]{24}$/);
      expect(rows[2]?.user_id).toBe(rows[0]?.user_id);
      expect(rows[1]?.user_id).not.toBe(rows[0]?.user_id);
      expect(first.text).toMatch(/"+days"+: ?7/);
    },
  );
});

test('days are UTC days, the end included; without rows there is no file', async () => {
  await fill(['a', 'b']);
  const { text } = await run({ startDate: '2026-01-01', endDate: '2026-01-01' });
  expect(cells(text)).toHaveLength(2);
  rmSync(join(folder, 'out.csv'));
  const { printed } = await run({ startDate: '2026-01-02' });
  expect(printed).toEqual(['No records found']);
  expect(readdirSync(folder)).toEqual([]);
});

test('an unknown format is named', async () => {
  await expect(run({ format: 'xlsx' })).rejects.toThrow('“xlsx” is no format. Choose csv, json, parquet.');
});
