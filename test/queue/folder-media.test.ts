import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { asc, eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mediaItems, queueItems } from '../../src/db/schema/index.ts';
import { createFolderIndexService } from '../../src/media/folder-index-service.ts';
import { createFolderRepository } from '../../src/media/folder-repository.ts';
import { POSTING_STEPS } from '../../src/queue/card-messages.ts';
import { picture } from '../support/picture.ts';
import { type PicturesFolder, picturesFolder } from '../support/pictures-folder.ts';
import { interactionRows, onlyCard, onlyMedium } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const HOUR = 3_600_000;
const MP4 = Buffer.from('\0\0\0\x18ftypisom0000');
/** Of 72 to 76 bytes, so that a size alone does not tell two of them apart. */
let seed = 100_000;

let team: Team;
let folder: PicturesFolder;
beforeEach(async () => {
  team = await startTeam();
  folder = picturesFolder();
  seed += 100;
  team.alice.send(team.alice.privateChat, '/start');
  await team.settle();
});
afterEach(() => team.stop());

async function index(): Promise<void> {
  const service = createFolderIndexService({
    folders: createFolderRepository(team.test.database),
    media: team.services.media,
  });
  await service.index(folder.root, {
    isDryRun: false,
    signal: AbortSignal.any([]),
    onNotice: () => {},
    onFile: () => {},
  });
}
/** Asks for the next card in the group, and waits until everything that follows has happened. */
async function next() {
  const before = new Set(cards().map(({ message_id: id }) => id));
  team.bob.send(team.group, '/next');
  await team.settle();
  return cards().filter(({ message_id: id }) => !before.has(id));
}
const cards = () => team.telegram.messages(team.group).filter(({ from }) => from?.is_bot);
/** Puts the only item into the plan, to be delivered now. */
async function plan(): Promise<void> {
  const { id } = await onlyMedium(team.test.db);
  await team.test.db.insert(queueItems).values({ chatId: team.group.id, mediaItemId: id, scheduledFor: NOON });
}
const due = () => team.services.delivery.deliverDue();
const notices = () =>
  team.telegram.messages(team.alice.privateChat).flatMap(({ text, from }) => (from?.is_bot && text ? [text] : []));
const uploads = (method: string) =>
  team.telegram.calls(method).filter(({ payload }) => typeof payload[method.slice(4).toLowerCase()] === 'object');

test('/next sends a file of the folder, and Telegram’s own file the next time', async () => {
  folder.write('memes/funny "cat"; 猫.png', seed);
  await index();
  const [card] = await next();
  expect(card?.photo).toBeDefined();
  expect(card?.caption).toBe(`📁 funny "cat"; 猫.png · memes\n${POSTING_STEPS}`);
  expect(team.telegram.calls('sendChatAction').map(({ payload }) => payload.action)).toContain('upload_photo');
  expect(await onlyMedium(team.test.db)).toMatchObject({
    kind: 'photo',
    telegramFileId: card?.photo?.at(-1)?.file_id,
    telegramFileUniqueId: card?.photo?.at(-1)?.file_unique_id,
  });
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'delivered', messageId: card?.message_id, attempts: 1 });
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionName: '/next',
    context: { outcome: 'done', success: true, media_filename: 'funny "cat"; 猫.png' },
  });

  await team.test.db.update(queueItems).set({ status: 'cancelled' });
  expect(await next()).toMatchObject([{ caption: card?.caption }]);
  expect(uploads('sendPhoto')).toHaveLength(1);
});

test('/next in private says that the card is there when it is', async () => {
  folder.write('a.png', seed);
  await index();
  team.bob.send(team.bob.privateChat, '/next');
  await team.telegram.waitForMessage(team.bob.privateChat, ({ text }) => text === 'The card is in Team.\nOpen it');
  expect(cards()).toHaveLength(1);
});

test('a due card with a file in the folder is uploaded and delivered', async () => {
  folder.write('a.png', seed);
  await index();
  await plan();
  expect(await due()).toMatchObject([{ kind: 'sent' }]);
  expect(cards()).toMatchObject([{ caption: `📁 a.png\n${POSTING_STEPS}` }]);
});

test.each([
  ['video', 'clip.mp4', MP4],
  ['animation', 'loop.gif', Buffer.from('GIF89a-loop')],
  ['document', 'groß; 猫.png', Buffer.concat([picture(7), Buffer.alloc(10 * 1024 * 1024)])],
] as const)('a %s of the folder arrives as what it is', async (kind, name, bytes) => {
  folder.write(name, bytes);
  await index();
  const [card, ...before] = (await next()).toReversed();
  expect(before.map(({ text }) => text)).toEqual(
    kind === 'document'
      ? [`⏫ “${name}” (10 MB) goes to Telegram for the first time. The card comes when it is there.`]
      : [],
  );
  expect(card?.[kind]).toBeDefined();
  expect(card?.document?.file_name ?? card?.video?.file_name).toBe(name);
  expect(await onlyMedium(team.test.db)).toMatchObject({ kind, telegramFileId: card?.[kind]?.file_id });
});

test('a picture of which Telegram cannot make a photo goes as a document, and stays one', async () => {
  folder.write('strange.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 1, 2, 3]));
  await index();
  expect(await onlyMedium(team.test.db)).toMatchObject({ kind: 'photo' });
  const [card] = await next();
  expect(card?.document).toMatchObject({ file_name: 'strange.jpg' });
  expect(await onlyMedium(team.test.db)).toMatchObject({ kind: 'document', telegramFileId: card?.document?.file_id });
});

test('a file id that Telegram does not take any more is replaced by a new upload', async () => {
  folder.write('a.png', seed);
  await index();
  await team.test.db.update(mediaItems).set({ telegramFileId: 'of another bot', telegramFileUniqueId: 'u' });
  const [card] = await next();
  expect(card?.photo).toBeDefined();
  expect(await onlyMedium(team.test.db)).toMatchObject({ telegramFileId: card?.photo?.at(-1)?.file_id });
});

test('T30 a file that is gone fails its card with the reason, is told, marked and not offered; the queue goes on', async () => {
  const path = folder.write('a.png', seed);
  await index();
  await plan();
  rmSync(path);
  const reason = `${path} cannot be read (ENOENT). Run npx storyline media index on its folder again.`;
  expect(await due()).toMatchObject([{ kind: 'failed', fileName: 'a.png', reason }]);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'failed', failure: reason });
  expect(notices().at(-1)).toBe(`The card “a.png” could not be sent and is out of the queue: ${reason}`);
  expect(await onlyMedium(team.test.db)).toMatchObject({ isActive: true, fileModifiedAt: null });
  expect((await next())[0]?.text).toMatch(/^📭/);
  folder.write('b.png', seed + 1);
  folder.write('a.png', seed);
  await index();
  expect([...(await next()), ...(await next())].map(({ caption }) => caption?.split('\n')[0]).sort()).toEqual([
    '📁 a.png',
    '📁 b.png',
  ]);
});

test('T30 a file that grew beyond 50 MB, or was replaced, is not sent unseen', async () => {
  const path = folder.write('clip.mp4', MP4);
  await index();
  await plan();
  truncateSync(path, 51 * 1024 * 1024);
  expect(await due()).toMatchObject([
    { kind: 'failed', reason: expect.stringContaining('is not the file that was indexed') },
  ]);
  expect(team.telegram.calls('sendVideo')).toEqual([]);
});

test('/next in the group says when the file of the card is gone', async () => {
  const path = folder.write('a.png', seed);
  await index();
  rmSync(path);
  expect(await next()).toMatchObject([{ text: expect.stringMatching(/^⚠️ “a\.png” could not be sent: .+ENOENT/) }]);
});

test('while a file is uploaded taps are answered, and its card is not taken for one that got stuck', async () => {
  await team.fill(1);
  const waiting = await team.nextCard();
  folder.write('slow.mp4', MP4);
  await index();
  const { promise: isUploading, resolve } = Promise.withResolvers<void>();
  const where = () => {
    resolve();
    return true;
  };
  team.telegram.arm('sendVideo', { delayMs: 1_000 }, { where });
  team.bob.send(team.group, '/next');
  await isUploading;
  expect(await team.bob.press(waiting, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
  team.clock.advance(HOUR);
  await team.services.delivery.recoverStuck({ isStart: false });
  await team.settle();
  expect(cards().filter(({ video }) => video)).toMatchObject([{ caption: expect.not.stringContaining('🔁') }]);
});

test('an upload whose answer was cut leads to one labelled repeat', async () => {
  folder.write('a.png', seed);
  await index();
  await plan();
  team.telegram.arm('sendPhoto', { cut: 'after' });
  expect(await due()).toEqual([{ kind: 'unknown_outcome' }]);
  team.clock.advance(121_000);
  await team.services.delivery.recoverStuck({ isStart: false });
  expect(cards().map(({ caption }) => caption?.startsWith('🔁'))).toEqual([false, true]);
});

test('who sends what lies in the folder is told so, and saves its upload', async () => {
  folder.write('a.png', seed);
  await index();
  const { bob, telegram } = team;
  bob.sendMedia(bob.privateChat, { kind: 'photo', bytes: picture(seed) });
  await telegram.waitForMessage(
    bob.privateChat,
    ({ text }) => text === '♻️ I have this one already: a.png\nIt is in the library already.',
  );
  expect(await onlyMedium(team.test.db)).toMatchObject({ kind: 'photo', telegramFileId: expect.any(String) });
  await next();
  expect(uploads('sendPhoto')).toEqual([]);

  // As a document it is another file at Telegram, which cannot be shown as a photo.
  folder.write('b.png', seed + 1);
  await index();
  bob.sendMedia(bob.privateChat, { kind: 'document', bytes: picture(seed + 1), fileName: 'b.png' });
  await telegram.waitForMessage(bob.privateChat, ({ text }) => text?.includes('b.png') ?? false);
  const [b] = await team.test.db.select().from(mediaItems).where(eq(mediaItems.fileName, 'b.png'));
  expect(b).toMatchObject({ kind: 'photo', telegramFileId: null });
});

test('an item whose file is gone can be posted again once somebody has sent it', async () => {
  folder.write('a.png', seed);
  await index();
  rmSync(join(folder.root, 'a.png'));
  await index();
  const { bob, telegram } = team;
  bob.sendMedia(bob.privateChat, { kind: 'document', bytes: picture(seed), fileName: 'sent.png' });
  await telegram.waitForMessage(bob.privateChat, ({ text }) => text?.startsWith('♻️') ?? false);
  expect(await onlyMedium(team.test.db)).toMatchObject({ kind: 'document', path: null, fileName: 'a.png' });
  expect((await next())[0]?.document).toBeDefined();
});

test('the file id of another item is left to that one', async () => {
  folder.write('a.png', seed);
  await index();
  const [card] = await next();
  await team.test.db.update(mediaItems).set({ telegramFileId: null, telegramFileUniqueId: null });
  await team.test.db.update(queueItems).set({ status: 'cancelled' });
  const unique = card?.photo?.at(-1)?.file_unique_id ?? null;
  await team.test.db
    .insert(mediaItems)
    .values({ fileName: 'other', telegramFileId: 'f', telegramFileUniqueId: unique, lastPostedAt: NOON });
  await next();
  const rows = await team.test.db.select().from(mediaItems).orderBy(asc(sql`path is null`));
  expect(rows).toMatchObject([
    { fileName: 'a.png', telegramFileId: expect.any(String), telegramFileUniqueId: null },
    { fileName: 'other', telegramFileUniqueId: unique },
  ]);
});
