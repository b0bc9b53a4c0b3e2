import { expect, test } from 'vitest';
import { noCounts } from '../../src/media/folder-counts.ts';
import { folderSummary, noticeLine } from '../../src/media/media-messages.ts';

const ROOT = '/srv/pictures';

test('a summary names new and unchanged always, the rest where there is some', () => {
  expect(folderSummary(ROOT, noCounts(), { isDryRun: false })).toEqual(['/srv/pictures: 0 new, 0 unchanged']);
  const counts = {
    ...noCounts(),
    added: 12,
    unchanged: 1200,
    moved: 3,
    returned: 2,
    duplicates: 1,
    unreadable: 4,
    empty: 5,
    tooLarge: 6,
    missing: 7,
    other: 8,
  };
  expect(folderSummary(ROOT, counts, { isDryRun: true })).toEqual([
    '/srv/pictures: 12 new, 1200 unchanged, 3 moved, 2 back again',
    '  1 duplicate, 4 unreadable, 5 empty, 6 too large, 7 missing, 8 files of other types',
    '  This was a dry run: nothing was written.',
  ]);
});

test('a notice names the file below the folder and what is the matter with it', () => {
  const say = (notice: Parameters<typeof noticeLine>[0]) => noticeLine(notice, ROOT);
  const path = `${ROOT}/memes/a.jpg`;
  expect(say({ kind: 'empty', path })).toBe('empty: memes/a.jpg');
  expect(say({ kind: 'unreadable', path, reason: 'EACCES' })).toBe('unreadable: memes/a.jpg: EACCES');
  expect(say({ kind: 'too_large', path, fileSize: 50 * 1024 * 1024 + 1 })).toBe(
    'too large: memes/a.jpg: 51 MB, bots may send 50 MB',
  );
  expect(say({ kind: 'missing', path, id: 'ID' })).toBe(
    'missing: memes/a.jpg is gone (ID); it is not offered until it is back',
  );
  const of = (name: string, id = 'ID') => say({ kind: 'duplicate', path, of: { id, name } });
  expect(of(`${ROOT}/b.jpg`)).toBe('duplicate: memes/a.jpg is the same as b.jpg (ID)');
  expect(of('/srv/pictures of others/b.jpg')).toBe(
    'duplicate: memes/a.jpg is the same as /srv/pictures of others/b.jpg (ID)',
  );
  expect(of('sent.jpg')).toBe('duplicate: memes/a.jpg is the same as sent.jpg (ID)');
  expect(of(`${ROOT}/b.jpg`, 'new')).toBe('duplicate: memes/a.jpg is the same as b.jpg');
  expect(say({ kind: 'unreadable', path: `${ROOT}/evil\u001B[2J\n.jpg`, reason: 'x' })).toBe(
    'unreadable: evil\uFFFD[2J\uFFFD.jpg: x',
  );
});
