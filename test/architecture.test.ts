import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

const FOUNDATIONS = ['charts', 'db', 'telegram', 'lib'];

/**
 * Which feature may import which others. `charts`, `db`, `telegram` and `lib` are open to all. Adding an edge is a decision:
 * the queue knows media, people and chats; nobody but operations looks into the queue.
 */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  interactions: ['settings', 'users'],
  'item-interactions': [],
  media: [],
  operations: ['interactions', 'queue', 'settings', 'users'],
  queue: ['media', 'settings', 'users'],
  reports: ['interactions', 'settings', 'users'],
  settings: [],
  simulator: [],
  users: ['settings'],
};

type SourceFile = { path: string; folder: string; text: string; imports: string[] };

function sourceFiles(): SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(SRC, path), 'utf8');
      const imports = [...text.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(([, name]) => name ?? '');
      return { path, folder: path.includes('/') ? (path.split('/')[0] ?? '') : '', text, imports };
    });
}

const files = sourceFiles();

/** The folder under src that an import leads to; undefined for packages, '' for entrances. */
function target(file: SourceFile, name: string): string | undefined {
  if (!name.startsWith('.')) return undefined;
  const path = relative(SRC, normalize(join(SRC, dirname(file.path), name)));
  return path.includes('/') ? path.split('/')[0] : '';
}

function offences(check: (file: SourceFile) => string[]): string[] {
  return files.flatMap((file) => check(file).map((what) => `${file.path}: ${what}`));
}

test('foundations know no feature and no entrance', () => {
  const found = offences((file) =>
    FOUNDATIONS.includes(file.folder)
      ? file.imports.filter((name) => {
          const to = target(file, name);
          return to !== undefined && !FOUNDATIONS.includes(to);
        })
      : [],
  );
  expect(found).toEqual([]);
});

test('features import themselves, foundations and their declared edges', () => {
  const found = offences((file) => {
    const allowed = EDGES[file.folder];
    if (!allowed) return [];
    return file.imports.filter((name) => {
      const to = target(file, name);
      return to !== undefined && to !== file.folder && !FOUNDATIONS.includes(to) && !allowed.includes(to);
    });
  });
  expect(found).toEqual([]);
});

test('every folder is a foundation or a feature with declared edges', () => {
  const folders = new Set(files.map(({ folder }) => folder).filter(Boolean));
  expect([...folders].filter((folder) => !FOUNDATIONS.includes(folder) && !(folder in EDGES))).toEqual([]);
});

test('only repositories and db speak SQL', () => {
  const found = offences((file) => {
    const isHome =
      file.folder === 'db' ||
      file.path.endsWith('-repository.ts') ||
      file.path.endsWith('-statements.ts') ||
      file.path === 'queue/library-selection.ts';
    return isHome
      ? []
      : file.imports.filter((name) => name.startsWith('drizzle-orm') || name === 'postgres' || name === 'pg');
  });
  expect(found).toEqual([]);
});

test('only config reads the environment', () => {
  const found = offences((file) =>
    file.path !== 'config.ts' && /process\.env/.test(file.text) ? ['process.env'] : [],
  );
  expect(found).toEqual([]);
});

test('only edges speak grammY: repositories, mappers and slots do not', () => {
  const found = offences((file) =>
    /-repository\.ts$|-mappers\.ts$|slots\.ts$/.test(file.path)
      ? file.imports.filter((name) => name === 'grammy' || name.startsWith('@grammyjs/'))
      : [],
  );
  expect(found).toEqual([]);
});

test('nothing parses markup: text is sent with entities', () => {
  const found = offences((file) => (file.folder !== 'simulator' && /parse_mode/.test(file.text) ? ['parse_mode'] : []));
  expect(found).toEqual([]);
});

test('file names are words of the field, no drawers for odds and ends', () => {
  const found = files.filter(({ path }) => /(^|[/-])(utils?|helpers?|common|managers?|base|misc)\b/.test(path));
  expect(found.map(({ path }) => path)).toEqual([]);
});

test('barrels exist only for the schema', () => {
  const found = files.filter(({ path }) => path.endsWith('index.ts')).map(({ path }) => path);
  expect(found).toEqual(['db/schema/index.ts']);
});

test('no any, no suppressed checks', () => {
  const found = offences((file) =>
    [...file.text.matchAll(/\bas any\b|: any\b|@ts-(?:ignore|expect-error|nocheck)|biome-ignore/g)].map(
      ([what]) => what,
    ),
  );
  expect(found).toEqual([]);
});
