import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kindOf, readHeader } from '../../src/media/file-header.ts';

/** A JPEG up to its frame: what a camera puts before it, then the frame with its size. */
function jpeg(width: number, height: number, before: Buffer = Buffer.alloc(0)): Buffer {
  const frame = Buffer.from([0xff, 0xc2, 0, 11, 8, 0, 0, 0, 0, 1, 0, 0, 0]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), before, frame]);
}
function segment(marker: number, length: number): Buffer {
  const bytes = Buffer.alloc(length + 2);
  bytes.writeUInt16BE(0xff00 + marker, 0);
  bytes.writeUInt16BE(length, 2);
  return bytes;
}
function webp(chunk: string, bytes: readonly number[]): Buffer {
  const head = Buffer.from(`RIFF\0\0\0\0WEBP${chunk}\0\0\0\0`, 'latin1');
  return Buffer.concat([head, Buffer.from(bytes), Buffer.alloc(16)]);
}

test('the size of a JPEG stands behind its preview, its tables and its fill bytes', () => {
  const before = Buffer.concat([segment(0xe1, 65_000), segment(0xc4, 30), Buffer.from([0xff, 0xff]), segment(0xe2, 9)]);
  const expected = { mimeType: 'image/jpeg', size: { width: 4000, height: 3000 } };
  expect(readHeader(jpeg(4000, 3000, before))).toEqual(expected);
  expect(readHeader(jpeg(4000, 3000, before).subarray(0, 60_000))).toEqual({ ...expected, size: undefined });
});

test('WebP is measured in its three forms', () => {
  const size = { width: 300, height: 200 };
  expect(readHeader(webp('VP8X', [0, 0, 0, 0, 43, 1, 0, 199, 0, 0]))?.size).toEqual(size);
  expect(readHeader(webp('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a, 44, 1, 200, 0]))?.size).toEqual(size);
  const lossless = Buffer.alloc(4);
  lossless.writeUInt32LE(299 | (199 << 14));
  expect(readHeader(webp('VP8L', [0x2f, ...lossless]))?.size).toEqual(size);
});

test('a picture goes as a photo up to Telegram’s limits, and as a document beyond each of them', () => {
  const kind = (width: number, height: number, bytes = 1000) =>
    kindOf({ mimeType: 'image/jpeg', size: { width, height } }, bytes);
  expect(kind(6000, 4000)).toBe('photo');
  expect(kind(6000, 4001)).toBe('document');
  expect(kind(2000, 100)).toBe('photo');
  expect(kind(100, 2001)).toBe('document');
  expect(kind(10, 10, 10 * 1024 * 1024)).toBe('photo');
  expect(kind(10, 10, 10 * 1024 * 1024 + 1)).toBe('document');
});

test('whatever the bytes are, they are recognised or not, and nothing is thrown', () => {
  const starts = [
    '\xff\xd8\xff',
    '\x89PNG\r\n\x1a\n',
    'RIFF0000WEBPVP8X',
    'RIFF0000WEBPVP8L',
    'GIF89a',
    '0000ftyp',
    '0000moov',
    '',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 80 }), (start, rest) => {
      const bytes = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
      const header = readHeader(bytes);
      if (header) expect(['photo', 'video', 'animation', 'document']).toContain(kindOf(header, bytes.length));
    }),
    { numRuns: 500 },
  );
});
