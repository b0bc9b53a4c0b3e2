import { InputFile } from 'grammy';
import { expect, test } from 'vitest';
import { pngOf, refusalOf, startTelegram } from './cast.ts';

const WRONG_ID = '400 Bad Request: wrong file identifier/HTTP URL specified';

test('an upload gets ids, is downloaded byte for byte and sent again by id', async () => {
  const { telegram, api, team } = await startTelegram();
  const bytes = pngOf(1080, 1350);
  const sent = await api.sendPhoto(team.id, new InputFile(bytes, 'poster.png'), { caption: 'poster' });
  const largest = sent.photo.at(-1);
  expect(sent.photo).toHaveLength(2);
  expect(largest).toMatchObject({ width: 1080, height: 1350, file_size: bytes.length });
  const file = await api.getFile(largest?.file_id ?? '');
  const download = await fetch(`${telegram.apiRoot}/file/bot${telegram.token}/${file.file_path}`);
  expect(download.headers.get('content-type')).toBe('image/png');
  expect(new Uint8Array(await download.arrayBuffer())).toEqual(bytes);
  const again = await api.sendPhoto(team.id, sent.photo[0]?.file_id ?? '');
  expect(again.photo).toEqual(sent.photo);
});

test('the same content has the same unique id and another file id', async () => {
  const { api, team } = await startTelegram();
  const first = await api.sendDocument(team.id, new InputFile(Buffer.from('hello'), 'a.txt'));
  const second = await api.sendDocument(team.id, new InputFile(Buffer.from('hello'), 'b.txt'));
  const other = await api.sendDocument(team.id, new InputFile(Buffer.from('world'), 'c.txt'));
  expect(second.document.file_unique_id).toBe(first.document.file_unique_id);
  expect(second.document.file_id).not.toBe(first.document.file_id);
  expect(other.document.file_unique_id).not.toBe(first.document.file_unique_id);
});

test('an id of another kind, an unknown one and an address are refused', async () => {
  const { api, team } = await startTelegram();
  const { document } = await api.sendDocument(team.id, new InputFile(Buffer.from('hello'), 'a.txt'));
  expect(await refusalOf(api.sendPhoto(team.id, document.file_id))).toBe(
    "400 Bad Request: can't use file of type Document as Photo",
  );
  expect(await refusalOf(api.sendPhoto(team.id, 'nonsense'))).toBe(WRONG_ID);
  expect(await refusalOf(api.sendPhoto(team.id, 'https://example.org/a.png'))).toBe(WRONG_ID);
  expect(await refusalOf(api.getFile('nonsense'))).toBe('400 Bad Request: invalid file_id');
});

test('an animation is a document as well, a video has its measures', async () => {
  const { api, team } = await startTelegram();
  const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([0x40, 1, 0xf0, 0])]);
  const { animation, document } = await api.sendAnimation(team.id, new InputFile(gif, 'a.gif'));
  expect(animation).toMatchObject({ width: 320, height: 240, mime_type: 'image/gif' });
  expect(document?.file_id).toBe(animation.file_id);
  const { video } = await api.sendVideo(team.id, new InputFile(Buffer.from('mp4'), 'a.mp4'), {
    width: 720,
    height: 1280,
    duration: 9,
  });
  expect(video).toMatchObject({ width: 720, height: 1280, duration: 9, mime_type: 'video/mp4', file_name: 'a.mp4' });
});

test('photos are images of at most 10 MB and sane proportions', async () => {
  const { api, team } = await startTelegram();
  const send = (bytes: Uint8Array) => refusalOf(api.sendPhoto(team.id, new InputFile(bytes, 'a.png')));
  expect(await send(Buffer.from('no image'))).toBe('400 Bad Request: IMAGE_PROCESS_FAILED');
  expect(await send(pngOf(100, 2100))).toBe('400 Bad Request: PHOTO_INVALID_DIMENSIONS');
  const large = Buffer.concat([pngOf(100, 100), Buffer.alloc(10 * 1024 * 1024)]);
  expect(await send(large)).toMatch('is too big for a photo');
});

test('uploads end at 50 MB, downloads at 20 MB', async () => {
  const { api, team } = await startTelegram();
  const megabytes = (count: number) => new InputFile(Buffer.alloc(count * 1024 * 1024, 1), 'a.bin');
  expect(await refusalOf(api.sendDocument(team.id, megabytes(51)))).toBe('413 Request Entity Too Large');
  const { document } = await api.sendDocument(team.id, megabytes(21));
  expect(await refusalOf(api.getFile(document.file_id))).toBe('400 Bad Request: file is too big');
});

test('an album has 2 to 10 items of kinds that go together', async () => {
  const { telegram, api, team } = await startTelegram();
  const photo = (name: string) => ({ type: 'photo' as const, media: new InputFile(pngOf(640, 480), name) });
  const album = await api.sendMediaGroup(team.id, [{ ...photo('a.png'), caption: 'both' }, photo('b.png')]);
  expect(album.map(({ caption }) => caption)).toEqual(['both', undefined]);
  const groupIds = telegram.messages(team).map(({ media_group_id }) => media_group_id);
  expect(groupIds).toEqual([expect.any(String), groupIds[0]]);
  expect(await refusalOf(api.sendMediaGroup(team.id, [photo('a.png')]))).toMatch('2-10 items');
  const { document } = await api.sendDocument(team.id, new InputFile(Buffer.from('x'), 'a.txt'));
  const response = await fetch(`${telegram.apiRoot}/bot${telegram.token}/sendMediaGroup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      chat_id: team.id,
      media: [
        { type: 'photo', media: telegram.messages(team)[0]?.photo?.at(-1)?.file_id },
        { type: 'document', media: document.file_id },
      ],
    }),
  });
  expect(await response.json()).toMatchObject({ description: expect.stringContaining("can't be mixed") });
});

test('a file that a person sends reaches the bot with its ids', async () => {
  const { telegram, api, alice } = await startTelegram();
  const bytes = Buffer.from('hello');
  alice.sendMedia(alice.privateChat, { kind: 'document', bytes, fileName: 'notes.txt', caption: 'see @bob' });
  const { message } = telegram.lastUpdate();
  expect(message).toMatchObject({ caption: 'see @bob', caption_entities: [{ type: 'mention' }] });
  const { file_path } = await api.getFile(message?.document?.file_id ?? '');
  const download = await fetch(`${telegram.apiRoot}/file/bot${telegram.token}/${file_path}`);
  expect(await download.text()).toBe('hello');
});

test('a download needs the right token', async () => {
  const { telegram } = await startTelegram();
  expect((await fetch(`${telegram.apiRoot}/file/bot1:wrong/photos/file_1.png`)).status).toBe(401);
  expect((await fetch(`${telegram.apiRoot}/file/bot${telegram.token}/photos/file_9.png`)).status).toBe(404);
});
