import { execFileSync } from 'node:child_process';
import { chmodSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mediaItems } from '../../src/db/schema/index.ts';
import type { FolderCounts, FolderNotice } from '../../src/media/folder-counts.ts';
import { createFolderIndexService } from '../../src/media/folder-index-service.ts';
import { createFolderRepository } from '../../src/media/folder-repository.ts';
import { createMediaRepository } from '../../src/media/media-repository.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { picture } from '../support/picture.ts';
import { type PicturesFolder, picturesFolder } from '../support/pictures-folder.ts';

const MEGABYTE = 1024 * 1024;

let database: TestDatabase;
let folder: PicturesFolder;
let notices: FolderNotice[];
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.delete(mediaItems);
  folder = picturesFolder();
});

/** Indexes the folder and returns the figures that are not zero. `stopAfter`: files, then it is asked to stop. */
async function index(
  options: { isDryRun?: boolean; stopAfter?: number; root?: string } = {},
): Promise<Partial<FolderCounts>> {
  const { isDryRun = false, stopAfter = Number.POSITIVE_INFINITY, root = folder.root } = options;
  const stopping = new AbortController();
  notices = [];
  const service = createFolderIndexService({
    folders: createFolderRepository(database.database),
    media: createMediaRepository(database.database),
  });
  const counts = await service.index(root, {
    isDryRun,
    signal: stopping.signal,
    onNotice: (notice) => notices.push(notice),
    onFile: ({ done }) => done >= stopAfter && stopping.abort(),
  });
  const { done: _done, ...figures } = counts;
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== 0 && value !== false));
}
const library = () => database.db.select().from(mediaItems).orderBy(asc(mediaItems.path));
async function item(name: string) {
  const [row] = await database.db
    .select()
    .from(mediaItems)
    .where(eq(mediaItems.path, join(folder.root, name)));
  if (!row) throw new Error(`there is no item at ${name}`);
  return row;
}
const below = (path: string) => path.slice(folder.root.length + 1);

test('files become items with the first folder as their category, and are known the second time', async () => {
  folder.write('loose.jpg', 1);
  folder.write('memes/a.png', 2);
  folder.write('memes/2026/b.JPEG', 3);
  folder.write('Caf\u0065\u0301/c.webp', 4);
  expect(await index()).toEqual({ added: 4 });
  expect((await library()).map(({ path, category, fileName }) => [below(path ?? ''), category, fileName])).toEqual([
    ['Caf\u0065\u0301/c.webp', 'Caf\u00e9', 'c.webp'],
    ['loose.jpg', null, 'loose.jpg'],
    ['memes/2026/b.JPEG', 'memes', 'b.JPEG'],
    ['memes/a.png', 'memes', 'a.png'],
  ]);
  expect(await item('memes/a.png')).toMatchObject({
    kind: 'photo',
    mimeType: 'image/png',
    fileSize: picture(2).length,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    fileModifiedAt: expect.any(Date),
    telegramFileId: null,
    addedBy: null,
  });
  expect(await index()).toEqual({ unchanged: 4 });
});

test('hidden things, previews of a NAS, other types and links are passed over', async () => {
  folder.write('a.jpg', 1);
  const skipped = [
    '.hidden/b.jpg',
    '.c.jpg',
    '@eaDir/d.jpg',
    '#recycle/e.jpg',
    'x/$RECYCLE.BIN/f.jpg',
    '.Trash-1000/g.jpg',
  ];
  for (const [number, name] of skipped.entries()) folder.write(name, 10 + number);
  folder.write('notes.txt', 'text');
  const outside = picturesFolder();
  outside.write('secret.jpg', 50);
  symlinkSync(outside.root, join(folder.root, 'linked'));
  symlinkSync(join(outside.root, 'secret.jpg'), join(folder.root, 'linked.jpg'));
  execFileSync('mkfifo', [join(folder.root, 'pipe.jpg')]);
  expect(await index()).toEqual({ added: 1, other: 4 });
});

test('what is empty, broken, too large or cannot be named is counted and named, and the rest goes on', async () => {
  folder.write('a.jpg', 1);
  folder.write('empty.gif', '');
  folder.write('broken.jpg', 'no picture at all');
  folder.write('photo.heic.jpg', Buffer.from('\0\0\0\x18ftypheic0000'));
  const large = openSync(folder.write('film.mp4', Buffer.from('\0\0\0\x18ftypisom0000')), 'r+');
  ftruncateSync(large, 50 * MEGABYTE + 1);
  writeFileSync(
    Buffer.concat([Buffer.from(`${folder.root}/caf`), Buffer.from([0xe9]), Buffer.from('.jpg')]),
    picture(2),
  );
  expect(await index()).toEqual({ added: 1, empty: 1, unreadable: 3, tooLarge: 1 });
  expect(notices.map(({ kind, path }) => `${kind} ${below(path)}`).sort()).toEqual([
    'empty empty.gif',
    'too_large film.mp4',
    'unreadable broken.jpg',
    'unreadable caf\uFFFD.jpg',
    'unreadable photo.heic.jpg',
  ]);
});

test.skipIf(process.getuid?.() === 0)('files and folders without permission are named', async () => {
  folder.write('ok.jpg', 1);
  chmodSync(folder.write('closed.jpg', 2), 0);
  folder.write('shut/in.jpg', 3);
  chmodSync(join(folder.root, 'shut'), 0);
  expect(await index()).toEqual({ added: 1, unreadable: 2 });
  chmodSync(join(folder.root, 'shut'), 0o700);
});

test('the kind follows from the content, and pictures beyond Telegram’s limits for photos are documents', async () => {
  const sized = (width: number, height: number) => {
    const bytes = Buffer.from(picture(width + height));
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  };
  const files: [string, Uint8Array, string][] = [
    ['photo.jpg', Buffer.from(picture(1)), 'photo'],
    ['square.png', sized(5000, 5000), 'photo'],
    ['large.png', sized(5001, 5000), 'document'],
    ['strip.png', sized(2001, 100), 'document'],
    ['heavy.png', Buffer.concat([sized(10, 10), Buffer.alloc(10 * MEGABYTE)]), 'document'],
    ['loop.gif', Buffer.from('GIF89a-loop'), 'animation'],
    ['named.jpg', Buffer.from('GIF89a-named'), 'animation'],
    ['clip.mp4', Buffer.from('\0\0\0\x18ftypisom0000'), 'video'],
    ['clip.mov', Buffer.from('\0\0\0\x18ftypqt  0000'), 'video'],
    ['old.mov', Buffer.from('\0\0\0\x18moov00000000'), 'video'],
  ];
  for (const [name, bytes] of files) folder.write(name, bytes);
  expect(await index()).toEqual({ added: files.length });
  const kinds = new Map((await library()).map(({ path, kind }) => [below(path ?? ''), kind]));
  for (const [name, , kind] of files) expect([name, kinds.get(name)]).toEqual([name, kind]);
});

test('the same content is one item, and the duplicate is named with the item that it equals', async () => {
  folder.write('a.jpg', 1);
  expect(await index()).toEqual({ added: 1 });
  folder.write('b/copy.jpg', 1);
  folder.write('b/new.jpg', 2);
  folder.write('c/new too.jpg', 2);
  expect(await index()).toEqual({ unchanged: 1, added: 1, duplicates: 2 });
  const first = await item('a.jpg');
  expect(notices).toContainEqual({
    kind: 'duplicate',
    path: join(folder.root, 'b/copy.jpg'),
    of: { id: first.id, name: first.path },
  });
  expect(await library()).toHaveLength(2);
});

test('what people have sent to Telegram is not taken in again from a folder', async () => {
  const path = folder.write('a.jpg', 1);
  await index();
  const { sha256 } = await item('a.jpg');
  await database.db
    .update(mediaItems)
    .set({ path: null, fileModifiedAt: null, telegramFileId: 'f', fileName: 'sent.jpg' });
  expect(await index()).toEqual({ duplicates: 1 });
  expect(notices).toMatchObject([{ kind: 'duplicate', path, of: { name: 'sent.jpg' } }]);
  expect(await library()).toMatchObject([{ sha256, path: null }]);
});

test('a moved file is the same item at its new place, with the category of its new folder', async () => {
  folder.write('memes/a.jpg', 1);
  folder.write('memes/b.jpg', 2);
  await index();
  const { id } = await item('memes/a.jpg');
  folder.move('memes/a.jpg', 'news/renamed.jpg');
  folder.move('memes/b.jpg', 'b.jpg');
  expect(await index({ isDryRun: true })).toEqual({ moved: 2 });
  expect(await index()).toEqual({ moved: 2 });
  expect(await item('news/renamed.jpg')).toMatchObject({ id, category: 'news' });
  expect(await item('b.jpg')).toMatchObject({ category: null });
  expect(await index()).toEqual({ unchanged: 2 });
});

test('a category that was given by hand stays while the file does not move', async () => {
  folder.write('memes/a.jpg', 1);
  await index({ root: join(folder.root, 'memes') });
  expect(await item('memes/a.jpg')).toMatchObject({ category: null });
  await index();
  expect(await item('memes/a.jpg')).toMatchObject({ category: 'memes' });
  await database.db.update(mediaItems).set({ category: 'chosen' });
  folder.age('memes/a.jpg', 60);
  expect(await index()).toEqual({ unchanged: 1 });
  expect(await item('memes/a.jpg')).toMatchObject({ category: 'chosen' });
});

test('files that are gone are missing until they are back, here or elsewhere', async () => {
  folder.write('a.jpg', 1);
  folder.write('b.jpg', 2);
  await index();
  const a = await item('a.jpg');
  folder.remove('a.jpg');
  folder.remove('b.jpg');
  expect(await index({ isDryRun: true })).toEqual({ missing: 2 });
  expect(await index()).toEqual({ missing: 2 });
  expect(notices).toContainEqual({ kind: 'missing', path: a.path, id: a.id });
  expect(await library()).toMatchObject([{ fileModifiedAt: null }, { fileModifiedAt: null }]);
  expect(await index()).toEqual({ missing: 2 });
  expect(notices).toEqual([]);
  folder.write('a.jpg', 1);
  folder.write('elsewhere/b.jpg', 2);
  expect(await index()).toEqual({ returned: 2 });
  expect(await item('a.jpg')).toMatchObject({ id: a.id, fileModifiedAt: expect.any(Date) });
  expect(await item('elsewhere/b.jpg')).toMatchObject({ category: 'elsewhere' });
});

test('items of other folders are not missing', async () => {
  const other = picturesFolder();
  other.write('b.jpg', 2);
  folder.write('a.jpg', 1);
  await index();
  await index({ root: other.root });
  other.remove('b.jpg');
  expect(await index()).toEqual({ unchanged: 1 });
});

test('a file that was replaced is a new item; the old one is missing and keeps what was decided about it', async () => {
  folder.write('a.jpg', 1);
  await index();
  const { id } = await item('a.jpg');
  folder.write('a.jpg', 22_222);
  expect(await index()).toEqual({ added: 1, missing: 1 });
  expect((await library()).map(({ fileModifiedAt }) => fileModifiedAt !== null).sort()).toEqual([false, true]);
  expect(await index()).toEqual({ unchanged: 1, missing: 1 });
  folder.write('old one.jpg', 1);
  expect(await index()).toEqual({ unchanged: 1, returned: 1 });
  expect(await item('old one.jpg')).toMatchObject({ id });
  folder.write('a.jpg', 'broken now');
  expect(await index()).toEqual({ unchanged: 1, unreadable: 1, missing: 1 });
});

test('two files that changed names keep their items', async () => {
  folder.write('a.jpg', 1);
  folder.write('b.jpg', 222);
  folder.age('a.jpg', 60);
  await index();
  const [a, b] = [await item('a.jpg'), await item('b.jpg')];
  folder.move('a.jpg', 'c.jpg');
  folder.move('b.jpg', 'a.jpg');
  folder.move('c.jpg', 'b.jpg');
  await index();
  expect(await item('a.jpg')).toMatchObject({ id: b.id, sha256: b.sha256, fileModifiedAt: expect.any(Date) });
  expect(await item('b.jpg')).toMatchObject({ id: a.id, sha256: a.sha256, fileModifiedAt: expect.any(Date) });
  expect(await index()).toEqual({ unchanged: 2 });
});

test('an item that was switched off is not brought back by its file', async () => {
  folder.write('a.jpg', 1);
  await index();
  await database.db.update(mediaItems).set({ isActive: false });
  expect(await index()).toEqual({ unchanged: 1 });
  folder.age('a.jpg', 60);
  expect(await index()).toEqual({ unchanged: 1 });
  expect(await library()).toMatchObject([{ isActive: false }]);
});

test('a dry run counts what a real one would do, and writes nothing', async () => {
  folder.write('a.jpg', 1);
  folder.write('b.jpg', 1);
  folder.write('c.jpg', 2);
  expect(await index({ isDryRun: true })).toEqual({ added: 2, duplicates: 1 });
  expect(await library()).toEqual([]);
  expect(await index()).toEqual({ added: 2, duplicates: 1 });
});

test('a walk that is stopped has kept what it did, names nothing as missing, and the next one goes on', async () => {
  for (let number = 1; number <= 10; number += 1) folder.write(`${number}.jpg`, number);
  await index();
  await database.db.delete(mediaItems);
  expect(await index({ stopAfter: 4 })).toEqual({ added: 4, isStopped: true });
  expect(await library()).toHaveLength(4);
  expect(await index({ stopAfter: 1 })).toEqual({ unchanged: 1, isStopped: true });
  expect(await index()).toEqual({ added: 6, unchanged: 4 });
});

test('two walks at once, and a bot that takes the same picture in, make one item of each content', async () => {
  for (let number = 1; number <= 120; number += 1) folder.write(`${number % 7}/${number}.jpg`, number);
  const again = createMediaRepository(database.open());
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update(picture(60)).digest('hex');
  await Promise.all([index(), index(), again.add({ sha256, telegramFileId: 'f', fileName: 'sent.jpg' })]);
  const rows = await library();
  expect(rows).toHaveLength(120);
  expect(new Set(rows.map((row) => row.sha256)).size).toBe(120);
});

test('thousands of files are indexed with flat memory, and known again without reading', {
  timeout: 120_000,
}, async () => {
  const files = 3_000;
  for (let place = 0; place < 30; place += 1) mkdirSync(join(folder.root, `place ${place}`));
  for (let number = 0; number < files; number += 1) {
    writeFileSync(join(folder.root, `place ${number % 30}`, `${number}.png`), picture(number));
  }
  // Once for what a process needs anyway, then measured.
  expect(await index()).toEqual({ added: files });
  const before = process.memoryUsage().rss;
  await database.db.delete(mediaItems);
  const started = performance.now();
  expect(await index()).toEqual({ added: files });
  const first = performance.now();
  expect(await index()).toEqual({ unchanged: files });
  const second = performance.now();
  const grown = (process.memoryUsage().rss - before) / MEGABYTE;
  const perSecond = (ms: number) => Math.round(files / (ms / 1000));
  process.stderr.write(
    `media index: ${perSecond(first - started)} new files/s, ${perSecond(second - first)} known files/s, ${grown.toFixed(0)} MB grown\n`,
  );
  expect(grown).toBeLessThan(60);
  expect(second - first).toBeLessThan(first - started);
});
