import type { MediaKind } from '../db/schema/index.ts';

/** What the first bytes of a file say. `size` is known of pictures, as far as it stands in those bytes. */
export type FileHeader = {
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif' | 'video/mp4' | 'video/quicktime';
  size?: { width: number; height: number } | undefined;
};

/** So much of a file is looked at: the size of a JPEG stands behind what the camera wrote (a preview, maps of colours). */
export const HEADER_BYTES = 256 * 1024;

/** Telegram's limits for photos (Bot API, sendPhoto): bytes, width + height, and the ratio of the two. */
const MAX_PHOTO_BYTES = 10 * 1024 * 1024;
const MAX_PHOTO_EDGES = 10_000;
const MAX_PHOTO_RATIO = 20;

/** Brands of ISO files that are still pictures (HEIC, AVIF, Canon raw), which Telegram takes neither as photo nor as video. */
const STILL_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'mif1', 'msf1', 'avif', 'avis', 'crx ']);
/** QuickTime files from before 2001 begin with one of these instead of `ftyp`. */
const OLD_QUICKTIME = new Set(['moov', 'mdat', 'wide', 'free', 'skip', 'pnot']);

/** Recognises the formats of the library by content, whatever the file is called; undefined for everything else. */
export function readHeader(bytes: Uint8Array): FileHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (offset: number, length = 4) => String.fromCharCode(...bytes.subarray(offset, offset + length));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) {
    return { mimeType: 'image/jpeg', size: jpegSize(view) };
  }
  if (tag(0, 8) === '\x89PNG\r\n\x1a\n') {
    const size = bytes.length >= 24 ? { width: view.getUint32(16), height: view.getUint32(20) } : undefined;
    return { mimeType: 'image/png', size };
  }
  if (tag(0) === 'RIFF' && tag(8) === 'WEBP') return { mimeType: 'image/webp', size: webpSize(view, tag(12)) };
  if (tag(0, 6) === 'GIF87a' || tag(0, 6) === 'GIF89a') return { mimeType: 'image/gif' };
  if (tag(4) === 'ftyp') {
    const brand = tag(8);
    if (STILL_BRANDS.has(brand)) return undefined;
    return { mimeType: brand === 'qt  ' ? 'video/quicktime' : 'video/mp4' };
  }
  return OLD_QUICKTIME.has(tag(4)) ? { mimeType: 'video/quicktime' } : undefined;
}

/** As what Telegram is to show a file: pictures beyond its limits for photos go as documents. */
export function kindOf({ mimeType, size }: FileHeader, fileSize: number): MediaKind {
  if (mimeType === 'image/gif') return 'animation';
  if (mimeType.startsWith('video/')) return 'video';
  if (fileSize > MAX_PHOTO_BYTES) return 'document';
  // A size that is not known here is left to Telegram, which says so when it does not like it (medium-service.ts).
  if (!size) return 'photo';
  const { width, height } = size;
  const ratio = Math.max(width, height) / Math.max(1, Math.min(width, height));
  return width + height > MAX_PHOTO_EDGES || ratio > MAX_PHOTO_RATIO ? 'document' : 'photo';
}

/** Walks from segment to segment until the one that begins the frame (SOF). */
function jpegSize(view: DataView): FileHeader['size'] {
  let offset = 2;
  while (offset + 9 <= view.byteLength && view.getUint8(offset) === 0xff) {
    const marker = view.getUint8(offset + 1);
    // Fill bytes may stand before a marker.
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(offset + 7), height: view.getUint16(offset + 5) };
    offset += 2 + view.getUint16(offset + 2);
  }
  return undefined;
}

/** A WebP has one of three first chunks (RFC 9649): extended, lossy, lossless. */
function webpSize(view: DataView, chunk: string): FileHeader['size'] {
  if (view.byteLength < 30) return undefined;
  if (chunk === 'VP8X') {
    const threeBytes = (offset: number) => view.getUint16(offset, true) + (view.getUint8(offset + 2) << 16) + 1;
    return { width: threeBytes(24), height: threeBytes(27) };
  }
  if (chunk === 'VP8 ') {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (chunk !== 'VP8L') return undefined;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}
