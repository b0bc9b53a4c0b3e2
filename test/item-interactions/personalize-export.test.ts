import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { exportForPersonalize } from '../../src/item-interactions/personalize-export.ts';
import { syncExport } from '../../src/item-interactions/sync-export.ts';
import { testDatabase } from '../support/database.ts';

const { db, target, open, close } = await testDatabase();
afterAll(close);
const folder = mkdtempSync(join(tmpdir(), 'storyline-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = new Date('2026-11-20T12:34:56.789Z');
const stderr = { isTTY: false, write: () => true } as unknown as NodeJS.WritableStream;

/** Runs the command and hands back what it printed, and the file. */
async function run(options: Parameters<typeof syncExport>[1] = {}, signal = new AbortController().signal) {
  const path = options.outputFile ?? join(folder, 'out.csv');
  const printed: string[] = [];
  await syncExport(
    { target, print: (line) => printed.push(line), stderr, signal, now: NOW },
    { ...options, outputFile: path },
  );
  return { printed, file: existsSync(path) ? readFileSync(path, 'utf8') : undefined, path };
}

type Row = {
  user?: string | null;
  external?: string | null;
  item?: string | null;
  type?: string;
  at?: string;
  value?: number;
  impression?: string[];
  recommendation?: string;
};

async function add(...rows: Row[]): Promise<void> {
  for (const row of rows) {
    const impression = row.impression
      ? sql`array[${sql.join(
          row.impression.map((id) => sql`${id}`),
          sql`, `,
        )}]::text[]`
      : sql`null`;
    await db.execute(sql`
      insert into item_interactions (user_id, external_user_id, item_id, event_type, occurred_at, event_value, impression, recommendation_id)
      values (${row.user ?? null}, ${row.external ?? null}, ${row.item === undefined ? 'item' : row.item}, ${row.type ?? 'UPVOTE'},
              ${row.at ?? '2026-01-01T00:00:00Z'}, ${row.value ?? null}, ${impression}, ${row.recommendation ?? null})`);
  }
}

async function person(externalId: string | null): Promise<string> {
  const [row] = (await db.execute(
    sql`insert into users (external_id, first_name) values (${externalId}, 'Ann') returning id`,
  )) as unknown as [{ id: string }];
  return row.id;
}

beforeEach(async () => {
  await db.execute(sql`truncate item_interactions, users cascade`);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

describe('the file', () => {
  test("has the seed's header, epoch seconds, time order, and lines that end in a newline", async () => {
    await add(
      { external: '124', item: '457', at: '2021-11-01T16:28:20.999Z' },
      { external: '123', item: '456', at: '2021-11-01T16:26:40Z' },
    );
    const { file, printed, path } = await run();
    expect(file).toBe('USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n123,456,1635784000,UPVOTE\n124,457,1635784100,UPVOTE\n');
    expect(printed).toEqual(['Export complete: 2 exported, 0 skipped', `File: ${path}`, 'Event types: UPVOTE']);
  });

  test('lies in the working directory under a name with the UTC second when none is given', async () => {
    await add({ external: '1' });
    const before = process.cwd();
    process.chdir(folder);
    try {
      await syncExport({ target, print: () => undefined, stderr, signal: new AbortController().signal, now: NOW }, {});
    } finally {
      process.chdir(before);
    }
    expect(readdirSync(folder)).toEqual(['user_interactions_export_20261120_123456.csv']);
  });

  test('is for its owner only', async () => {
    await add({ external: '1' });
    expect(statSync((await run()).path).mode & 0o777).toBe(0o600);
  });

  test('has value, impression and recommendation in the full format, impressions cut at whole ids', async () => {
    const long = Array.from({ length: 30 }, (_, n) => `item-${String(n).padStart(45, '0')}`);
    await add(
      { external: '1', item: 'a', value: 2.5, impression: ['x', 'bad id', 'y', 'x'], recommendation: 'RID-1' },
      { external: '2', item: 'a', impression: long, recommendation: 'r'.repeat(41), at: '2026-01-02T00:00:00Z' },
    );
    const { file } = await run({ format: 'personalize-full' });
    const [header, first, second] = (file ?? '').split('\n');
    expect(header).toBe('USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,IMPRESSION,RECOMMENDATION_ID');
    expect(first).toBe('1,a,1767225600,UPVOTE,2.5,x|y,RID-1');
    const impression = second?.split(',')[5] ?? '';
    expect(impression).toBe(long.slice(0, 19).join('|'));
    expect(impression.length).toBeLessThanOrEqual(1000);
    expect(second?.endsWith(',')).toBe(true);
  });

  test('names people by users.id when they are linked, whatever zeros stand before a number', async () => {
    const ann = await person('007');
    await person('x7');
    await add(
      { external: '7', item: 'a' },
      { external: '0007', item: 'b', at: '2026-01-01T00:00:01Z' },
      { user: ann, item: 'c', at: '2026-01-01T00:00:02Z' },
      { external: '0008', item: 'd', at: '2026-01-01T00:00:03Z' },
    );
    const { file } = await run();
    expect(file?.split('\n').slice(1, 5)).toEqual([
      `${ann},a,1767225600,UPVOTE`,
      `${ann},b,1767225601,UPVOTE`,
      `${ann},c,1767225602,UPVOTE`,
      '8,d,1767225603,UPVOTE',
    ]);
  });

  test('P11: two rows of the same person, item, second and type are both there, and a repetition is byte-identical', async () => {
    const ann = await person('5');
    await add({ user: ann, item: 'a' }, { external: '5', item: 'a' }, { external: '6', item: 'a' });
    const first = await run();
    const second = await run({ outputFile: join(folder, 'again.csv') });
    expect(first.file?.match(new RegExp(`${ann},a,1767225600,UPVOTE`, 'g'))).toHaveLength(2);
    expect(second.file).toBe(first.file);
  });

  test('an end day is included to its last microsecond, a start day from its first', async () => {
    await add(
      { external: '1', at: '2023-12-31T23:59:59.999999Z' },
      { external: '2', at: '2024-01-01T00:00:00Z' },
      { external: '3', at: '2024-01-31T23:59:59.999999Z' },
      { external: '4', at: '2024-02-01T00:00:00Z' },
    );
    const { file } = await run({ startDate: '2024-01-01', endDate: '2024-01-31' });
    expect(file?.split('\n').map((line) => line.split(',')[0])).toEqual(['USER_ID', '2', '3', '']);
  });
});

describe('what is left out', () => {
  test('P09: rows without user or item and ids that Personalize does not take are counted and named', async () => {
    await add(
      { external: '1', item: 'good' },
      { item: 'nobody' },
      { external: '2', item: null },
      { external: '3', item: '' },
      { external: '4', item: 'say "hi"' },
      { external: '5', item: 'a,b' },
      { external: '6', item: 'a\nb' },
      { external: '7', item: 'a|b' },
      { external: '8', item: 'x'.repeat(257) },
      { external: 'no body', item: 'good' },
      { external: '9', item: 'y'.repeat(256), at: '2026-01-02T00:00:00Z' },
    );
    const { file, printed } = await run();
    expect(file).toBe(
      `USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n1,good,1767225600,UPVOTE\n9,${'y'.repeat(256)},1767312000,UPVOTE\n`,
    );
    expect(printed).toContain('Export complete: 2 exported, 9 skipped');
    expect(printed).toContain('Skipped: 1 without a user');
    expect(printed).toContain('Skipped: 2 without an item');
    expect(printed.find((line) => line.includes('6 with an id that Personalize does not take'))).toContain('“a,b”');
  });

  test('without records it says so and writes no file', async () => {
    const { file, printed } = await run();
    expect(file).toBeUndefined();
    expect(printed).toEqual(['No records found']);
  });

  test('when all rows are skipped it says that too, and leaves an older file alone', async () => {
    await add({ external: '1' });
    const older = await run();
    await db.execute(sql`truncate item_interactions`);
    await add({ item: 'nobody' });
    const { file, printed } = await run();
    expect(printed[0]).toBe('No records found: 1 skipped');
    expect(file).toBe(older.file);
  });
});

describe('event types', () => {
  const TWELVE = [
    'FUNDRAISE',
    'DONATE',
    'UPVOTE',
    'SHARE',
    'POSTED',
    'BOOKMARK',
    'DOWNLOAD',
    'COMMENT',
    'REACTION',
    'CLICK',
    'SCROLL_IMPRESSION',
    'INITIAL_IMPRESSION',
  ];

  test('by default the positive ones that occur go out, the ten weightiest, and it says which', async () => {
    await add(...[...TWELVE, 'FLAG', 'HIDE'].map((type) => ({ external: '1', type })));
    const { file, printed } = await run();
    const types = new Set(
      file
        ?.trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[3]),
    );
    expect(types).toEqual(new Set(TWELVE.slice(0, 10)));
    expect(printed.at(-1)).toBe(
      `Event types: ${TWELVE.slice(0, 10).join(', ')}; not in it: FLAG, HIDE, INITIAL_IMPRESSION, SCROLL_IMPRESSION (--event-types)`,
    );
  });

  test('named ones go out, also negative ones, in any spelling', async () => {
    await add({ external: '1', type: 'FLAG' }, { external: '1', type: 'UPVOTE' });
    const { file } = await run({ eventTypes: 'flag_content, flag' });
    expect(file).toBe('USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n1,item,1767225600,FLAG\n');
  });

  test('P08: eleven are refused with the reason, also ten beside the column EVENT_VALUE', async () => {
    await expect(run({ eventTypes: TWELVE.slice(0, 11).join(',') })).rejects.toThrow(
      /^11 event types are too many: AWS takes at most 10 event types and metadata columns together\. Name at most 10/,
    );
    await expect(run({ eventTypes: TWELVE.slice(0, 10).join(','), format: 'personalize-full' })).rejects.toThrow(
      /EVENT_VALUE counts as one\. Name at most 9/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('options that cannot be', () => {
  test.each([
    [{ startDate: '2024-02-30' }, 'Invalid date: 2024-02-30. Use YYYY-MM-DD'],
    [{ endDate: '01/02/2024' }, 'Invalid date: 01/02/2024. Use YYYY-MM-DD'],
    [{ startDate: '2024-02-02', endDate: '2024-02-01' }, 'start-date must be before end-date'],
    [{ format: 'xml' }, '“xml” is no format. Choose personalize or personalize-full.'],
    [{ eventTypes: ' , ' }, '--event-types needs names with commas, like UPVOTE,CLICK.'],
    [{ eventTypes: "x'); drop table users" }, "“x'); drop table users” is no event type. Names are like UPVOTE."],
  ])('%o: %s', async (options, words) => {
    await expect(run(options)).rejects.toThrow(words);
  });

  test('a folder that is not there, and one that is a file', async () => {
    await add({ external: '1' });
    await expect(run({ outputFile: join(folder, 'none', 'x.csv') })).rejects.toThrow(/There is no folder “.*none”/);
    const { path } = await run();
    await expect(run({ outputFile: join(path, 'x.csv') })).rejects.toThrow(/There is no folder/);
    await expect(run({ outputFile: folder })).rejects.toThrow(/is a folder\. Name a file in it/);
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });
});

describe('--mark-synced', () => {
  const synced = async () =>
    (await db.execute(
      sql`select item_id, synced_at from item_interactions where synced_at is not null order by item_id`,
    )) as unknown as { item_id: string; synced_at: string }[];

  test('marks what is in the file and nothing else, and keeps earlier marks', async () => {
    await person('77');
    await add(
      { external: '1', item: 'a' },
      { external: '2', item: 'a,b' },
      { item: 'nobody' },
      { external: '1', item: 'flagged', type: 'FLAG' },
      { external: '077', item: 'linked' },
    );
    const first = await run({ markSynced: true });
    expect(first.printed[0]).toBe('Export complete: 2 exported, 2 skipped (marked 2 as synced)');
    expect((await synced()).map(({ item_id }) => item_id)).toEqual(['a', 'linked']);
    const second = await run({ markSynced: true });
    expect(second.printed[0]).toBe('Export complete: 2 exported, 2 skipped (marked 0 as synced)');
  });

  test('without it nothing is marked', async () => {
    await add({ external: '1' });
    await run();
    expect(await synced()).toEqual([]);
  });

  test('nothing is marked when the file could not be written', async () => {
    await add({ external: '1' });
    await expect(run({ markSynced: true, outputFile: join(folder, 'none', 'x.csv') })).rejects.toThrow();
    expect(await synced()).toEqual([]);
  });
});

describe('--check', () => {
  test('P10: 999 rows of 24 people are written and NOT READY, with numbers', async () => {
    await db.execute(sql`
      insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
      select 'p' || n % 24, 'i' || n, 'UPVOTE', '2026-01-01' from generate_series(1, 999) as n`);
    const { file, printed } = await run({ check: true });
    expect(file?.trim().split('\n')).toHaveLength(1000);
    expect(printed.slice(3)).toEqual([
      'NOT READY: AWS Personalize would refuse to train on it.',
      '  ✗ interactions: 999 of at least 1000',
      '  ✗ people with at least 2 interactions: 24 of at least 25 (24 people in all)',
      '  ✓ event types: 1 of at most 10',
    ]);
  });

  test('a thousand rows of 25 people with two each are READY', async () => {
    await db.execute(sql`
      insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
      select 'p' || n % 25, 'i' || n, 'UPVOTE', '2026-01-01' from generate_series(1, 1000) as n`);
    const { printed } = await run({ check: true });
    expect(printed).toContain('READY: AWS Personalize can train on it.');
  });
});

test('P12: an export during heavy inserts is one snapshot: the file, the counts and the marks agree', async () => {
  await db.execute(sql`
    insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
    select 'p' || n, case when n % 10 = 0 then 'a,b' else 'i' end, 'UPVOTE', '2026-01-01' from generate_series(1, 5000) as n`);
  const other = open();
  let isDone = false;
  const inserting = (async () => {
    for (let n = 0; !isDone; n += 1) {
      await other.db.execute(sql`
        insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
        select 'q' || ${n}::int || '-' || m, 'i', 'UPVOTE', '2026-01-01' from generate_series(1, 50) as m`);
    }
  })();
  const { file, printed } = await run({ markSynced: true });
  isDone = true;
  await inserting;
  const lines = (file ?? '').trim().split('\n').length - 1;
  const [marked] = (await db.execute(
    sql`select count(*)::int as rows from item_interactions where synced_at is not null`,
  )) as unknown as [{ rows: number }];
  expect(lines).toBeGreaterThanOrEqual(4500);
  expect(printed[0]).toBe(`Export complete: ${lines} exported, 500 skipped (marked ${lines} as synced)`);
  expect(marked.rows).toBe(lines);
});

test('stopped half-way it leaves neither a file nor a mark, and an older file stays as it was', async () => {
  await add({ external: '1' });
  const older = await run();
  await db.execute(sql`
    insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
    select 'p' || n, 'i', 'UPVOTE', '2026-01-01' from generate_series(1, 20000) as n`);
  const stopping = new AbortController();
  let rowsSeen = 0;
  const onRows = (rows: number) => {
    rowsSeen = rows;
    stopping.abort();
  };
  const running = exportForPersonalize(
    { target, now: NOW, signal: stopping.signal, onRows },
    {
      path: older.path,
      range: { since: null, until: null },
      format: 'personalize',
      markSynced: true,
      withReadiness: false,
    },
  );
  await expect(running).rejects.toThrow(/aborted/);
  expect(rowsSeen).toBeGreaterThan(0);
  expect(rowsSeen).toBeLessThan(20_000);
  const stopped = run({ outputFile: older.path, markSynced: true }, AbortSignal.abort());
  await expect(stopped).rejects.toThrow('Stopped. No file was written, and nothing was marked.');
  expect(readdirSync(folder)).toEqual(['out.csv']);
  expect(readFileSync(older.path, 'utf8')).toBe(older.file);
  expect(await db.execute(sql`select 1 from item_interactions where synced_at is not null`)).toHaveLength(0);
});
