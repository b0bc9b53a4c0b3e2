import type { Message, PhotoSize } from 'grammy/types';
import { expect, test } from 'vitest';
import { uploadedMedia } from '../../src/media/uploaded-media.ts';

function message(content: Partial<Message>): Message {
  return { message_id: 42, date: 1_795_172_400, chat: { id: 1, type: 'private', first_name: 'Bob' }, ...content };
}
const size = (file_id: string, width: number): PhotoSize => ({
  file_id,
  file_unique_id: `u${file_id}`,
  width,
  height: width,
});
const file = { file_id: 'f', file_unique_id: 'u' };
const moving = { ...file, width: 1, height: 1, duration: 1 };

test('of a photo the largest size is taken, under a name that says when it came', () => {
  const photo = [size('small', 90), size('middle', 320), { ...size('large', 1280), file_size: 12_345 }];
  expect(
    uploadedMedia(message({ photo, caption: 'Hi', caption_entities: [{ type: 'bold', offset: 0, length: 2 }] })),
  ).toEqual({
    kind: 'photo',
    fileId: 'large',
    fileUniqueId: 'ularge',
    fileName: 'photo 2026-11-20 #42.jpg',
    mimeType: 'image/jpeg',
    fileSize: 12_345,
    caption: 'Hi',
    captionEntities: [{ type: 'bold', offset: 0, length: 2 }],
  });
});

test('an animation, which Telegram also calls a document, is an animation', () => {
  const animation = { ...moving, file_name: 'loop.gif.mp4' };
  expect(uploadedMedia(message({ animation, document: file }))).toMatchObject({
    kind: 'animation',
    fileName: 'loop.gif.mp4',
  });
});

test('videos and documents keep their names; without one they get one', () => {
  expect(
    uploadedMedia(message({ video: { ...moving, file_name: 'trip.mov', mime_type: 'video/quicktime' } })),
  ).toMatchObject({
    kind: 'video',
    fileName: 'trip.mov',
    mimeType: 'video/quicktime',
  });
  expect(uploadedMedia(message({ video: moving }))?.fileName).toBe('video 2026-11-20 #42.mp4');
  expect(uploadedMedia(message({ document: file }))).toMatchObject({
    kind: 'document',
    fileName: 'document 2026-11-20 #42.bin',
    mimeType: null,
    fileSize: null,
    caption: null,
  });
});

test('text, stickers and voice are nothing that can be posted', () => {
  expect(uploadedMedia(message({ text: 'hello' }))).toBeUndefined();
  expect(uploadedMedia(message({ voice: { ...file, duration: 1 } }))).toBeUndefined();
});
