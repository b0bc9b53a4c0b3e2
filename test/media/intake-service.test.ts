import { Api } from 'grammy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIntakeService, type IntakeService } from '../../src/media/intake-service.ts';
import type { UploadedMedia } from '../../src/media/uploaded-media.ts';
import { createFileClient } from '../../src/telegram/file-client.ts';
import { addPerson } from '../support/cards.ts';
import { picture } from '../support/picture.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
let intake: IntakeService;
let bob: string;
let seed = 60_000;
beforeAll(async () => {
  team = await startTeam();
  const { apiRoot, token } = team.telegram;
  const files = createFileClient({ api: new Api(token, { apiRoot }), apiRoot, token });
  intake = createIntakeService({ media: team.services.media, files });
  bob = await addPerson(team.test.db, 'Bob');
});
afterAll(() => team.stop());

/** A file at Telegram, and what a message would say about it. */
function upload(number: number, changes: Partial<UploadedMedia> = {}): UploadedMedia {
  const file = team.telegram.files.add({ kind: 'document', bytes: picture(number) });
  return {
    kind: 'document',
    fileId: file.file_id,
    fileUniqueId: file.file_unique_id,
    fileName: 'a.jpg',
    mimeType: null,
    fileSize: file.size,
    caption: null,
    captionEntities: [],
    ...changes,
  };
}

test('equal content is one item, whatever Telegram calls it', async () => {
  seed += 1;
  const first = await intake.takeIn(upload(seed), bob);
  expect(first).toMatchObject({ kind: 'added', isCompared: true });
  const again = await intake.takeIn(upload(seed, { fileUniqueId: 'another', fileName: 'b.jpg' }), bob);
  expect(again).toMatchObject({ kind: 'duplicate', of: { fileName: 'a.jpg' } });
});

test('what Telegram knows as the same file is not even fetched', async () => {
  seed += 1;
  await intake.takeIn(upload(seed), bob);
  const fetched = team.telegram.calls('getFile').length;
  expect((await intake.takeIn(upload(seed), bob)).kind).toBe('duplicate');
  expect(team.telegram.calls('getFile')).toHaveLength(fetched);
});

test('equal content sent many times at once is added once', async () => {
  seed += 1;
  const results = await Promise.all(
    Array.from({ length: 6 }, (_, index) => intake.takeIn(upload(seed, { fileUniqueId: `at once ${index}` }), bob)),
  );
  expect(results.filter(({ kind }) => kind === 'added')).toHaveLength(1);
});

test('a file that Telegram calls too big is taken in uncompared', async () => {
  seed += 1;
  team.telegram.arm('getFile', { error: { code: 400, description: 'Bad Request: file is too big' } });
  const result = await intake.takeIn(upload(seed, { fileSize: null }), bob);
  expect(result).toMatchObject({ kind: 'added', isCompared: false, item: { sha256: null } });
});

test('a file that does not come now is a failure that may be tried again, without its address', async () => {
  seed += 1;
  const file = upload(seed);
  team.telegram.arm('getFile', { error: { code: 500, description: 'Internal Server Error' } });
  await expect(intake.takeIn(file, bob)).rejects.toThrow('500');
  const stored = team.telegram.files.get(file.fileId);
  if (stored) team.telegram.files.blobs.delete(stored.hash);
  const refused = await intake.takeIn(file, bob).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    name: 'OutsideError',
    retryable: true,
    message: 'a file could not be fetched (HTTP 404)',
  });
  expect(String(refused)).not.toContain(team.telegram.token);
});
